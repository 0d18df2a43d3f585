"""The driver's errors become the kinds that callers know."""

from __future__ import annotations

import pytest
from pymongo import errors

from kibble.kernel.errors import KibbleError, StaleVersion, TimedOut, Unavailable
from kibble.platform.engines.mongodb import translated


def bulk(*codes: int) -> errors.BulkWriteError:
    return errors.BulkWriteError({"writeErrors": [{"code": code} for code in codes]})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.DuplicateKeyError("E11000"), StaleVersion),
        (bulk(11000, 11000), StaleVersion),
        (bulk(11000, 2), Unavailable),
        (bulk(), Unavailable),
        (errors.ServerSelectionTimeoutError("nobody"), Unavailable),
        (errors.AutoReconnect("cut"), TimedOut),
        (errors.NetworkTimeout("slow"), TimedOut),
        (errors.WTimeoutError("one member alone has it"), TimedOut),
        (errors.OperationFailure("no"), Unavailable),
    ],
)
def test_each_kind_of_error_has_its_own(
    error: errors.PyMongoError, kind: type[KibbleError]
) -> None:
    with pytest.raises(KibbleError) as caught, translated():
        raise error
    assert type(caught.value) is kind
    assert caught.value.__cause__ is error


def test_what_is_no_error_of_the_driver_passes() -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError("a bug")
