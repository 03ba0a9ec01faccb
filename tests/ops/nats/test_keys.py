"""Facts about the keys of NATS users."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ops.failure import Failure
from ops.nats.keys import ensure_seed, new_seed, public_key, public_key_of


def test_only_the_owner_reads_the_seed_and_it_stays_the_same(tmp_path: Path) -> None:
    file = tmp_path / "services.nk"
    first = ensure_seed(file, os.urandom)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert ensure_seed(file, os.urandom) == first == public_key_of(file)
    assert first.startswith("U")


def test_a_seed_follows_from_its_chance_alone() -> None:
    assert new_seed(lambda count: bytes(count)) == new_seed(lambda count: bytes(count))
    assert new_seed(os.urandom) != new_seed(os.urandom)


@pytest.mark.parametrize("content", [b"not a seed", b"", b"SUAAAA", b"\xff\xfe"])
def test_a_seed_that_is_none_is_told(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "services.nk"
    file.write_bytes(content)
    with pytest.raises(Failure, match="holds no nkey seed"):
        ensure_seed(file, os.urandom)


def test_the_seed_of_an_account_is_no_users() -> None:
    import nkeys

    with pytest.raises(ValueError, match="user"):
        public_key(nkeys.encode_seed(bytes(32), nkeys.PREFIX_BYTE_ACCOUNT))
