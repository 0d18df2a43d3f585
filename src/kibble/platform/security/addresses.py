"""Which addresses belong to the public internet: the only ones that other people may have us call.

Whoever may name an address could otherwise reach what only the shop's machines can: engines,
neighbours, the cloud's metadata (OWASP, Server-Side Request Forgery Prevention Cheat Sheet).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = ip_network("64:ff9b::/96")
_NOT_PUBLIC = tuple(
    ip_network(text)
    for text in (
        # What the registries of RFC 6890 call global, and what leads back inside all the same.
        "192.0.0.0/24",
        "192.88.99.0/24",
        "64:ff9b:1::/48",
        "fec0::/10",
        "::/96",
    )
)


def networks(text: str) -> tuple[Network, ...]:
    """Return the networks in a list with commas; raises ``ValueError`` for what is none."""
    return tuple(ip_network(each) for each in text.replace(",", " ").split())


def is_public(text: str) -> bool:
    """Tell whether an address is one of the public internet, in whatever way it is written down.

    An IPv6 address that carries an IPv4 address (mapped, 6to4, NAT64, Teredo) is what it carries.
    """
    return all(_is_public(address) for address in _meant(ip_address(text.partition("%")[0])))


def is_in(text: str, allowed: Iterable[Network]) -> bool:
    """Tell whether an address, and all that it carries, is in one of some networks."""
    meant = list(_meant(ip_address(text.partition("%")[0])))
    listed = list(allowed)
    return all(any(address in network for network in listed) for address in meant)


def _meant(address: Address) -> Iterator[Address]:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            yield address.ipv4_mapped
            return
        if address in _NAT64:
            yield IPv4Address(int(address) & 0xFFFF_FFFF)
            return
        if address.sixtofour is not None:
            yield address.sixtofour
        if address.teredo is not None:
            yield from address.teredo
    yield address


def _is_public(address: Address) -> bool:
    if address.is_multicast or not address.is_global:
        return False
    return not any(address in network for network in _NOT_PUBLIC)
