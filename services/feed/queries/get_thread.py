"""A post with a page of its comments."""

from __future__ import annotations

from samverka.feed.v1.feed_views_pb2 import CommentConnection, Post
from services.chassis.paging import PageRequest
from services.chassis.store import Connection
from services.feed.views import comment_page, find_post


def get_thread(
    db: Connection, post_id: str, page: PageRequest, *, viewer: str, epoch: str
) -> tuple[Post, CommentConnection] | None:
    """Return a post that the viewer sees and the comments after ``page.after``, oldest first."""
    post = find_post(db, post_id, viewer=viewer)
    if post is None:
        return None
    return post, comment_page(db, post, first=page.first, after=page.after or 0, viewer=viewer, epoch=epoch)
