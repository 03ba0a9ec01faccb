"""The erasure of a person: what every projection does about it, whichever service's it is.

``ErasureOrdered`` stands in the register of the person's home region, behind everything that the person has written. From
there on nothing of theirs has an effect any more, whether it is still in the log or comes back; the id of the erased
stays, so that this holds for ever. What comes late is noted, for whoever purges the log.

``PersonForgotten`` follows, from each service of each region, when nothing of the person is left in the service's file.
"""

from __future__ import annotations

from collections.abc import Callable

from samverka.network.v1.network_events_pb2 import ErasureOrdered, PersonForgotten
from services.chassis.envelope import Fact
from services.chassis.errors import Forbidden
from services.chassis.ids import region_of
from services.chassis.store import Connection

Erase = Callable[[Connection, str], None]
"""Removes a person's content and personal data from a service's tables; what others wrote stays."""

SCHEMA = """
create table if not exists erased (
    person text primary key,
    sequence integer not null,
    forgotten integer not null
) without rowid;

create table if not exists erased_late (
    person text primary key,
    sequence integer not null
) without rowid;
"""
"""Where an order stands in this region's log, and whether this service has said that it has forgotten the person; where
something that came after the order last stood in their register."""


def apply_erasure(db: Connection, fact: Fact[ErasureOrdered], erase: Erase) -> bool:
    """Erase the person; False if that is not the region's to order."""
    person = fact.payload.person_id
    if region_of(person) != fact.origin or fact.owner != fact.origin:
        return False
    db.execute("insert into erased values (?, ?, 0) on conflict do nothing", (person, fact.sequence))
    db.execute("delete from receipts where actor = ?", (person,))
    erase(db, person)
    return True


def apply_forgotten(db: Connection, fact: Fact[PersonForgotten], *, service: str) -> bool:
    """Note that ``service`` has said so; False if that is not said within the region, by the region."""
    if not fact.local or fact.owner != fact.origin:
        return False
    if fact.payload.holder == service:
        db.execute("update erased set forgotten = 1 where person = ?", (fact.payload.person_id,))
    return True


def is_forgotten(db: Connection, person: str) -> bool:
    """Whether this service has said that it has forgotten the person."""
    return db.execute("select 1 from erased where person = ? and forgotten", (person,)).fetchone() is not None


def note_late(db: Connection, person: str, sequence: int) -> None:
    """Note that something stands in the register of an erased person behind their order."""
    db.execute(
        "insert into erased_late values (?, ?) on conflict do update set sequence = excluded.sequence",
        (person, sequence),
    )


def read_late(db: Connection, *, after: int, most: int) -> list[tuple[str, int]]:
    """Return the erased in whose registers something was last met after a sequence, in its order, and where that was."""
    rows = db.execute(
        "select person, sequence from erased_late where sequence > ? order by sequence limit ?", (after, most)
    )
    return [(str(person), int(str(sequence))) for person, sequence in rows]


def read_erased(db: Connection) -> set[str]:
    """Return everybody who has been erased."""
    return {str(row[0]) for row in db.execute("select person from erased")}


def is_erased(db: Connection, person: str) -> bool:
    """Whether the person has been erased."""
    return db.execute("select 1 from erased where person = ?", (person,)).fetchone() is not None


def require_not_erased(db: Connection, person: str) -> None:
    """Raise Forbidden if the person has been erased: what they write now would have no effect."""
    if is_erased(db, person):
        raise Forbidden("This person has been erased.", code="person_erased")


def erase_nothing(db: Connection, person: str) -> None:
    """Do nothing: for a projection that holds nothing of people."""
