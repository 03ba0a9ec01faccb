"""What is to be done to a log, written down before anything is touched: it is also the copy of what will be moved.

A plan that was begun is carried to its end, however often that is tried; then it is kept under the name of its epoch.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ops.dirs import RegionDir, write_private
from ops.failure import Failure
from ops.recovering.tail import Piece
from services.chassis.eventlog.port import Again

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """How the log of ``region`` is mended.

    ``floor`` is the number behind which the pieces come, ``moved`` the sequences at which some of them stand now, ``erased``
    are people of whom nothing may be left, ``epoch`` is the log's next.
    """

    region: str
    epoch: str
    floor: int
    moved: tuple[int, ...]
    erased: tuple[str, ...]
    pieces: tuple[Piece, ...]


def begun(home: RegionDir) -> Plan | None:
    """Return the plan that was begun in a region's folder, None if there is none; Failure if it cannot be read."""
    try:
        text = _file(home).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Failure(f"{_file(home)} cannot be read: {error.strerror}.") from error
    try:
        return _parse(text)
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(f"{_file(home)} is no plan of this version: {error}.") from error


def begin(home: RegionDir, plan: Plan) -> None:
    """Write the plan down."""
    pieces = [_piece(piece) for piece in plan.pieces]
    said = {
        "format": _FORMAT,
        "region": plan.region,
        "epoch": plan.epoch,
        "floor": plan.floor,
        "moved": plan.moved,
        "erased": plan.erased,
        "pieces": pieces,
    }
    write_private(_file(home), orjson.dumps(said))


def end(home: RegionDir, plan: Plan) -> Path:
    """Keep the plan as one that was carried out, and return where."""
    kept = home.recovery / f"{plan.epoch}.json"
    _file(home).replace(kept)
    return kept


def _file(home: RegionDir) -> Path:
    return home.recovery / "begun.json"


def _piece(piece: Piece) -> dict[str, Any]:
    again = tuple(piece.again) if piece.again else None
    data = base64.b64encode(piece.data).decode()
    return {"subject": piece.subject, "id": piece.entry_id, "again": again, "data": data}


def _parse(text: bytes) -> Plan:
    said = orjson.loads(text)
    if said["format"] != _FORMAT:
        raise ValueError(f"format {said['format']}")
    return Plan(
        region=said["region"],
        epoch=said["epoch"],
        floor=said["floor"],
        moved=tuple(said["moved"]),
        erased=tuple(said["erased"]),
        pieces=tuple(
            Piece(piece["subject"], piece["id"], base64.b64decode(piece["data"]), _parse_again(piece["again"]))
            for piece in said["pieces"]
        ),
    )


def _parse_again(said: list[Any] | None) -> Again | None:
    return Again(int(said[0]), tuple(said[1])) if said else None
