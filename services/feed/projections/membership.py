"""Who is in a group, and how many they are; nobody is in one that has yet to arrive."""

from __future__ import annotations

from services.chassis.group_rules import lets_in
from services.chassis.store import Connection

_ACTIVE = f"""
    coalesce((select {lets_in("g", "m")} from groups g where g.id = m.group_id and g.local = m.local), 0)
"""


def join(db: Connection, group_id: str, person: str, join_id: str, *, sequence: int, local: bool) -> None:
    """Write down that somebody has joined; a join before it that they have not left is none any more."""
    db.execute(
        """
        insert into memberships values (?, ?, ?, ?, ?, 0)
        on conflict do update set join_id = excluded.join_id, sequence = excluded.sequence
        """,
        (group_id, local, person, join_id, sequence),
    )
    settle_member(db, group_id, person, local=local)


def leave(db: Connection, group_id: str, person: str, *, local: bool) -> None:
    """Take a member out of the group and its count."""
    row = db.execute(
        "delete from memberships where group_id = ? and local = ? and person = ? returning active",
        (group_id, local, person),
    ).fetchone()
    if row and row[0]:
        _change_count(db, group_id, -1, local=local)


def settle_member(db: Connection, group_id: str, person: str, *, local: bool) -> None:
    """Look whether somebody's join lets them in, and count them if it does."""
    row = db.execute(
        f"select m.active, {_ACTIVE} from memberships m where m.group_id = ? and m.local = ? and m.person = ?",
        (group_id, local, person),
    ).fetchone()
    if row is None or row[0] == row[1]:
        return
    db.execute(
        "update memberships set active = ? where group_id = ? and local = ? and person = ?",
        (row[1], group_id, local, person),
    )
    _change_count(db, group_id, 1 if row[1] else -1, local=local)


def settle_members(db: Connection, group_id: str, *, local: bool) -> None:
    """Look who is in a group that has just become known."""
    people = db.execute("select person from memberships where group_id = ? and local = ?", (group_id, local)).fetchall()
    for (person,) in people:
        settle_member(db, group_id, str(person), local=local)


def _change_count(db: Connection, group_id: str, change: int, *, local: bool) -> None:
    db.execute(
        "update groups set member_count = member_count + ? where id = ? and local = ?", (change, group_id, local)
    )
