"""How what a directory is to hold differs from what lies in it: file by file, and in words.

A server whose configuration changed reads it again at SIGHUP. Only what stands before its peers and accounts (its names
and listeners) needs a restart.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import orjson

from ops.dirs import DataDir
from ops.nats.rendering import fixed_part
from ops.network.preparing import Prepared, RegionFiles

_OTHERS = 0o077
"""What group and others may do with a file."""


class Need(StrEnum):
    """What a region's server must do to go by its new files."""

    START = "start"
    RELOAD = "reload"
    RESTART = "restart"


@dataclass(slots=True)
class Changes:
    """What writing would do; ``lines`` says it without a secret."""

    written: dict[Path, bytes] = field(default_factory=dict)
    removed: list[Path] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    needs: dict[str, Need] = field(default_factory=dict)
    """By region, in the order in which the servers are to be told."""

    def __bool__(self) -> bool:
        return bool(self.written or self.removed)


def compare(prepared: Prepared) -> Changes:
    """Return how ``prepared`` differs from what lies in its directory."""
    data = prepared.data
    changes = Changes()
    before = _sharing(data)
    after = {region.name: set(prepared.network.peers(region.name)) for region in prepared.network.regions}
    changes.lines += _sharing_lines(before, after)
    for file, content in prepared.files():
        state = _state(file, content)
        if state:
            changes.written[file] = content
            changes.lines.append(f"{state:<8} {file.relative_to(data.root)}")
    changes.lines += prepared.notes
    changes.removed = sorted(_left_over(prepared, gone=before.keys() - after.keys()))
    changes.lines += [f"removed  {file.relative_to(data.root)}" for file in changes.removed]
    for region in prepared.regions:
        need = _need(region, data, changes)
        if need:
            changes.needs[region.region] = need
    return changes


def _state(file: Path, content: bytes) -> str:
    if not file.exists():
        return "new"
    private = not stat.S_IMODE(file.stat().st_mode) & _OTHERS
    return "" if private and file.read_bytes() == content else "changed"


def _need(region: RegionFiles, data: DataDir, changes: Changes) -> Need | None:
    home = data.region(region.region)
    if home.nats_conf in changes.written and not home.nats_conf.exists():
        return Need.START
    read_by_server = {home.nats_conf, home.certificate, home.certificate_key, home.authority}
    read_by_server |= {file for file in region.files if file.parent == home.links and file.suffix == ".conf"}
    if not read_by_server & changes.written.keys():
        return None
    same = fixed_part(home.nats_conf.read_text()) == fixed_part(region.configuration())
    return Need.RELOAD if same else Need.RESTART


def _sharing(data: DataDir) -> dict[str, set[str]]:
    """Return who shares with whom by what lies in the directory."""
    sharing = {}
    for file in sorted(data.root.glob("*/peers.json")):
        try:
            sharing[file.parent.name] = set(map(str, orjson.loads(file.read_bytes())["peers"]))
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
            sharing[file.parent.name] = set()  # it will be written anew
    return sharing


def _sharing_lines(before: dict[str, set[str]], after: dict[str, set[str]]) -> Iterator[str]:
    yield from (f"new      region {name}" for name in after if name not in before)
    yield from (f"removed  region {name}" for name in before if name not in after)
    old, new = _pairs(before), _pairs(after)
    yield from (f"new      link {one} – {other}" for one, other in sorted(new - old))
    yield from (f"removed  link {one} – {other}" for one, other in sorted(old - new))


def _pairs(sharing: dict[str, set[str]]) -> set[tuple[str, str]]:
    return {(min(one, other), max(one, other)) for one, others in sharing.items() for other in others}


def _left_over(prepared: Prepared, *, gone: set[str]) -> Iterator[Path]:
    """Yield the files that nothing asks for any more. A log is never among them."""
    wanted = {file for file, _ in prepared.files()}
    for name in [*gone, *(region.region for region in prepared.regions)]:
        home = prepared.data.region(name)
        ours = [
            home.nats_conf,
            home.peers,
            home.kustomization,
            *home.root.glob("*.nk"),
            *home.links.glob("*"),
            *home.root.glob("tls/*.pem"),
        ]
        yield from (file for file in ours if file not in wanted and file.exists())
