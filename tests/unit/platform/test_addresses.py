"""Which addresses are of the public internet."""

from __future__ import annotations

import pytest

from kibble.platform.security.addresses import is_in, is_public, networks

INSIDE = [
    "0.0.0.0",  # noqa: S104 - nothing is bound to it
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
OUTSIDE = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", INSIDE)
def test_what_leads_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_leads_outside_is_public(address: str) -> None:
    assert is_public(address)


def test_a_network_of_ones_own_is_named_in_either_way_of_writing() -> None:
    own = networks("127.0.0.0/8, 10.1.0.0/16 fd00::/8")
    assert is_in("127.0.0.1", own)
    assert is_in("::ffff:10.1.2.3", own)
    assert is_in("fd00::5", own)
    assert not is_in("10.2.0.1", own)
    assert not is_in("64:ff9b::a02:1", own)


def test_a_network_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="here"):
        networks("127.0.0.0/8,here")
