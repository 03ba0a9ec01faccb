"""The latest posts of one person."""

from __future__ import annotations

from samverka.feed.v1.feed_views_pb2 import PostConnection
from services.chassis.paging import PageRequest
from services.chassis.store import Connection
from services.feed.views import post_page

_BEGINNING = 2**63 - 1


def list_person_posts(db: Connection, person_id: str, page: PageRequest, *, viewer: str, epoch: str) -> PostConnection:
    """Return a page of the posts of ``person_id``; nobody's posts are an empty page."""
    rows = db.execute(
        """
        select sequence from posts indexed by posts_by_author
        where author = ? and deleted = 0 and hidden = 0 and sequence < ? order by sequence desc limit ?
        """,
        (person_id, _BEGINNING if page.after is None else page.after, page.first + 1),
    )
    return post_page(db, [row[0] for row in rows], first=page.first, viewer=viewer, epoch=epoch)
