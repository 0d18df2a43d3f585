from __future__ import annotations

from kibble.gateway.headers import inline_hash, page_policy


def directives(policy: str) -> dict[str, list[str]]:
    rows = [row.split() for row in policy.split(";")]
    return {row[0]: row[1:] for row in rows}


class TestThePolicyOfAPage:
    def test_lets_nothing_inline_run_that_is_not_named(self) -> None:
        policy = directives(page_policy())
        assert policy["default-src"] == ["'none'"]
        assert policy["script-src"] == ["'self'"]
        assert "unsafe" not in page_policy("abc", ["x"])

    def test_names_an_answers_nonce_and_the_hashes_of_what_is_inline(self) -> None:
        policy = directives(page_policy("r4nd0m", [inline_hash("let a = 1")]))

        assert policy["style-src"] == [
            "'self'",
            "'nonce-r4nd0m'",
            f"'sha256-{inline_hash('let a = 1')}'",
        ]
        assert policy["script-src"] == policy["style-src"]

    def test_forbids_frames_and_objects_and_tells_where_to_report(self) -> None:
        policy = directives(page_policy())
        assert policy["frame-ancestors"] == policy["object-src"] == ["'none'"]
        assert policy["report-uri"] == ["/csp-reports"]
