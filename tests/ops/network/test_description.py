"""Facts about the description of a network: what it says, and that all its faults are told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.failure import Failure
from ops.network.description import (
    DESCRIPTION_BYTES_MAX,
    DescriptionFault,
    Link,
    parse_network,
    read_network,
)

REGION_KEYS = ("name", "leaf", "leaf_listen", "client_listen", "monitor_listen", "directory", "kubernetes")
REGION_FORM = "lower-case letters, digits and hyphens, at most 32, a letter first"
THREE = """
name = "acme"
[[regions]]
name = "stockholm"
leaf = "nats.stockholm.example:7422"
[[regions]]
name = "tokyo"
leaf = "nats.tokyo.example:7423"
leaf_listen = "10.0.0.7:7422"
client_listen = "10.0.0.7:4222"
monitor_listen = "127.0.0.1:9222"
directory = "/etc/samverka"
[[regions]]
name = "austin"
leaf = "[2001:db8::1]:7422"
"""


def _regions(count: int) -> str:
    return 'name = "acme"\n' + "".join(
        f'[[regions]]\nname = "r{number}"\nleaf = "r{number}:7422"\n' for number in range(count)
    )


def _faults(text: str) -> tuple[str, ...]:
    with pytest.raises(DescriptionFault) as caught:
        parse_network(text)
    return caught.value.faults


def test_without_links_everybody_shares_with_everybody_and_the_later_dials() -> None:
    network = parse_network(THREE)
    assert network.links == (Link("tokyo", "stockholm"), Link("austin", "stockholm"), Link("austin", "tokyo"))
    assert network.peers("tokyo") == ["stockholm", "austin"]


def test_the_later_dials_whichever_way_a_link_is_written() -> None:
    network = parse_network('links = [["austin", "stockholm"], ["stockholm", "tokyo"]]' + THREE)
    assert network.links == (Link("austin", "stockholm"), Link("tokyo", "stockholm"))
    assert network.peers("austin") == ["stockholm"]


def test_addresses_that_are_not_given_have_sensible_values() -> None:
    stockholm, tokyo, _ = parse_network(THREE).regions
    assert (stockholm.leaf_listen, stockholm.client_listen) == ("0.0.0.0:7422", "127.0.0.1:4222")
    assert (stockholm.monitor_listen, stockholm.directory) == ("127.0.0.1:8222", None)
    assert (tokyo.leaf_listen, tokyo.directory) == ("10.0.0.7:7422", Path("/etc/samverka"))


def test_a_region_on_kubernetes_has_three_servers_and_the_places_of_the_manifests() -> None:
    (region,) = parse_network(_regions(1) + "kubernetes = true").regions
    assert region.routes == ("nats-0.nats-peers:6222", "nats-1.nats-peers:6222", "nats-2.nats-peers:6222")
    assert (region.client_listen, region.leaf_listen, region.route_listen) == (
        "0.0.0.0:4222",
        "0.0.0.0:7422",
        "0.0.0.0:6222",
    )
    assert (region.directory, region.store) == (Path("/etc/samverka"), Path("/var/lib/nats"))


@pytest.mark.parametrize("key", ["leaf_listen", "client_listen", "monitor_listen", "directory"])
def test_a_region_on_kubernetes_has_no_places_of_its_own(key: str) -> None:
    faults = _faults(_regions(1) + f'kubernetes = true\n{key} = "/etc/samverka:1"')
    assert f"regions, number 1 (r0): {key} is what deploy/k8s says where kubernetes is true" in faults


def test_whether_a_region_is_on_kubernetes_is_true_or_false() -> None:
    faults = _faults(_regions(1) + 'kubernetes = "yes"')
    assert faults == ("regions, number 1 (r0): kubernetes: 'yes' is neither true nor false",)


def test_all_faults_are_told_at_once_with_their_places() -> None:
    faults = _faults("""
name = 7
owner = "us"
links = [["stockholm", "oslo"], ["stockholm"], ["tokyo", "tokyo"], ["stockholm", "tokyo"], ["tokyo", "stockholm"]]
[[regions]]
name = "stockholm"
leaf = "nats"
[[regions]]
name = "To_kyo"
laef = "nats:7422"
[[regions]]
name = "tokyo"
leaf = "nats.tokyo.example:7422"
directory = "here"
[[regions]]
name = "tokyo"
leaf = "nats.tokyo.example:7422"
""")
    assert faults == (
        "'owner' is unknown; there are name, regions, links",
        "name: 7 is not a text",
        "regions, number 1 (stockholm): leaf: 'nats' is not host:port",
        f"regions, number 2 (To_kyo): 'laef' is unknown; there are {', '.join(REGION_KEYS)}",
        f"regions, number 2 (To_kyo): name: 'To_kyo' is no region: {REGION_FORM}",
        "regions, number 2 (To_kyo): leaf is missing",
        "regions, number 3 (tokyo): directory: 'here' is no absolute path",
        "regions: tokyo is there twice",
        "regions: nats.tokyo.example:7422 is the leaf of two regions",
        "links, number 2: ['stockholm'] is not a pair of texts",
        "links: stockholm – oslo: there is no region oslo",
        "links: tokyo – tokyo: a region is not linked with itself",
        "links: stockholm – tokyo is there twice",
    )


@pytest.mark.parametrize(
    "text", ["", 'name = "a"', 'name = "a"\nregions = []', 'name = "a"\nregions = 3', 'name = "a"\nregions = [3]']
)
def test_a_network_has_regions(text: str) -> None:
    assert "regions is not a list of tables, such as [[regions]]" in _faults(text)


@pytest.mark.parametrize("links", ["3", "{}", '"stockholm"'])
def test_links_are_a_list(links: str) -> None:
    assert _faults(f"links = {links}{THREE}") == ('links is not a list of pairs, such as [["a", "b"]]',)


@pytest.mark.parametrize("name", ["", " ", "a\\nb", "a" * 65])
def test_a_network_has_a_name_that_can_be_shown(name: str) -> None:
    assert _faults(_regions(1).replace("acme", name))[0].startswith("name: ")


def test_what_is_not_toml_is_told_with_its_line() -> None:
    assert "line 2" in _faults('name = "a"\nregions\n')[0]


def test_32_regions_form_a_mesh_and_more_must_list_their_links() -> None:
    assert len(parse_network(_regions(32)).links) == 32 * 31 // 2
    assert _faults(_regions(33)) == ("at most 32 regions form a full mesh; list the links of 33",)
    ring = ", ".join(f'["r{number}", "r{(number + 1) % 33}"]' for number in range(33))
    assert len(parse_network(f"links = [{ring}]\n{_regions(33)}").links) == 33


def test_a_hub_has_at_most_31_peers() -> None:
    star = ", ".join(f'["r0", "r{number}"]' for number in range(1, 33))
    assert _faults(f"links = [{star}]\n{_regions(33)}") == ("links: r0 has 32 peers; at most 31 are possible",)


def test_a_network_has_at_most_256_regions() -> None:
    assert _faults(f"links = []\n{_regions(257)}") == ("regions: there are 257; at most 256 are possible",)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot be read"):
        read_network(tmp_path / "network.toml")
    (tmp_path / "network.toml").write_bytes(b"\xff")
    with pytest.raises(Failure, match="not UTF-8"):
        read_network(tmp_path / "network.toml")
    (tmp_path / "network.toml").write_bytes(b"#" * (DESCRIPTION_BYTES_MAX + 1))
    with pytest.raises(Failure, match="longer than"):
        read_network(tmp_path / "network.toml")
