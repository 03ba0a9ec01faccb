"""Facts about hosts and ports in the description."""

from __future__ import annotations

import pytest

from ops.network.hosts import host_of, is_host, port_of, why_no_address


@pytest.mark.parametrize("host", ["localhost", "nats.stockholm.example", "10.0.0.1", "::1", "a-b.c", "1.example"])
def test_names_and_addresses_are_hosts(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize(
    "host", ["", "-a", "a-", "a..b", "a_b", "a b", "a" * 64, 'a"', "http://a", ".".join(["ab"] * 90)]
)
def test_what_the_dns_cannot_hold_is_no_host(host: str) -> None:
    assert not is_host(host)


@pytest.mark.parametrize("address", ["nats:7422", "127.0.0.1:1", "[::1]:65535"])
def test_an_address_is_a_host_and_a_port(address: str) -> None:
    assert why_no_address(address) == ""
    assert is_host(host_of(address))
    assert 0 < port_of(address) <= 65_535


@pytest.mark.parametrize(
    "address", ["", "nats", "nats:", "nats:0", "nats:65536", ":7422", "na ts:1", "::1:7422", "a/b:1"]
)
def test_what_nobody_could_dial_is_no_address(address: str) -> None:
    assert why_no_address(address)
