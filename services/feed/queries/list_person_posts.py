"""The latest posts of one person."""

from __future__ import annotations

from samverka.feed.v1.feed_views_pb2 import PostConnection
from services.chassis.paging import PageRequest
from services.chassis.store import Connection
from services.feed.views import post_page

_BEGINNING = 2**63 - 1
# Two halves, each by its index: what is open, and what stands in the private groups that the viewer is in.
_POSTS = """
    select * from (
        select sequence from posts indexed by posts_by_author
        where author = :author and deleted = 0 and hidden = 0 and open = 1 and sequence < :before
        order by sequence desc limit :most
    )
    union all
    select * from (
        select posts.sequence from memberships inside indexed by memberships_by_person
        cross join posts on posts.sequence in (
            select own.sequence from posts own indexed by posts_of_group
            where own.group_id = inside.group_id and own.local = inside.local and own.author = :author
                and own.deleted = 0 and own.hidden = 0 and own.open = 0 and own.sequence < :before
            order by own.sequence desc limit :most
        )
        where inside.person = :viewer and inside.active = 1
    )
    order by 1 desc limit :most
"""


def list_person_posts(db: Connection, person_id: str, page: PageRequest, *, viewer: str, epoch: str) -> PostConnection:
    """Return a page of the posts of ``person_id`` that the viewer sees; nobody's posts are an empty page."""
    before = _BEGINNING if page.after is None else page.after
    asked = {"author": person_id, "viewer": viewer, "before": before, "most": page.first + 1}
    rows = db.execute(_POSTS, asked)
    return post_page(db, [row[0] for row in rows], first=page.first, viewer=viewer, epoch=epoch)
