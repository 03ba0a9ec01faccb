"""Facts about the configuration of a nats-server: nats-server takes it, whatever the path and whoever the peers."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from ops.failure import Failure
from ops.nats.keys import new_seed, public_key
from ops.nats.program import check_configuration, find_program
from ops.nats.rendering import fixed_part, render
from ops.nats.server import Accepted, Dialled, Leafnodes, NatsServer, Peer, TlsFiles, Users
from ops.network.certificates import make_authority, make_certificate

AWKWARD = 'data "of" it\'s \\ $HOME #1 { å'
NOW_MS = 1_700_000_000_000


def _key() -> str:
    return public_key(new_seed(os.urandom))


def _alone(home: Path) -> NatsServer:
    return NatsServer(
        region="stock-holm",
        store=home / "nats",
        client_listen="127.0.0.1:20001",
        monitor_listen="127.0.0.1:20002",
        users=Users(services=(_key(),)),
    )


def _between_peers(home: Path) -> NatsServer:
    """A region that accepts links from one peer, by either of two keys, and dials another."""
    authority = make_authority("acme", now_ms=NOW_MS)
    made = make_certificate(authority, "stock-holm", "127.0.0.1", now_ms=NOW_MS)
    tls = TlsFiles(certificate=home / "c.pem", key=home / "k.pem", authority=home / "a.pem")
    tls.certificate.write_bytes(made.certificate)
    tls.key.write_bytes(made.key)
    tls.authority.write_bytes(authority.certificate)
    (home / "links").mkdir()
    (home / "links" / "tokyo.conf").write_bytes(b'nkey: "' + new_seed(os.urandom) + b'"\n')
    peers = (
        Peer("tokyo", Dialled(urls=("nats-leaf://127.0.0.1:20003",), seed_include=PurePosixPath("links/tokyo.conf"))),
        Peer("new-york", Accepted(keys=(_key(), _key()))),
    )
    users = Users(services=(_key(), _key()), keeper=(_key(),), system=(_key(),))
    return replace(_alone(home), users=users, leafnodes=Leafnodes(listen="127.0.0.1:20004", tls=tls, peers=peers))


def _fault(home: Path, server: NatsServer) -> str:
    file = home / "nats.conf"
    file.write_text(render(server))
    return check_configuration(find_program(), file)


def test_nats_server_takes_a_region_that_stands_alone_whatever_the_path(tmp_path: Path) -> None:
    home = tmp_path / AWKWARD
    home.mkdir()
    assert _fault(home, _alone(home)) == ""


def test_nats_server_takes_a_region_between_peers_whatever_the_path(tmp_path: Path) -> None:
    home = tmp_path / AWKWARD
    home.mkdir()
    assert _fault(home, _between_peers(home)) == ""


def test_nats_server_takes_a_region_whose_peers_are_still_to_come(tmp_path: Path) -> None:
    server = _between_peers(tmp_path)
    assert server.leafnodes is not None
    assert _fault(tmp_path, replace(server, leafnodes=replace(server.leafnodes, peers=()))) == ""


def test_a_quotation_mark_in_the_path_cannot_end_the_string(tmp_path: Path) -> None:
    text = render(_alone(tmp_path / 'a" max_payload: "1'))
    assert '\\" max_payload: \\"1' in text


def test_a_path_with_a_line_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="control characters"):
        render(_alone(tmp_path / "a\nb"))


def test_what_is_acknowledged_is_on_the_disk(tmp_path: Path) -> None:
    assert "sync_interval: always" in render(_alone(tmp_path))


def test_a_peers_key_is_good_for_a_link_and_nothing_else(tmp_path: Path) -> None:
    server = _between_peers(tmp_path)
    (peer,) = [peer for peer in server.peers if isinstance(peer.link, Accepted)]
    assert isinstance(peer.link, Accepted)
    for key in peer.link.keys:
        (line,) = [line for line in render(server).splitlines() if key in line]
        assert line.count('["LEAFNODE"]') == line.count("nkey:") == 2


def test_a_change_of_peers_leaves_what_needs_a_restart(tmp_path: Path) -> None:
    server = _between_peers(tmp_path)
    assert server.leafnodes is not None
    fewer = replace(server, leafnodes=replace(server.leafnodes, peers=server.peers[1:]))
    assert render(fewer) != render(server)
    assert fixed_part(render(fewer)) == fixed_part(render(server))


@pytest.mark.parametrize("change", [{"client_listen": "127.0.0.1:1"}, {"monitor_listen": ""}, {"leafnodes": None}])
def test_a_change_of_listeners_needs_a_restart(change: dict[str, str], tmp_path: Path) -> None:
    server = _between_peers(tmp_path)
    assert fixed_part(render(replace(server, **change))) != fixed_part(render(server))  # type: ignore[arg-type]
