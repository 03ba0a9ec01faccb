"""Groups as they are found, and who has joined them.

A group's own register says who owns it and who moderates; each member's says that they joined. The rules are the feed's:
what it refuses has no effect here either, so that nobody finds what nobody is shown.
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
from samverka.search.v1.search_views_pb2 import HIT_KIND_GROUP
from services.chassis.envelope import Fact
from services.chassis.group_registers import apply_member_role_set, is_private, require_founder, require_owner
from services.chassis.projection import Handlers
from services.chassis.store import Connection
from services.search.domain.words import alike
from services.search.projections.writing import Document, add_document, touch_group


def apply_group_created(db: Connection, fact: Fact[GroupCreated]) -> None:
    """Keep the group; who creates it has joined it, and lives where it has its home."""
    group = fact.payload
    require_founder(fact)
    document = Document(HIT_KIND_GROUP, group.group_id, group.about, title=group.name, called=alike(group.name))
    add_document(db, fact, document)
    row = (group.group_id, fact.local, fact.actor, is_private(group))
    db.execute("insert into groups values (?, ?, ?, ?)", row)
    _join(db, fact, group.group_id)
    touch_group(db, group.group_id, fact.sequence, local=fact.local)


def apply_group_updated(db: Connection, fact: Fact[GroupUpdated]) -> None:
    group = fact.payload
    require_owner(db, fact)
    db.execute(
        "update documents set title = ?, called = ?, body = ?, changed = ? where id = ? and local = ? and kind = ?",
        (group.name, alike(group.name), group.about, fact.sequence, group.group_id, fact.local, HIT_KIND_GROUP),
    )


def apply_joined(db: Connection, fact: Fact[MemberJoined] | Fact[MembershipRequested]) -> None:
    _join(db, fact, fact.payload.group_id)


def apply_member_left(db: Connection, fact: Fact[MemberLeft]) -> None:
    db.execute(
        "delete from memberships where group_id = ? and local = ? and person = ?",
        (fact.payload.group_id, fact.local, fact.actor),
    )


def _join(
    db: Connection, fact: Fact[GroupCreated] | Fact[MemberJoined] | Fact[MembershipRequested], group_id: str
) -> None:
    """Write down that somebody has joined; a join before it that they have not left is none any more."""
    db.execute(
        "insert into memberships values (?, ?, ?, ?) on conflict do update set join_id = excluded.join_id",
        (group_id, fact.local, fact.actor, fact.id),
    )


HANDLERS: Final[Handlers] = {
    GroupCreated: apply_group_created,
    GroupUpdated: apply_group_updated,
    MemberRoleSet: apply_member_role_set,
    MemberJoined: apply_joined,
    MembershipRequested: apply_joined,
    MemberLeft: apply_member_left,
}
