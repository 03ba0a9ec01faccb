"""What a service says of its projection: the tables, what applies to them, and what of them regions compare."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from services.chassis import erasing
from services.chassis.envelope import Fact
from services.chassis.origins import Register
from services.chassis.store import Connection


class Refused(Exception):
    """What a handler raises, before it writes anything, for a fact that its actor or its origin had no right to."""


Handler = Callable[[Connection, Fact[Any]], None]
"""Applies one fact inside the batch's transaction. It must take every payload that can be parsed, in any order."""

Handlers = Mapping[type[Message], Handler]


@dataclass(frozen=True, slots=True)
class Projection:
    """What a service makes of the log. ``version`` grows whenever the same log would give other rows.

    ``registers`` are the columns by which regions compare what they hold, ``erase`` removes a person from the tables.
    ``undigested`` are the columns, by table, in which a replica may differ from one made anew: from a log out of which
    somebody was purged meanwhile, nothing follows about when their going was met.
    """

    service: str
    version: int
    schema: str
    handlers: Handlers
    registers: Sequence[Register] = ()
    erase: erasing.Erase = erasing.erase_nothing
    undigested: Mapping[str, Collection[str]] = field(default_factory=dict)
