"""What a group's own register says of people, read and written alike by every projection that has to know who is let in.

The tables of what it says are ``tables_of_people``; beside them a projection has its own, with these columns: ``groups``
(id, local, owner) and ``memberships`` (group_id, local, person). A decision is judged by what the group's register said
before it, and by nothing else; so every region and every service agrees. What follows for members and content,
``group_rules`` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    GROUP_VISIBILITY_PUBLIC,
    GROUP_VISIBILITY_UNSPECIFIED,
    GroupCreated,
    MemberBanned,
    MemberRemoved,
    MemberRoleSet,
    MembershipApproved,
    MembershipDeclined,
    MemberUnbanned,
)
from services.chassis.envelope import Fact
from services.chassis.ids import region_of
from services.chassis.origins import Register
from services.chassis.projection import Handler, Handlers, Refused
from services.chassis.store import Connection

# How far a join has come; one that has come further never goes back.
DECLINED = 1
"""It does not let in, unless it is approved later."""
APPROVED = 2
"""It lets in; from here on it has let in."""
ENDED = 3
"""It lets in no more, for good."""
_SEQUENCE_MAX = 2**63 - 1
_PUBLIC = "local = 0"
REGISTERS_OF_PEOPLE: Final = (
    Register("admissions", owner="group_id", key="group_id, person, join_id", values="state", where=_PUBLIC),
    Register("bans", owner="group_id", key="group_id, person", values="stays_until", where=_PUBLIC),
    Register("roles", owner="group_id", key="group_id, person", values="role", where=_PUBLIC),
)
_GIVEN = (GROUP_ROLE_MEMBER, GROUP_ROLE_MODERATOR)
_OPEN = (GROUP_VISIBILITY_UNSPECIFIED, GROUP_VISIBILITY_PUBLIC)


def tables_of_people() -> str:
    """Return the definitions of the tables of ``REGISTERS_OF_PEOPLE``."""
    return (files("services.chassis") / "group_registers.sql").read_text()


def is_private(group: GroupCreated) -> bool:
    """Whether the group is its members' alone; of a visibility that this release does not know, it is."""
    return group.visibility not in _OPEN


def has_joined(db: Connection, group_id: str, person: str, *, local: bool) -> bool:
    """Whether the person's own register says that they have joined, and not left since."""
    find = "select 1 from memberships where group_id = ? and local = ? and person = ?"
    return db.execute(find, (group_id, local, person)).fetchone() is not None


def member_of(fact: Fact[Any]) -> tuple[str, bool, str]:
    """Return the group, its reach and the person that a decision is about: the key of their rows."""
    return fact.payload.group_id, fact.local, fact.payload.person_id


def require_founder(fact: Fact[GroupCreated]) -> None:
    """Refuse a group that is not said in its own register, or not by somebody who lives where it has its home."""
    group_id = fact.payload.group_id
    if group_id != fact.owner or region_of(group_id) != fact.origin or region_of(fact.actor) != fact.origin:
        raise Refused


def require_owner(db: Connection, fact: Fact[Any]) -> None:
    """Refuse what is not in its group's register, or not said by the group's owner."""
    group_id = fact.payload.group_id
    if group_id != fact.owner or fact.actor != _owner_of(db, group_id, local=fact.local):
        raise Refused


def require_moderator(db: Connection, fact: Fact[Any]) -> None:
    """Refuse a decision that is not in its group's register, or by whom that lets moderate."""
    group_id = fact.payload.group_id
    if group_id != fact.owner or not _may_moderate(db, group_id, fact.actor, local=fact.local):
        raise Refused


def apply_member_role_set(db: Connection, fact: Fact[MemberRoleSet]) -> None:
    """Write down what role the owner gives to somebody else; nobody is given that of the owner."""
    require_owner(db, fact)
    if fact.payload.person_id == fact.actor or fact.payload.role not in _GIVEN:
        raise Refused
    db.execute(
        "insert into roles values (?, ?, ?, ?) on conflict do update set role = excluded.role",
        (*member_of(fact), fact.payload.role),
    )


