"""The erasure of a person: what every projection does about it, whichever service's it is.

``ErasureOrdered`` stands in the register of the person's home region, behind everything that the person has written. From
there on nothing of theirs has an effect any more, whether it is still in the log or comes back; the id of the erased
stays, so that this holds for ever.
"""

from __future__ import annotations

from collections.abc import Callable

from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis.envelope import Fact
from services.chassis.errors import Forbidden
from services.chassis.ids import region_of
from services.chassis.store import Connection

Erase = Callable[[Connection, str], None]
"""Removes a person's content and personal data from a service's tables; what others wrote stays."""

SCHEMA = """
create table if not exists erased (
    person text primary key
) without rowid;
"""


def apply_erasure(db: Connection, fact: Fact[ErasureOrdered], erase: Erase) -> bool:
    """Erase the person; False if that is not the region's to order."""
    person = fact.payload.person_id
    if region_of(person) != fact.origin or fact.owner != fact.origin:
        return False
    db.execute("insert into erased values (?) on conflict do nothing", (person,))
    db.execute("delete from receipts where actor = ?", (person,))
    erase(db, person)
    return True


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
