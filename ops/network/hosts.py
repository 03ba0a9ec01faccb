"""Hosts and ports as the network's description writes them."""

from __future__ import annotations

import ipaddress
import re

from services.chassis.settings import split_listen

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DNS_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*", re.IGNORECASE)
_DNS_NAME_LENGTH_MAX = 253


def ip_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that ``host`` is, None if it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_host(host: str) -> bool:
    """Whether ``host`` is an address or could be a name in the DNS."""
    return ip_of(host) is not None or (len(host) <= _DNS_NAME_LENGTH_MAX and _DNS_NAME.fullmatch(host) is not None)


def host_of(address: str) -> str:
    """Return the host of ``host:port``."""
    return split_listen(address)[0]


def port_of(address: str) -> int:
    """Return the port of ``host:port``."""
    return split_listen(address)[1]


def why_no_address(address: str) -> str:
    """Return why ``address`` is no ``host:port`` that somebody could listen on or dial; empty if it is one."""
    try:
        host, port = split_listen(address)
    except ValueError:
        return "is not host:port"
    if not is_host(host):
        return "names no host"
    return "" if port else "needs a port"
