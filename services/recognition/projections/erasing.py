"""The erasure of a person from recognition: what they gave is gone, and what they got is shown to nobody as theirs.

That others recognised them stays in those others' registers, without a name, as in every region it must; badges stay their
home's.
"""

from __future__ import annotations

from services.chassis.store import Connection


def erase_person(db: Connection, person: str) -> None:
    """Remove what the person gave, and who they were."""
    given = db.execute("delete from recognitions where giver = ? returning sequence, id", (person,)).fetchall()
    db.executemany("delete from receivers where sequence = ?", [(sequence,) for sequence, _ in given])
    db.executemany("delete from withdrawals where id = ?", [(recognition_id,) for _, recognition_id in given])
    db.execute("delete from people where id = ?", (person,))
