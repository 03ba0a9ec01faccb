"""Whether each moderator has been told what became of what they asked for: the group's home has done all of it.

A moderation that is asked for again under its key tells that. All of it has to be done when everything has arrived: each
group has one moderator, who stays one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chaos.client import Client, Write
from chaos.expected import Expected
from chaos.findings import Finding, Kind
from chaos.journal import Acknowledged
from chaos.reading import ask_all

DONE = "DONE"
_ALWAYS = frozenset({"hideContent", "restoreContent", "approveMembership", "removeMember", "banMember"})
_OF_OTHERS = frozenset({"acceptAnswer", "unacceptAnswer"})
_TOLD = "moderation { state declinedReason }"


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody is told of a moderation: its state, why it was declined, or the code of an error."""

    entry: Acknowledged
    state: str


def moderations(entries: Sequence[Acknowledged], expected: Expected) -> list[Acknowledged]:
    """Return what was asked of the homes of groups; who asked a question accepts answers themselves."""
    return [
        entry
        for entry in entries
        if entry.field in _ALWAYS
        or (entry.field in _OF_OTHERS and expected.posts[expected.question_of(entry.input)].author != entry.person)
    ]


async def read_told(clients: Mapping[str, Client], asked: Sequence[Acknowledged]) -> list[Told]:
    """Ask again for each of these, as who asked for it: ``clients`` are by person."""

    async def told(entry: Acknowledged) -> Told:
        outcome = await clients[entry.person].write(Write(entry.field, entry.input, _TOLD), entry.key)
        if not outcome.shown:  # the question has gone meanwhile, and nothing is told of it any more
            return Told(entry, DONE)
        moderation = outcome.payload.get("moderation") or {}
        return Told(entry, outcome.code or moderation.get("declinedReason") or str(moderation.get("state")))

    return list(await ask_all(told(entry) for entry in asked))


def check_told(told: Sequence[Told]) -> Iterator[Finding]:
    """Yield what was acknowledged to a moderator and has not been done."""
    for each in told:
        if each.state != DONE:
            text = (
                f"{each.entry.person} asked for {each.entry.field} {dict(each.entry.input)}, and is told {each.state}"
            )
            yield Finding(Kind.LOST, each.entry.region, text)
