"""What follows for a post from its comments and from what was accepted: its counts, its accepted answer, and its lists.

An accepted answer is one that is shown below the question: the one that the question's group has ruled on or, as long as it
has not, the one that the question's author has chosen.
"""

from __future__ import annotations

from samverka.feed.v1.feed_events_pb2 import POST_KIND_QUESTION
from services.chassis.store import Connection
from services.feed.projections.listing import list_post

_SHOWN = "c.post_id = posts.id and c.local = posts.local and c.deleted = 0 and c.hidden = 0"
_WANTED = """
    coalesce((
        select r.comment_id from answer_rulings r
        where r.post_id = posts.id and r.local = posts.local and r.group_id = posts.group_id
    ), chosen)
"""
_SETTLE = f"""
    update posts set
        comment_count = (select count(*) from comments c where {_SHOWN}),
        answer_count = (
            select count(*) from comments c where {_SHOWN} and c.answer = 1 and posts.kind = {POST_KIND_QUESTION}
        ),
        accepted = coalesce((
            select c.id from comments c
            where c.id = {_WANTED} and {_SHOWN} and c.answer = 1 and posts.kind = {POST_KIND_QUESTION}
        ), '')
    where id = ? and local = ?
"""


def settle_post(db: Connection, post_id: str, *, local: bool) -> None:
    """Count the comments below a post anew, look which answer is accepted, and in which lists it all is."""
    db.execute(_SETTLE, (post_id, local))
    list_post(db, post_id, local=local)
