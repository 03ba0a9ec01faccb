"""The seeds of a directory, and the public keys that servers take while a seed is being changed.

A changed seed has a retired key beside it: servers take both, so that whoever still has the old one is not refused.
Retired keys end when the next change begins or when the operator says so; they are public and stand in one file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import orjson

from ops.dirs import DataDir
from ops.failure import Failure
from ops.nats.keys import Entropy, new_seed, public_key, public_key_of


class Keyring:
    """Reads what is there and remembers what is to be written; writes nothing itself."""

    def __init__(self, data: DataDir, entropy: Entropy) -> None:
        self._data = data
        self._entropy = entropy
        self._new: dict[Path, bytes] = {}
        self._retired = _read_retired(data.retired_keys)

    @property
    def new_seeds(self) -> Mapping[Path, bytes]:
        """The seeds that were made here, by file."""
        return self._new

    def seed(self, file: Path) -> bytes:
        """Return the seed of a file, made now if there is none."""
        if file not in self._new:
            if file.exists():
                public_key_of(file)
                return file.read_bytes().strip()
            self._new[file] = new_seed(self._entropy)
        return self._new[file]

    def accepted(self, file: Path) -> tuple[str, ...]:
        """Return the public keys to take: that of the seed first, then a retired one."""
        return (public_key(self.seed(file)), *self._retired.get(self._name(file), ()))

    def change(self, file: Path) -> None:
        """Make another seed for a file; the key of the one that is there, if any, retires."""
        if file.exists():
            self._retired[self._name(file)] = (public_key_of(file),)
        self._new[file] = new_seed(self._entropy)

    def finish(self, file: Path) -> None:
        """Take the retired key of a file no longer."""
        self._retired.pop(self._name(file), None)

    def keep_only(self, files: set[Path]) -> None:
        """Forget the retired keys of all other files."""
        names = {self._name(file) for file in files}
        self._retired = {name: keys for name, keys in self._retired.items() if name in names}

    def retired_text(self) -> bytes:
        """Return what the file of retired keys should hold."""
        return orjson.dumps(self._retired, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"

    def _name(self, file: Path) -> str:
        return file.relative_to(self._data.root).as_posix()


def _read_retired(file: Path) -> dict[str, tuple[str, ...]]:
    if not file.exists():
        return {}
    try:
        content = orjson.loads(file.read_bytes())
        return {str(name): tuple(str(key) for key in keys) for name, keys in content.items()}
    except (OSError, orjson.JSONDecodeError, AttributeError, TypeError) as error:
        raise Failure(f"{file} cannot be read: {error}.") from error
