"""A backup on disk: a folder of two files, which the tool ``nats`` knows too. A byte that changed is noticed.

``backup.json`` has the stream's configuration and state, and what is said below; ``stream.tar.s2`` is the server's own copy.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from ops.dirs import make_private, write_private
from ops.failure import Failure

_FORMAT = 1
_MANIFEST, _STREAM = "backup.json", "stream.tar.s2"
_CHUNK_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup of the log of ``region``; ``taken_at_ms`` in milliseconds since 1970, ``sha256`` and ``size`` of the copy."""

    folder: Path
    region: str
    taken_at_ms: int
    config: Mapping[str, Any]
    state: Mapping[str, Any]
    size: int = 0
    sha256: str = ""

    @property
    def entries(self) -> int:
        return int(self.state["messages"])

    @property
    def last_sequence(self) -> int:
        return int(self.state["last_seq"])

    def chunks(self) -> Iterator[bytes]:
        """Yield the server's copy in pieces. Failure if it is not what was written."""
        digest, size = hashlib.sha256(), 0
        try:
            with (self.folder / _STREAM).open("rb") as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    size += len(chunk)
                    yield chunk
        except OSError as error:
            raise Failure(f"{self.folder / _STREAM} cannot be read: {error.strerror}.") from error
        if (size, digest.hexdigest()) != (self.size, self.sha256):
            raise Failure(f"{self.folder / _STREAM} is not what was written: its bytes have changed.")


@contextmanager
def draft(folder: Path) -> Iterator[Draft]:
    """Give a place to write a backup, which stands at ``folder`` once it is finished, as a whole or not at all."""
    if folder.exists():
        raise Failure(f"{folder} is there already: a backup never takes the place of another.")
    make_private(folder.parent)
    place = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        with (place / _STREAM).open("wb") as stream:
            yield Draft(place, folder, stream)
    except OSError as error:
        raise Failure(f"{folder} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


class Draft:
    """A backup that is being written; made by ``draft``."""

    def __init__(self, place: Path, folder: Path, stream: BinaryIO) -> None:
        self._place = place
        self._folder = folder
        self._stream = stream
        self._digest = hashlib.sha256()
        self._size = 0

    @property
    def folder(self) -> Path:
        return self._folder

    def add(self, chunk: bytes) -> None:
        """Write the next piece of the server's copy."""
        self._stream.write(chunk)
        self._digest.update(chunk)
        self._size += len(chunk)

    def finish(self, archive: Archive) -> Archive:
        """Write what ``archive`` says of it, give it its name, and return it: what is on the disk then stays there."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        whole = replace(archive, size=self._size, sha256=self._digest.hexdigest())
        said = {
            "format": _FORMAT,
            "region": whole.region,
            "taken_at_ms": whole.taken_at_ms,
            "size": whole.size,
            "sha256": whole.sha256,
        }
        manifest = {"config": whole.config, "state": whole.state, "samverka": said}
        write_private(self._place / _MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        self._place.rename(self._folder)
        return whole


def open_archive(folder: Path) -> Archive:
    """Return the backup in a folder. Failure if there is none of this version; its bytes are looked at when read."""
    try:
        said = orjson.loads((folder / _MANIFEST).read_bytes())
        ours = said["samverka"]
        if ours["format"] != _FORMAT:
            raise ValueError(f"format {ours['format']}")
        return Archive(
            folder=folder,
            region=ours["region"],
            taken_at_ms=int(ours["taken_at_ms"]),
            config=said["config"],
            state=said["state"],
            size=int(ours["size"]),
            sha256=ours["sha256"],
        )
    except OSError as error:
        raise Failure(f"{folder / _MANIFEST} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(f"{folder} is no backup of this version: {error}.") from error
