"""Questions that the viewer sees, latest arrival first."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from samverka.feed.v1.feed_views_pb2 import PostConnection
from services.chassis.paging import PageRequest
from services.chassis.store import Connection
from services.feed.domain.groups import require_group
from services.feed.standing import find_seen
from services.feed.views import post_page

_BEGINNING = 2**63 - 1
# Of each list the latest, by its index: one list for each state, in what is open and in each private group of the viewer.
_LATEST = """
    with lists as materialized ({lists})
    select posts.sequence from lists cross join json_each(:states) state
    cross join posts on posts.sequence in (
        select listed.sequence from question_lists listed
        where listed.group_id = lists.group_id and listed.local = lists.local and listed.topic = :topic
            and listed.state = state.value and listed.sequence < :before
        order by listed.sequence desc limit :most
    )
    order by posts.sequence desc limit :most
"""
_EVERYWHERE = _LATEST.format(
    lists="""
        select '' as group_id, 0 as local
        union all
        select inside.group_id, inside.local from memberships inside indexed by memberships_by_person
            join groups on groups.id = inside.group_id and groups.local = inside.local and groups.private = 1
            where inside.person = :viewer and inside.active = 1
    """
)
_IN_GROUP = _LATEST.format(lists="select :group as group_id, :local as local")


def list_questions(
    db: Connection,
    page: PageRequest,
    *,
    states: Sequence[int],
    topic: str,
    group_id: str,
    viewer: str,
    epoch: str,
) -> PostConnection:
    """Return a page of the questions in one of ``states``; no topic or group is any.

    Raises NotFound for a group that is not there for the viewer.
    """
    asked = {
        "states": orjson.dumps(list(states)).decode(),
        "topic": topic,
        "before": _BEGINNING if page.after is None else page.after,
        "most": page.first + 1,
        "viewer": viewer,
    }
    if group_id:
        group = require_group(find_seen(db, group_id, viewer))
        asked |= {"group": group_id, "local": group.reach == "local"}
    rows = db.execute(_IN_GROUP if group_id else _EVERYWHERE, asked)
    return post_page(db, [row[0] for row in rows], first=page.first, viewer=viewer, epoch=epoch)
