"""Somebody who writes one thing after another, each under a key of its own, and notes what was acknowledged."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from chaos.board import Board, Known, KnownGroup
from chaos.client import BY_RULE, NOT_THERE, Client, Write
from chaos.findings import Finding, Kind
from chaos.journal import Acknowledged, Journal, Refused
from chaos.words import word_of

T = TypeVar("T")


@dataclass(slots=True)
class Own:
    """What a person has made and may still change.

    ``moderates`` are the groups that are theirs to moderate, and which they do not leave; ``hidden`` is what they have
    hidden in those and in private ones. Who ``defines`` may define badges; ``gifts`` are what they gave; ``helped`` is what
    has helped them.
    """

    posts: list[Known] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    reactions: list[tuple[str, str]] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    groups: list[KnownGroup] = field(default_factory=list)
    owns: list[str] = field(default_factory=list)
    moderates: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    gifts: list[str] = field(default_factory=list)
    helped: list[str] = field(default_factory=list)
    defines: bool = False


class Writer:
    """Somebody at home in ``region``."""

    def __init__(
        self,
        *,
        region: str,
        handle: str,
        person_id: str,
        client: Client,
        journal: Journal,
        board: Board,
        chance: Random,
        clock: Callable[[], float],
    ) -> None:
        self.region = region
        self.handle = handle
        self.id = person_id
        self.client = client
        self.board = board
        self.chance = chance
        self.own = Own()
        self.done = asyncio.Event()
        """Set when they begin nothing more."""
        self.acknowledged = 0
        self.refused: Counter[str] = Counter()
        self.findings: list[Finding] = []
        self._journal = journal
        self._clock = clock
        self._sent = 0

    @property
    def name(self) -> str:
        """What they call themselves in every text, and nobody else in any."""
        return f"{self.handle} of {self.region}"

    def say(self, verb: str, *, local: bool = False, among: str = "", searched: bool = True) -> str:
        """Return a text that nobody else has written, that is known for local if it is, and that can be ``searched`` for.

        ``among`` is whose alone it is, if it is not everybody's.
        """
        mark = self.board.mark_of(self.region) if local else ""
        word = word_of(self.name, self._sent, audience=among or mark) if searched else ""
        return " ".join(filter(None, (self.name, verb, str(self._sent), word, mark)))

    def some(self, things: Sequence[T]) -> T | None:
        """Return one of them; None if there is none."""
        return self.chance.choice(things) if things else None

    async def write(
        self, field: str, given: Mapping[str, Any], wanted: str, *, made: Callable[[Any], str] = lambda _: ""
    ) -> str | None:
        """Write until it is acknowledged and return the id of what it made; None if it was refused.

        The id is empty for what makes nothing, and for what is done and hidden already.
        """
        self._sent += 1
        key = f"{self.handle}-{self._sent}"
        outcome = await self.client.write(Write(field, given, wanted), key)
        if outcome.code:
            self._note_refusal(field, given, outcome.code)
            return None
        self.acknowledged += 1
        name = made(outcome.payload) if outcome.shown else ""
        self.note(field, given, key=key, made=name, attempts=outcome.attempts)
        return name

    def note(self, field: str, given: Mapping[str, Any], *, key: str = "", made: str = "", attempts: int = 1) -> None:
        """Note what was acknowledged to them, or about them to an operator, who has no key."""
        at_seconds = round(self._clock(), 3)
        self._journal.note(Acknowledged(self.region, self.id, field, given, key, made, at_seconds, attempts))

    def _note_refusal(self, field: str, given: Mapping[str, Any], code: str) -> None:
        """Count it, and note it if a rule forbade it; for another reason than that something is not there it is a fault."""
        self.refused[code] += 1
        if code in BY_RULE:
            at_seconds = round(self._clock(), 3)
            self._journal.note_refusal(Refused(self.region, self.id, field, given, code, at_seconds))
        elif code not in NOT_THERE:
            self.findings.append(Finding(Kind.ANSWER, self.region, f"{field} {dict(given)}: {code}"))
