"""Whether an event is its origin's to write, and the ledger of those that were not.

Nothing that a peer sends is believed for where it came from. The stream that it was sourced from, its subject and its
envelope must name one origin, and that origin must be the home of the register's owner, who acts, except where the home
decides for others (``payloads.DECISIONS``). So a region that lies can spoil what is its own, and nothing else. What is
refused stays in the log, has no effect, and stands in the ledger: from whom, by whom, why, how often.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from samverka.event.v1.event_pb2 import Event
from services.chassis import limits
from services.chassis.envelope import payload_name
from services.chassis.eventlog.port import Entry
from services.chassis.eventlog.subjects import Subject, stream_name
from services.chassis.ids import ID_LENGTH_MAX, home_of, region_actor, region_of
from services.chassis.payloads import DECISIONS
from services.chassis.store import Connection

OTHERS = "others"
SCHEMA = """
create table if not exists refusals (
    origin text not null,
    actor text not null,
    reason text not null,
    events integer not null,
    last_sequence integer not null,
    last_at_ms integer not null,
    primary key (origin, actor, reason)
) without rowid;
"""


class Refusal(NamedTuple):
    """What was refused of one sender and actor for one reason; ``last_at_ms``: when the last of it came into our log."""

    origin: str
    actor: str
    reason: str
    events: int
    last_sequence: int
    last_at_ms: int


def origin_of(entry: Entry, subject: Subject | None, *, region: str) -> str:
    """Return the region whose log ``entry`` was first written in; empty if its source and its subject do not agree."""
    if entry.source is None:
        return region
    if subject is None or subject.origin == region or stream_name(subject.origin) != entry.source.stream:
        return ""
    return subject.origin


def distrust(event: Event | None, subject: Subject | None, *, origin: str, region: str, known: Collection[str]) -> str:
    """Return why the event is not ``origin``'s to write, in one word; empty if it is.

    Who may act is not asked for a kind that is not ``known`` here: it has no effect, and may be a newer region's decision.
    """
    if subject is None:
        return "subject"
    if not origin:
        return "source"
    if event is None:
        return "malformed"
    if subject.origin != origin or event.origin != origin or not event.id.startswith(f"{origin}_"):
        return "origin"
    if subject.reach == "local" and origin != region:
        return "reach"
    if home_of(subject.owner) != origin:
        return "owner"
    return "" if _may_act(event, subject, known) else "actor"


def refuse(db: Connection, entry: Entry, event: Event | None, reason: str, *, sender: str) -> None:
    """Write the refusal into the ledger; past ``limits.REFUSALS_KEPT_MAX`` kinds those of a sender are counted together."""
    actor = event.actor[:ID_LENGTH_MAX] if event is not None else ""
    row = (sender, actor, reason)
    if not _count(db, row, entry):
        kinds = db.execute("select count(*) from refusals").fetchone()
        if kinds is not None and int(str(kinds[0])) >= limits.REFUSALS_KEPT_MAX:
            row = (sender, "", OTHERS)
        if not _count(db, row, entry):
            db.execute("insert into refusals values (?, ?, ?, 1, ?, ?)", (*row, entry.sequence, entry.arrived_at_ms))


def refusals(db: Connection) -> list[Refusal]:
    """Return the ledger, the latest last."""
    rows = db.execute(
        "select origin, actor, reason, events, last_sequence, last_at_ms from refusals order by last_sequence"
    )
    return [Refusal(str(row[0]), str(row[1]), str(row[2]), *(int(str(number)) for number in row[3:])) for row in rows]


def sender_of(entry: Entry, origin: str) -> str:
    """Return who sent an entry, for the ledger: the region, or the stream's name where that stands for no region."""
    return origin or (entry.source.stream if entry.source else "")


def _may_act(event: Event, subject: Subject, known: Collection[str]) -> bool:
    if event.actor == subject.owner:
        return True
    name = payload_name(event)
    if name in DECISIONS or name not in known:
        return region_of(event.actor) != ""
    return subject.owner == subject.origin and event.actor == region_actor(subject.origin)


def _count(db: Connection, row: tuple[str, str, str], entry: Entry) -> bool:
    db.execute(
        """
        update refusals set events = events + 1, last_sequence = ?, last_at_ms = max(last_at_ms, ?)
        where origin = ? and actor = ? and reason = ?
        """,
        (entry.sequence, entry.arrived_at_ms, *row),
    )
    return bool(db.changes())
