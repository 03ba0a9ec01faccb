"""Groups as a viewer sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from samverka.feed.v1.feed_views_pb2 import REACH_LOCAL, REACH_NETWORK, Group, GroupConnection
from services.chassis.ids import region_of
from services.chassis.store import Connection
from services.feed.standing import ROLE

_GROUP = f"select sequence, id, name, about, local, member_count, {ROLE} from groups"
_LAST = 2**63 - 1


def find_group(db: Connection, group_id: str, *, viewer: str) -> Group | None:
    """Return a group, with the viewer's role in it."""
    row = db.execute(f"{_GROUP} where id = :id order by local limit 1", {"id": group_id, "viewer": viewer}).fetchone()
    return _fill(Group(), row) if row else None


def group_page(db: Connection, *, first: int, before: int | None, viewer: str, epoch: str) -> GroupConnection:
    """Return a page of the groups that arrived before a sequence, latest arrival first."""
    rows = db.execute(
        f"{_GROUP} where sequence < :before order by sequence desc limit :most",
        {"before": _LAST if before is None else before, "most": first + 1, "viewer": viewer},
    ).fetchall()
    page = GroupConnection()
    for row in rows[:first]:
        _fill(page.edges.add(cursor=f"{epoch}:{row[0]}").node, row)
    page.page_info.has_next_page = len(rows) > first
    page.page_info.end_cursor = page.edges[-1].cursor if page.edges else ""
    return page


def _fill(group: Group, row: Sequence[Any]) -> Group:
    _, group.id, group.name, group.about, local, group.member_count, group.viewer_role = row
    group.region = region_of(group.id)
    group.reach = REACH_LOCAL if local else REACH_NETWORK
    return group
