"""The erasure of a person from the directory: what is left is what there would be if they had never come."""

from __future__ import annotations

from services.chassis.store import Connection


def erase_person(db: Connection, person: str) -> None:
    """Remove the person and whom they follow; that others follow them stays those others' own, without a name."""
    followed = db.execute("delete from follows where follower = ? returning followed", (person,)).fetchall()
    for (other,) in followed:
        db.execute("update people set follower_count = follower_count - 1 where id = ?", (other,))
    db.execute("delete from people where id = ?", (person,))
