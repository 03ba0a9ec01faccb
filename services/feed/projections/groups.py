"""Groups, who is a member, and what roles their owners gave.

A group's own register says who owns it and who moderates; each member's says that they joined. The two meet in whoever asks
what somebody may do.
"""

from __future__ import annotations

from typing import Final

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    GROUP_VISIBILITY_PUBLIC,
    GROUP_VISIBILITY_UNSPECIFIED,
    GroupCreated,
    GroupUpdated,
    MemberJoined,
    MemberLeft,
    MemberRoleSet,
    MembershipRequested,
)
from services.chassis.envelope import Fact
from services.chassis.group_registers import owner_of
from services.chassis.ids import region_of
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.feed.projections.hiding import open_group
from services.feed.projections.membership import join, leave, settle_members

_GIVEN = (GROUP_ROLE_MEMBER, GROUP_ROLE_MODERATOR)
_PUBLIC = (GROUP_VISIBILITY_UNSPECIFIED, GROUP_VISIBILITY_PUBLIC)


def apply_group_created(db: Connection, fact: Fact[GroupCreated]) -> None:
    """Keep the group; who creates it has joined it, and lives where it has its home."""
    group = fact.payload
    if group.group_id != fact.owner or region_of(group.group_id) != fact.origin or region_of(fact.actor) != fact.origin:
        raise Refused
    private = group.visibility not in _PUBLIC
    db.execute(
        "insert into groups values (?, ?, ?, ?, ?, ?, ?, ?, 0) on conflict do nothing",
        (fact.sequence, group.group_id, fact.local, fact.actor, group.name, group.about, private, fact.at_ms),
    )
    if not db.changes():
        raise Refused
    join(db, group.group_id, fact.actor, fact.id, sequence=fact.sequence, local=fact.local)
    settle_members(db, group.group_id, local=fact.local)
    open_group(db, group.group_id, local=fact.local, private=private)


def apply_group_updated(db: Connection, fact: Fact[GroupUpdated]) -> None:
    group = fact.payload
    if group.group_id != fact.owner or fact.actor != owner_of(db, group.group_id, local=fact.local):
        raise Refused
    db.execute(
        "update groups set name = ?, about = ? where id = ? and local = ?",
        (group.name, group.about, group.group_id, fact.local),
    )


def apply_member_role_set(db: Connection, fact: Fact[MemberRoleSet]) -> None:
    given = fact.payload
    owner = owner_of(db, given.group_id, local=fact.local)
    if given.group_id != fact.owner or fact.actor != owner or given.person_id == owner or given.role not in _GIVEN:
        raise Refused
    db.execute(
        "insert into roles values (?, ?, ?, ?) on conflict do update set role = excluded.role",
        (given.group_id, fact.local, given.person_id, given.role),
    )


def apply_member_joined(db: Connection, fact: Fact[MemberJoined]) -> None:
    join(db, fact.payload.group_id, fact.actor, fact.id, sequence=fact.sequence, local=fact.local)


def apply_membership_requested(db: Connection, fact: Fact[MembershipRequested]) -> None:
    join(db, fact.payload.group_id, fact.actor, fact.id, sequence=fact.sequence, local=fact.local)


def apply_member_left(db: Connection, fact: Fact[MemberLeft]) -> None:
    leave(db, fact.payload.group_id, fact.actor, local=fact.local)


HANDLERS: Final[Handlers] = {
    GroupCreated: apply_group_created,
    GroupUpdated: apply_group_updated,
    MemberRoleSet: apply_member_role_set,
    MemberJoined: apply_member_joined,
    MembershipRequested: apply_membership_requested,
    MemberLeft: apply_member_left,
}
