"""Groups, who is a member, and what roles their owners gave.

A group's own register says who owns it and who moderates; each member's says that they joined. The two meet in whoever asks
what somebody may do.
"""

from __future__ import annotations

from typing import Final

from samverka.feed.v1.feed_events_pb2 import (
    GroupCreated,
    GroupUpdated,
    MemberJoined,
    MemberLeft,
    MemberRoleSet,
    MembershipRequested,
)
from services.chassis.envelope import Fact
from services.chassis.group_registers import apply_member_role_set, is_private, require_founder, require_owner
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.feed.projections.hiding import open_group
from services.feed.projections.membership import join, leave, settle_members


def apply_group_created(db: Connection, fact: Fact[GroupCreated]) -> None:
    """Keep the group; who creates it has joined it, and lives where it has its home."""
    group = fact.payload
    require_founder(fact)
    private = is_private(group)
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
    require_owner(db, fact)
    db.execute(
        "update groups set name = ?, about = ? where id = ? and local = ?",
        (group.name, group.about, group.group_id, fact.local),
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