def decisions_on_people(*, settle_request: Handler, settle_person: Handler) -> Handlers:
    """Return what applies a group's decisions on whom it lets in, removes and bans.

    ``settle_request`` writes down which request the decision is on, or refuses it; ``settle_person`` sees to what follows
    from the decision in the other tables.
    """

    def handler(require: Handler, write: Handler) -> Handler:
        def apply(db: Connection, fact: Fact[Any]) -> None:
            require(db, fact)
            settle_request(db, fact)
            write(db, fact)
            settle_person(db, fact)

        return apply

    return {kind: handler(require, write) for kind, (require, write) in _DECISIONS.items()}


def _owner_of(db: Connection, group_id: str, *, local: bool) -> str | None:
    """Return who created the group; None if it is not here."""
    row = db.execute("select owner from groups where id = ? and local = ?", (group_id, local)).fetchone()
    return str(row[0]) if row else None


def _may_moderate(db: Connection, group_id: str, person: str, *, local: bool) -> bool:
    """Whether the group's own register lets this person moderate."""
    find = "select 1 from roles where group_id = ? and local = ? and person = ? and role = ?"
    if _owner_of(db, group_id, local=local) == person:
        return True
    return db.execute(find, (group_id, local, person, GROUP_ROLE_MODERATOR)).fetchone() is not None


def _require_may_send_away(db: Connection, fact: Fact[Any]) -> None:
    """Refuse to send the owner away, and a moderator unless the owner does."""
    require_moderator(db, fact)
    group_id, person = fact.payload.group_id, fact.payload.person_id
    owner = _owner_of(db, group_id, local=fact.local)
    if person == owner or (fact.actor != owner and _may_moderate(db, group_id, person, local=fact.local)):
        raise Refused


def _require_ban(db: Connection, fact: Fact[MemberBanned]) -> None:
    """Refuse a ban that may not be, or that names no point in a log up to which what was written stays."""
    _require_may_send_away(db, fact)
    if fact.payload.stays_until > _SEQUENCE_MAX:
        raise Refused


def _approve(db: Connection, fact: Fact[MembershipApproved]) -> None:
    _admit(db, fact, APPROVED)


def _decline(db: Connection, fact: Fact[MembershipDeclined]) -> None:
    _admit(db, fact, DECLINED)


def _remove(db: Connection, fact: Fact[MemberRemoved]) -> None:
    _take_role(db, fact)
    _admit(db, fact, ENDED)


def _ban(db: Connection, fact: Fact[MemberBanned]) -> None:
    """Write down a ban, take the person's role, and end the join that the ban names, if it names one."""
    db.execute(
        "insert into bans values (?, ?, ?, ?) on conflict do update set stays_until = excluded.stays_until",
        (*member_of(fact), fact.payload.stays_until),
    )
    _take_role(db, fact)
    if fact.payload.join_id:
        _admit(db, fact, ENDED)


def _unban(db: Connection, fact: Fact[MemberUnbanned]) -> None:
    db.execute("delete from bans where group_id = ? and local = ? and person = ?", member_of(fact))


def _take_role(db: Connection, fact: Fact[Any]) -> None:
    """Take what role the person of a decision was given."""
    db.execute("delete from roles where group_id = ? and local = ? and person = ?", member_of(fact))


def _admit(db: Connection, fact: Fact[Any], state: int) -> None:
    """Write down how far the join that a decision names has come."""
    db.execute(
        "insert into admissions values (?, ?, ?, ?, ?) on conflict do update set state = max(state, excluded.state)",
        (*member_of(fact), fact.payload.join_id, state),
    )


_DECISIONS: Final[Mapping[type[Message], tuple[Handler, Handler]]] = {
    MembershipApproved: (require_moderator, _approve),
    MembershipDeclined: (require_moderator, _decline),
    MemberRemoved: (_require_may_send_away, _remove),
    MemberBanned: (_require_ban, _ban),
    MemberUnbanned: (require_moderator, _unban),
}
"""Whose each decision is, and what it writes."""
