"""Where the viewer was mentioned, latest arrival first."""

from __future__ import annotations

from samverka.feed.v1.feed_views_pb2 import MentionConnection
from services.chassis.paging import PageRequest
from services.chassis.store import Connection
from services.feed.views import find_comment, find_post

_BEGINNING = 2**63 - 1
# Of what is open and of each group of the viewer's the latest, by the index.
_LATEST = """
    with audiences as materialized (
        select '' as audience, null as local
        union all
        select group_id, local from memberships indexed by memberships_by_person where person = :viewer and active = 1
    ), me as materialized (select region, handle from people where id = :viewer),
    latest as (
        select mentions.* from me cross join audiences cross join (select 0 as local union all select 1) reach
        cross join mentions indexed by mentions_by_audience on mentions.region = me.region and mentions.handle = me.handle
            and mentions.audience = audiences.audience and mentions.local = reach.local
            and mentions.sequence in (
                select recent.sequence from mentions recent indexed by mentions_by_audience
                where recent.region = me.region and recent.handle = me.handle
                    and recent.audience = audiences.audience and recent.local = reach.local
                    and recent.sequence < :before
                order by recent.sequence desc limit :most
            )
        where audiences.local is null or audiences.local = reach.local
    )
    select sequence, content_id, comment, post_id from latest order by sequence desc limit :most
"""


def list_mentions(db: Connection, page: PageRequest, *, viewer: str, epoch: str) -> MentionConnection:
    """Return a page of the posts and comments that name the viewer and that they see."""
    before = _BEGINNING if page.after is None else page.after
    rows = db.execute(_LATEST, {"viewer": viewer, "before": before, "most": page.first + 1}).fetchall()
    mentions = MentionConnection()
    for sequence, content_id, is_comment, post_id in rows[: page.first]:
        post = find_post(db, str(post_id), viewer=viewer)
        comment = find_comment(db, str(content_id), viewer=viewer) if is_comment else None
        if post is not None and (comment is not None or not is_comment):
            mention = mentions.edges.add(cursor=f"{epoch}:{sequence}").node
            mention.post.CopyFrom(post)
            if comment is not None:
                mention.comment.CopyFrom(comment)
    mentions.page_info.has_next_page = len(rows) > page.first
    mentions.page_info.end_cursor = mentions.edges[-1].cursor if mentions.edges else ""
    return mentions
