"""What is read of the CloudFormation templates."""

from __future__ import annotations

import pytest

from tools.deploy.templates import mappings
from tools.distributed.gateway import PATHS


def test_the_load_balancer_of_ecs_sends_each_path_where_haproxy_does() -> None:
    routes = mappings("fargate")["Routes"]
    sent = {name: tuple(path.rstrip("*") for path in one["Paths"]) for name, one in routes.items()}
    assert sent == {**PATHS, "gateway": ("/",)}


def test_a_template_without_mappings_has_none_to_read() -> None:
    with pytest.raises(ValueError, match="network"):
        mappings("network")
