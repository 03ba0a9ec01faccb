"""The file that names the peers, and what happens while it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.network.membership import PEERS_MAX, BadNetworkFile, Membership, parse_peers

GOOD = b'{"region": "stockholm", "peers": ["tokyo", "austin"]}'


def test_the_peers_come_by_name() -> None:
    assert parse_peers(GOOD, region="stockholm") == ("austin", "tokyo")
    assert parse_peers(b'{"region": "stockholm", "peers": []}', region="stockholm") == ()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'{"peers": ["tokyo"]}',
        b'{"region": "tokyo", "peers": ["stockholm"]}',
        b'{"region": "stockholm"}',
        b'{"region": "stockholm", "peers": "tokyo"}',
        b'{"region": "stockholm", "peers": ["Tokyo"]}',
        b'{"region": "stockholm", "peers": ["a.b"]}',
        b'{"region": "stockholm", "peers": ["stockholm"]}',
        b'{"region": "stockholm", "peers": ["tokyo", "tokyo"]}',
        b'{"region": "stockholm", "peers": [' + b",".join(b'"r%d"' % n for n in range(PEERS_MAX + 1)) + b"]}",
    ],
)
def test_what_names_no_peers_of_this_region_is_refused(text: bytes) -> None:
    with pytest.raises(BadNetworkFile):
        parse_peers(text, region="stockholm")


def test_a_changed_file_is_noticed_and_a_wrong_one_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "peers.json"
    membership = Membership(file, region="stockholm")
    assert membership.look() == ()

    file.write_bytes(GOOD)
    assert membership.look() == ("austin", "tokyo")
    caplog.clear()
    for wrong in (b"{", b"{"):
        file.write_bytes(wrong)
        assert membership.look() == ("austin", "tokyo")
    assert len(caplog.records) == 1

    file.unlink()
    assert membership.look() == membership.peers == ("austin", "tokyo")
    file.write_bytes(b'{"region": "stockholm", "peers": ["tokyo"]}')
    assert membership.look() == ("tokyo",)
