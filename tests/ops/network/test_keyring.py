"""Facts about seeds that are kept, changed and retired."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.dirs import write_private
from ops.failure import Failure
from ops.nats.keys import public_key
from ops.network.keyring import Keyring
from tests.ops.network.directories import Directory


def _save(directory: Directory, keyring: Keyring) -> None:
    for file, seed in keyring.new_seeds.items():
        write_private(file, seed)
    write_private(directory.data.retired_keys, keyring.retired_text())


@pytest.fixture
def file(directory: Directory) -> Path:
    return directory.data.region("tokyo").services_seed


def test_a_seed_is_made_once(directory: Directory, file: Path) -> None:
    first = directory.keyring()
    seed = first.seed(file)
    assert first.seed(file) == seed
    _save(directory, first)
    again = directory.keyring()
    assert again.seed(file) == seed
    assert not again.new_seeds
    assert again.accepted(file) == (public_key(seed),)


def test_after_a_change_the_key_before_is_still_taken_and_no_older_one(directory: Directory, file: Path) -> None:
    seeds = []
    for _ in range(3):
        keyring = directory.keyring()
        keyring.change(file)
        seeds.append(keyring.seed(file))
        _save(directory, keyring)
    assert len(set(seeds)) == 3
    assert directory.keyring().accepted(file) == (public_key(seeds[2]), public_key(seeds[1]))


def test_when_a_change_is_finished_the_key_before_is_taken_no_longer(directory: Directory, file: Path) -> None:
    for turn in (Keyring.seed, Keyring.change, Keyring.finish):
        keyring = directory.keyring()
        turn(keyring, file)
        keyring.seed(file)
        _save(directory, keyring)
    keyring = directory.keyring()
    assert keyring.accepted(file) == (public_key(keyring.seed(file)),)


def test_retired_keys_of_what_is_gone_are_forgotten(directory: Directory, file: Path) -> None:
    keyring = directory.keyring()
    keyring.seed(file)
    _save(directory, keyring)
    keyring = directory.keyring()
    keyring.change(file)
    assert b"tokyo/services.nk" in keyring.retired_text()
    keyring.keep_only(set())
    assert keyring.retired_text() == b"{}\n"


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"a": 3}'])
def test_retired_keys_that_cannot_be_read_are_told(content: bytes, directory: Directory) -> None:
    write_private(directory.data.retired_keys, content)
    with pytest.raises(Failure, match=r"retired-keys.json cannot be read"):
        directory.keyring()


def test_a_seed_that_is_none_is_told(directory: Directory, file: Path) -> None:
    write_private(file, b"no seed")
    with pytest.raises(Failure, match="holds no nkey seed"):
        directory.keyring().seed(file)
