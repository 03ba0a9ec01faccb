"""What somebody may see and do in a group: the group's register and theirs, read together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_OWNER,
    GROUP_ROLE_UNSPECIFIED,
    GroupRole,
)
from services.chassis.eventlog.subjects import Reach
from services.chassis.store import Connection
from services.feed.domain.groups import moderates

ROLE = f"""
    case
        when groups.owner = :viewer then {GROUP_ROLE_OWNER}
        when not exists (
            select 1 from memberships
            where group_id = groups.id and local = groups.local and person = :viewer and active = 1
        ) then 0
        else coalesce(
            (select role from roles where group_id = groups.id and local = groups.local and person = :viewer),
            {GROUP_ROLE_MEMBER}
        )
    end
"""
"""The role of ``:viewer`` in the row of ``groups``; a role that was given holds while they are members."""


def seen(post: str) -> str:
    """Return the SQL for whether ``:viewer`` may see the row ``post`` of posts: it is open, or they are in its group."""
    return f"""
        ({post}.open = 1 or exists (
            select 1 from memberships inside
            where inside.group_id = {post}.group_id and inside.local = {post}.local and inside.person = :viewer
                and inside.active = 1
        ))
    """


@dataclass(frozen=True, slots=True)
class Standing:
    """A group, and the role of the one who was asked about; unspecified: they are no member."""

    group_id: str
    reach: Reach
    private: bool
    role: GroupRole.ValueType

    @property
    def is_member(self) -> bool:
        return self.role != GROUP_ROLE_UNSPECIFIED


def find_standing(db: Connection, group_id: str, person: str) -> Standing | None:
    """Return where ``person`` stands in the group, also where they do not see it; None if there is no such group here."""
    row = db.execute(
        f"select local, private, {ROLE} from groups where id = :group order by local limit 1",
        {"group": group_id, "viewer": person},
    ).fetchone()
    if row is None:
        return None
    return Standing(group_id, reach_of(row[0]), bool(row[1]), cast("GroupRole.ValueType", row[2]))


def find_seen(db: Connection, group_id: str, viewer: str) -> Standing | None:
    """Return where ``viewer`` stands in the group; None if there is none for them: a private one is its members' alone."""
    group = find_standing(db, group_id, viewer)
    return None if group is not None and group.private and not group.is_member else group


def given_role(db: Connection, group_id: str, person: str, reach: Reach) -> GroupRole.ValueType:
    """Return what the group's own register lets ``person`` do if they are a member; unspecified: it says nothing."""
    row = db.execute(
        f"""
        select case when owner = :person then {GROUP_ROLE_OWNER} else (
            select role from roles where group_id = groups.id and local = groups.local and person = :person
        ) end from groups where id = :group and local = :local
        """,
        {"group": group_id, "person": person, "local": reach == "local"},
    ).fetchone()
    return cast("GroupRole.ValueType", row[0] or GROUP_ROLE_UNSPECIFIED) if row else GROUP_ROLE_UNSPECIFIED


def may_moderate(db: Connection, group_id: str | None, person: str) -> bool:
    """Whether ``person`` moderates the group, as far as it is known here."""
    standing = find_standing(db, group_id, person) if group_id else None
    return standing is not None and moderates(standing.role)


def reach_of(local: object) -> Reach:
    """Return the reach that a row's column ``local`` stands for."""
    return "local" if local else "pub"
