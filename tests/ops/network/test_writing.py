"""Facts about writing a network's files: for their owner alone, only after a check, never a log."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ops.failure import Failure
from ops.nats.program import find_program
from ops.network.changes import compare
from ops.network.writing import check, write
from tests.ops.network.directories import Directory, network

TWO = network("stockholm", "tokyo")
THREE = network("stockholm", "tokyo", "austin")


def test_only_the_owner_reads_anything(directory: Directory) -> None:
    directory.write(THREE)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in directory.data.root.rglob("*") if path.is_file()}
    folders = [directory.data.root, *(path for path in directory.data.root.rglob("*") if path.is_dir())]
    assert modes == {0o600}
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


def test_what_is_still_good_is_not_written_again(directory: Directory) -> None:
    directory.write(TWO)
    before = {name: (directory.data.root / name).stat().st_ino for name in directory.contents()}
    directory.write(THREE)
    after = {name: (directory.data.root / name).stat().st_ino for name in directory.contents()}
    rewritten = {name for name, inode in before.items() if after[name] != inode}
    assert rewritten == {f"{name}/{file}" for name in ("stockholm", "tokyo") for file in ("nats.conf", "peers.json")}


def test_a_configuration_that_is_refused_leaves_everything_as_it_was(directory: Directory) -> None:
    directory.write(TWO)
    before = directory.contents()
    prepared = directory.prepare(THREE)
    broken = prepared.regions[1]
    prepared.regions[1] = replace(broken, server=replace(broken.server, client_listen="nowhere"))
    with pytest.raises(Failure, match=r"nothing was written\.\ntokyo: ") as caught:
        write(prepared, compare(prepared), nats_program=find_program())
    assert directory.contents() == before
    assert str(directory.data.root) not in str(caught.value)


def test_a_check_leaves_nothing_behind(directory: Directory) -> None:
    prepared = directory.prepare(TWO)
    check(prepared, compare(prepared), nats_program=find_program())
    assert directory.contents() == {}
    assert list(directory.data.root.iterdir()) == []


def test_a_region_that_is_removed_keeps_its_log_and_loses_its_secrets(directory: Directory) -> None:
    directory.write(THREE)
    store = directory.data.region("austin").nats_store
    store.mkdir()
    (store / "block").write_bytes(b"events")
    directory.write(TWO)
    left = {name for name in directory.contents() if name.startswith("austin")}
    assert left == {"austin/nats/block"}
    assert not any("austin" in name for name in directory.contents() if name.startswith(("stockholm", "tokyo")))


def test_a_region_that_is_removed_without_a_log_leaves_no_folder(directory: Directory) -> None:
    directory.write(THREE)
    directory.write(TWO)
    assert not directory.data.region("austin").root.exists()


def test_what_lies_beside_the_regions_is_left_alone(directory: Directory) -> None:
    issuer = directory.data.root / "issuer" / "key.json"
    issuer.parent.mkdir(parents=True)
    issuer.write_text("{}")
    directory.write(THREE)
    directory.write(TWO)
    assert issuer.read_text() == "{}"


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    directory = Directory(tmp_path / "file" / "network")
    with pytest.raises(Failure, match="cannot be made"):
        directory.write(TWO)
