"""The latest posts of one group."""

from __future__ import annotations

from samverka.feed.v1.feed_views_pb2 import PostConnection, PostEdge
from services.chassis.paging import PageRequest
from services.chassis.store import Connection
from services.feed.domain.groups import require_group
from services.feed.standing import find_seen
from services.feed.views import post_edges, post_page

_BEGINNING = 2**63 - 1


def list_group_posts(
    db: Connection, group_id: str, page: PageRequest, *, viewer: str, epoch: str
) -> PostConnection | None:
    """Return a page of the group's posts; None if there is no such group here, or not for the viewer."""
    group = find_seen(db, group_id, viewer)
    if group is None:
        return None
    rows = db.execute(
        """
        select sequence from posts indexed by posts_by_group
        where group_id = ? and local = ? and deleted = 0 and hidden = 0 and sequence < ?
        order by sequence desc limit ?
        """,
        (group_id, group.reach == "local", _BEGINNING if page.after is None else page.after, page.first + 1),
    )
    return post_page(db, [row[0] for row in rows], first=page.first, viewer=viewer, epoch=epoch)


def group_posts_since(
    db: Connection, group_id: str, after: int, *, viewer: str, epoch: str, most: int
) -> list[PostEdge]:
    """Return posts that arrived in the group after a sequence, in the order of their arrival. Raises NotFound."""
    group = require_group(find_seen(db, group_id, viewer))
    rows = db.execute(
        """
        select sequence from posts indexed by posts_by_group
        where group_id = ? and local = ? and deleted = 0 and hidden = 0 and sequence > ?
        order by sequence limit ?
        """,
        (group_id, group.reach == "local", after, most),
    )
    return post_edges(db, [row[0] for row in rows], viewer=viewer, epoch=epoch)[::-1]
