"""Facts about the search for local content in other regions' files."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.findings import Finding
from chaos.residency import check_residency

MARK = b"local to stockholm 4711"
ID = "stockholm_01J0000000000000000000000A"


def search(data: Path) -> list[Finding]:
    return list(check_residency(data, ["stockholm", "tokyo"], marks={"stockholm": MARK}, ids={"stockholm": [ID]}))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Files of two regions, with what is local at home."""
    for region in ("stockholm", "tokyo"):
        (tmp_path / region / "nats").mkdir(parents=True)
        (tmp_path / region / "nats" / "1.blk").write_bytes(b"\x00 public stockholm_01J0000000000000000000000B \xff")
        (tmp_path / region / "empty").touch()
    (tmp_path / "stockholm" / "feed.sqlite").write_bytes(b"\x00" * 5_000 + MARK + ID.encode() + b"\xff")
    return tmp_path


def test_what_is_at_home_is_no_leak(data: Path) -> None:
    assert search(data) == []


@pytest.mark.parametrize("local", [MARK, ID.encode()], ids=["text", "id"])
def test_a_byte_string_of_it_elsewhere_is_found(data: Path, local: bytes) -> None:
    (data / "tokyo" / "feed-1").mkdir()
    (data / "tokyo" / "feed-1" / "feed.v1.sqlite-wal").write_bytes(b"\x00" * 9_000 + local + b"\xff")

    (finding,) = search(data)

    assert finding.region == "tokyo"


def test_a_search_that_finds_nothing_at_home_is_not_believed(data: Path) -> None:
    (data / "stockholm" / "feed.sqlite").unlink()

    assert [finding.region for finding in search(data)] == ["stockholm"]
