"""What somebody may do in a group: the group's register and theirs, read together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from samverka.feed.v1.feed_events_pb2 import GROUP_ROLE_MEMBER, GROUP_ROLE_OWNER, GroupRole
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


@dataclass(frozen=True, slots=True)
class Standing:
    """A group, and the role of the one who was asked about; unspecified: they are no member."""

    group_id: str
    reach: Reach
    role: GroupRole.ValueType


def find_standing(db: Connection, group_id: str, person: str) -> Standing | None:
    """Return where ``person`` stands in the group; None if there is no such group here."""
    row = db.execute(
        f"select local, {ROLE} from groups where id = :group order by local limit 1",
        {"group": group_id, "viewer": person},
    ).fetchone()
    return Standing(group_id, reach_of(row[0]), cast("GroupRole.ValueType", row[1])) if row else None


def may_moderate(db: Connection, group_id: str | None, person: str) -> bool:
    """Whether ``person`` moderates the group, as far as it is known here."""
    standing = find_standing(db, group_id, person) if group_id else None
    return standing is not None and moderates(standing.role)


def reach_of(local: object) -> Reach:
    """Return the reach that a row's column ``local`` stands for."""
    return "local" if local else "pub"
