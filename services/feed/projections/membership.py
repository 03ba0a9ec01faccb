"""Who is in a group, how many they are, and whom its own register lets moderate."""

from __future__ import annotations

from samverka.feed.v1.feed_events_pb2 import GROUP_ROLE_MODERATOR
from services.chassis.store import Connection


def leave(db: Connection, group_id: str, person: str, *, local: bool) -> None:
    """Take a member out of the group and its count."""
    db.execute("delete from memberships where group_id = ? and local = ? and person = ?", (group_id, local, person))
    if db.changes():
        _change_count(db, group_id, -1, local=local)


def may_moderate(db: Connection, group_id: str, person: str, *, local: bool) -> bool:
    """Whether the group's own register lets this person moderate."""
    find = "select 1 from roles where group_id = ? and local = ? and person = ? and role = ?"
    if owner_of(db, group_id, local=local) == person:
        return True
    return db.execute(find, (group_id, local, person, GROUP_ROLE_MODERATOR)).fetchone() is not None


def join(db: Connection, group_id: str, person: str, *, local: bool) -> None:
    """Take somebody into the group and its count; a group that has not arrived counts them when it does."""
    db.execute("insert into memberships values (?, ?, ?) on conflict do nothing", (group_id, local, person))
    if db.changes():
        _change_count(db, group_id, 1, local=local)


def _change_count(db: Connection, group_id: str, change: int, *, local: bool) -> None:
    db.execute(
        "update groups set member_count = member_count + ? where id = ? and local = ?", (change, group_id, local)
    )


def owner_of(db: Connection, group_id: str, *, local: bool) -> str | None:
    """Return who created the group; None if it is not here."""
    row = db.execute("select owner from groups where id = ? and local = ?", (group_id, local)).fetchone()
    return str(row[0]) if row else None
