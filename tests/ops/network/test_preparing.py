"""Facts about what each region is given: all that it needs, and no secret of another."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from ops.failure import Failure
from ops.nats.keys import public_key_of
from ops.network.certificates import RENEWED_DAYS_BEFORE, make_authority, make_certificate
from ops.network.description import Link, Network, parse_network
from ops.network.preparing import all_seeds
from tests.ops.network.directories import NOW_MS, Directory, network

REGIONS = ("stock-holm", "tokyo", "austin")
DAY_MS = 24 * 3600 * 1000


def test_a_region_has_the_peers_of_its_links(directory: Directory) -> None:
    directory.write(network(*REGIONS, links=(Link("tokyo", "stock-holm"), Link("austin", "tokyo"))))
    peers = {name: json.loads(directory.data.region(name).peers.read_text()) for name in REGIONS}
    assert peers == {
        "stock-holm": {"region": "stock-holm", "peers": ["tokyo"]},
        "tokyo": {"region": "tokyo", "peers": ["stock-holm", "austin"]},
        "austin": {"region": "austin", "peers": ["tokyo"]},
    }


def test_a_region_without_links_has_no_peers_and_can_have_some_without_a_restart(directory: Directory) -> None:
    directory.write(network("stock-holm"))
    conf = directory.data.region("stock-holm").nats_conf.read_text()
    assert "leafnodes" in conf
    assert "PEER_" not in conf


def test_every_secret_lies_in_one_regions_directory_or_in_nobodys(directory: Directory) -> None:
    directory.write(network(*REGIONS))
    contents = directory.contents()
    secrets = directory.secrets()
    assert len(set(secrets)) == len(secrets) > 3 * 3 + 3
    for secret in secrets:
        (place,) = {name.partition("/")[0] for name, content in contents.items() if secret in content}
        assert place in (*REGIONS, "_network")


def test_the_seed_of_a_link_is_with_the_one_who_dials_and_its_key_with_the_one_who_accepts(
    directory: Directory,
) -> None:
    directory.write(network(*REGIONS))
    for dialler, accepter in (("tokyo", "stock-holm"), ("austin", "stock-holm"), ("austin", "tokyo")):
        seed = directory.data.region(dialler).link_seed(accepter)
        key = public_key_of(seed)
        assert key in directory.data.region(accepter).nats_conf.read_text()
        assert key not in directory.data.region(dialler).nats_conf.read_text()
        assert seed.read_text() in directory.data.region(dialler).link_include(accepter).read_text()
        assert not directory.data.region(accepter).link_seed(dialler).exists()


def test_no_configuration_holds_a_secret(directory: Directory) -> None:
    directory.write(network(*REGIONS))
    for name in REGIONS:
        conf = directory.data.region(name).nats_conf.read_bytes()
        assert not any(secret in conf for secret in directory.secrets())


def test_files_that_will_lie_elsewhere_are_named_where_they_will_lie(directory: Directory) -> None:
    described = network("stock-holm", "tokyo")
    elsewhere = replace(described.regions[1], directory=Path("/etc/sam verka"))
    directory.write(replace(described, regions=(described.regions[0], elsewhere)))
    conf = directory.data.region("tokyo").nats_conf.read_text()
    assert 'store_dir: "/etc/sam verka/nats"' in conf
    assert 'cert_file: "/etc/sam verka/tls/certificate.pem"' in conf
    assert str(directory.data.root) not in conf


def _on_kubernetes() -> Network:
    region = '[[regions]]\nname = "{0}"\nleaf = "nats.{0}.example:7422"\nkubernetes = true\n'
    return parse_network('name = "acme"\n' + region.format("stockholm") + region.format("tokyo"))


def test_a_cluster_is_given_all_that_the_configuration_needs_and_not_the_operators_key(directory: Directory) -> None:
    directory.write(_on_kubernetes())
    for name, links in (("stockholm", ()), ("tokyo", ("links/stockholm.conf",))):
        home = directory.data.region(name)
        given = set(re.findall(r"- (?:[a-z.]+=)?(\S+/?\S+\.\w+)$", home.kustomization.read_text(), re.MULTILINE))
        assert given == {
            *("nats.conf", "peers.json", "services.nk", "keeper.nk"),
            *("tls/certificate.pem", "tls/key.pem", "tls/authority.pem"),
            *links,
        }
        assert all((home.root / file).is_file() for file in given)


def test_a_region_that_leaves_kubernetes_loses_its_kustomization(directory: Directory) -> None:
    directory.write(_on_kubernetes())
    assert directory.data.region("tokyo").kustomization.exists()
    directory.write(network("stockholm", "tokyo"))
    assert not directory.data.region("tokyo").kustomization.exists()


def test_the_servers_of_a_region_know_each_other_by_its_certificate(directory: Directory) -> None:
    directory.write(_on_kubernetes())
    certificate = x509.load_pem_x509_certificate(directory.data.region("tokyo").certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"nats.tokyo.example", *(f"nats-{number}.nats-peers" for number in range(3))} <= set(
        names.get_values_for_type(x509.DNSName)
    )
    assert directory.compare(_on_kubernetes()).written == {}


def test_the_servers_of_a_region_have_one_configuration_and_take_their_names_from_outside(directory: Directory) -> None:
    directory.write(_on_kubernetes())
    conf = directory.data.region("tokyo").nats_conf.read_text()
    assert "server_name: $SERVER_NAME" in conf
    assert "sync_interval: always" in conf
    assert 'store_dir: "/var/lib/nats"' in conf
    assert '"nats-route://nats-2.nats-peers:6222"' in conf
    assert str(directory.data.root) not in conf


def test_the_seeds_of_a_region_are_its_users_and_both_ends_of_its_links(directory: Directory) -> None:
    seeds = {file.relative_to(directory.data.root).as_posix() for file in _seeds(directory, "tokyo")}
    users = {f"tokyo/{user}.nk" for user in ("services", "keeper", "system")}
    assert seeds == users | {"tokyo/links/stock-holm.nk", "austin/links/tokyo.nk"}


def _seeds(directory: Directory, region: str) -> set[Path]:
    return all_seeds(network(*REGIONS), directory.data, region)


def test_a_certificate_that_ends_soon_is_made_anew_by_the_same_authority(directory: Directory) -> None:
    directory.write(network(*REGIONS))
    before = directory.contents()
    directory.now_ms += (825 - RENEWED_DAYS_BEFORE + 1) * DAY_MS
    changes = directory.write(network(*REGIONS))
    changed = {name for name, content in directory.contents().items() if before[name] != content}
    assert changed == {f"{name}/tls/{file}.pem" for name in REGIONS for file in ("certificate", "key")}
    assert "tokyo: a new certificate, because it ends on 2026-02-16" in changes.lines


def test_certificates_of_the_operators_own_are_left_as_they_are(directory: Directory) -> None:
    directory.write(network(*REGIONS))
    own = make_authority("the company", now_ms=NOW_MS)
    made = make_certificate(own, "tokyo", "10.0.0.1", now_ms=NOW_MS)
    home = directory.data.region("tokyo")
    for file, content in ((home.authority, own.certificate), (home.certificate, made.certificate)):
        file.write_bytes(content)
    home.certificate_key.write_bytes(made.key)
    assert not directory.compare(network(*REGIONS))


def test_half_an_authority_is_told_and_not_replaced(directory: Directory) -> None:
    directory.write(network(*REGIONS))
    directory.data.authority_key.unlink()
    with pytest.raises(Failure, match="without its counterpart"):
        directory.prepare(network(*REGIONS))
