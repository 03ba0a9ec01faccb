"""What a group's own register says of people, read and written alike by every projection that has to know who is let in.

The tables are the projection's own, with these columns: ``groups`` (id, local, owner), ``roles`` (group_id, local,
person, role), ``admissions`` (group_id, local, person, join_id, state) and ``bans`` (group_id, local, person,
stays_until). A decision is judged by what the group's register said before it, and by nothing else; so every region and
every service agrees.
"""

from __future__ import annotations

from typing import Any

from samverka.feed.v1.feed_events_pb2 import GROUP_ROLE_MODERATOR, MemberBanned, MemberUnbanned
from services.chassis.envelope import Fact
from services.chassis.projection import Refused
from services.chassis.store import Connection

# How far a join has come; one that has come further never goes back.
DECLINED = 1
"""It does not let in, unless it is approved later."""
APPROVED = 2
"""It lets in; from here on it has let in."""
ENDED = 3
"""It lets in no more, for good."""
_SEQUENCE_MAX = 2**63 - 1


def owner_of(db: Connection, group_id: str, *, local: bool) -> str | None:
    """Return who created the group; None if it is not here."""
    row = db.execute("select owner from groups where id = ? and local = ?", (group_id, local)).fetchone()
    return str(row[0]) if row else None


def may_moderate(db: Connection, group_id: str, person: str, *, local: bool) -> bool:
    """Whether the group's own register lets this person moderate."""
    find = "select 1 from roles where group_id = ? and local = ? and person = ? and role = ?"
    if owner_of(db, group_id, local=local) == person:
        return True
    return db.execute(find, (group_id, local, person, GROUP_ROLE_MODERATOR)).fetchone() is not None


def require_moderator(db: Connection, fact: Fact[Any]) -> None:
    """Refuse a decision that is not in its group's register, or by whom that lets moderate."""
    group_id = fact.payload.group_id
    if group_id != fact.owner or not may_moderate(db, group_id, fact.actor, local=fact.local):
        raise Refused


def require_may_send_away(db: Connection, fact: Fact[Any]) -> None:
    """Refuse to send the owner away, and a moderator unless the owner does."""
    require_moderator(db, fact)
    group_id, person = fact.payload.group_id, fact.payload.person_id
    owner = owner_of(db, group_id, local=fact.local)
    if person == owner or (fact.actor != owner and may_moderate(db, group_id, person, local=fact.local)):
        raise Refused


def take_role(db: Connection, fact: Fact[Any]) -> None:
    """Take what role the person of a decision was given."""
    db.execute("delete from roles where group_id = ? and local = ? and person = ?", member_of(fact))


def admit(db: Connection, fact: Fact[Any], state: int) -> None:
    """Write down how far the join that a decision names has come."""
    db.execute(
        "insert into admissions values (?, ?, ?, ?, ?) on conflict do update set state = max(state, excluded.state)",
        (*member_of(fact), fact.payload.join_id, state),
    )


def require_ban(db: Connection, fact: Fact[MemberBanned]) -> None:
    """Refuse a ban that may not be, or that names no point in a log up to which what was written stays."""
    require_may_send_away(db, fact)
    if fact.payload.stays_until > _SEQUENCE_MAX:
        raise Refused


def ban(db: Connection, fact: Fact[MemberBanned]) -> None:
    """Write down a ban, take the person's role, and end the join that the ban names, if it names one."""
    db.execute(
        "insert into bans values (?, ?, ?, ?) on conflict do update set stays_until = excluded.stays_until",
        (*member_of(fact), fact.payload.stays_until),
    )
    take_role(db, fact)
    if fact.payload.join_id:
        admit(db, fact, ENDED)


def unban(db: Connection, fact: Fact[MemberUnbanned]) -> None:
    """Write down that a ban is taken back."""
    db.execute("delete from bans where group_id = ? and local = ? and person = ?", member_of(fact))


def member_of(fact: Fact[Any]) -> tuple[str, bool, str]:
    """Return the group, its reach and the person that a decision is about: the key of their rows."""
    return fact.payload.group_id, fact.local, fact.payload.person_id
