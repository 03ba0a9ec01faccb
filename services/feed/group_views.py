"""Groups as a viewer sees them, and who is in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from samverka.feed.v1.feed_events_pb2 import GROUP_VISIBILITY_PRIVATE, GROUP_VISIBILITY_PUBLIC
from samverka.feed.v1.feed_views_pb2 import (
    REACH_LOCAL,
    REACH_NETWORK,
    Group,
    GroupConnection,
    Member,
    MemberConnection,
)
from services.chassis.ids import region_of
from services.chassis.store import Connection
from services.feed.standing import ROLE, Standing

_GROUP = f"select sequence, id, name, about, local, private, member_count, {ROLE} from groups"
_LAST = 2**63 - 1
# Two halves, each by its index: the groups that are there for everybody, and the private ones that the viewer is in.
_PAGE = f"""
    {_GROUP} where sequence in (
        select * from (
            select sequence from groups indexed by groups_open
            where private = 0 and sequence < :before order by sequence desc limit :most
        )
        union all
        select * from (
            select own.sequence from memberships inside indexed by memberships_by_person
            cross join groups own on own.id = inside.group_id and own.local = inside.local
            where inside.person = :viewer and inside.active = 1 and own.private = 1 and own.sequence < :before
            order by own.sequence desc limit :most
        )
    )
    order by sequence desc limit :most
"""
_MEMBER = f"""
    select inside.sequence, inside.person, coalesce(handle, ''), coalesce(people.name, ''), coalesce(region, ''),
        {ROLE.replace(":viewer", "inside.person")}
    from groups cross join memberships inside indexed by memberships_of_group
        on inside.group_id = groups.id and inside.local = groups.local
    left join people on people.id = inside.person
    where groups.id = :group and groups.local = :local and inside.sequence < :before
"""
_IN = "inside.active = 1"
_WAITING = """
    inside.active = 0 and groups.private = 1 and not exists (
        select 1 from admissions a
        where a.group_id = inside.group_id and a.local = inside.local and a.person = inside.person
            and a.join_id = inside.join_id
    ) and not exists (
        select 1 from bans b where b.group_id = inside.group_id and b.local = inside.local and b.person = inside.person
    )
"""


def find_group(db: Connection, group_id: str, *, viewer: str) -> Group | None:
    """Return a group with the viewer's role in it; None where it is not there for them."""
    row = db.execute(f"{_GROUP} where id = :id order by local limit 1", {"id": group_id, "viewer": viewer}).fetchone()
    if row is None or (row[5] and not row[7]):
        return None
    return _fill(Group(), row)


def group_page(db: Connection, *, first: int, before: int | None, viewer: str, epoch: str) -> GroupConnection:
    """Return a page of the groups that are there for the viewer and arrived before a sequence, latest arrival first."""
    rows = db.execute(_PAGE, {"before": _LAST if before is None else before, "most": first + 1, "viewer": viewer})
    found = rows.fetchall()
    page = GroupConnection()
    for row in found[:first]:
        _fill(page.edges.add(cursor=f"{epoch}:{row[0]}").node, row)
    _end(page, more=len(found) > first)
    return page


def member_page(
    db: Connection, group: Standing, *, first: int, before: int | None, waiting: bool, epoch: str
) -> MemberConnection:
    """Return a page of a group's members, or of who waits to be let in, who came before a sequence, the latest first."""
    asked = {
        "group": group.group_id,
        "local": group.reach == "local",
        "before": _LAST if before is None else before,
        "most": first + 1,
    }
    which = _WAITING if waiting else _IN
    found = db.execute(f"{_MEMBER} and {which} order by inside.sequence desc limit :most", asked).fetchall()
    page = MemberConnection()
    for row in found[:first]:
        member = page.edges.add(cursor=f"{epoch}:{row[0]}").node
        _fill_member(member, row)
    _end(page, more=len(found) > first)
    return page


def _end(page: GroupConnection | MemberConnection, *, more: bool) -> None:
    page.page_info.has_next_page = more
    page.page_info.end_cursor = page.edges[-1].cursor if page.edges else ""


def _fill_member(member: Member, row: Sequence[Any]) -> None:
    person = member.person
    _, person.id, person.handle, person.name, person.region, member.role = row


def _fill(group: Group, row: Sequence[Any]) -> Group:
    _, group.id, group.name, group.about, local, private, group.member_count, group.viewer_role = row
    group.region = region_of(group.id)
    group.reach = REACH_LOCAL if local else REACH_NETWORK
    group.visibility = GROUP_VISIBILITY_PRIVATE if private else GROUP_VISIBILITY_PUBLIC
    return group
