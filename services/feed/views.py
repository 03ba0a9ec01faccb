"""Posts and comments as a viewer sees them: the columns that a page needs, and the messages made of them.

A whole page is one statement. What the viewer reacted with comes along as a list in one column, and only where there
are reactions at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

from samverka.feed.v1.feed_events_pb2 import POST_KIND_PRAISE, POST_KIND_QUESTION
from samverka.feed.v1.feed_views_pb2 import (
    REACH_LOCAL,
    REACH_NETWORK,
    Comment,
    CommentConnection,
    Post,
    PostConnection,
    PostEdge,
    ReactionCount,
)
from services.chassis.store import Connection
from services.feed.standing import may_moderate, seen

_VIEWER_HELPED = """
    case helpful_count when 0 then 0 else exists (
        select 1 from helpful where target_id = item.id and local = item.local and person = :viewer and person != item.author
    ) end
"""
_VIEWER_REACTIONS = """
    case reactions when '{}' then null else (
        select group_concat(emoji, ' ') from reactions
        where target_id = item.id and local = item.local and person = :viewer
    ) end
"""
_POST = f"""
    select item.sequence, item.id, body, author, coalesce(handle, ''), coalesce(people.name, ''), coalesce(region, ''),
        item.created_at_ms, reactions, {_VIEWER_REACTIONS}, edited_at_ms, comment_count, item.local, hidden,
        groups.id, groups.name, kind, title, topics, answer_count, accepted, helpful_count, {_VIEWER_HELPED},
        case kind when {POST_KIND_PRAISE} then (select id from praises where sequence = item.sequence) end
    from posts item left join people on people.id = author
    left join groups on groups.id = item.group_id and groups.local = item.local
    where {seen("item")}
"""


def posts_of(sequences: str) -> str:
    """Return the SQL for those posts that the statement ``sequences`` gives and ``:viewer`` may see, latest first."""
    return f"{_POST} and item.sequence in ({sequences}) order by item.sequence desc"


_POSTS = posts_of("select value from json_each(:wanted)")
_COMMENT = f"""
    select item.sequence, item.id, body, author, coalesce(handle, ''), coalesce(name, ''), coalesce(region, ''),
        created_at_ms, reactions, {_VIEWER_REACTIONS}, post_id, local, hidden, answer, helpful_count, {_VIEWER_HELPED}
    from comments item left join people on people.id = author
"""
_NO_REACTIONS = "{}"
Row = tuple[Any, ...]


def find_post(db: Connection, post_id: str, *, viewer: str) -> Post | None:
    """Return a post that the viewer may see; one that is hidden only for its author and who moderates its group."""
    row = db.execute(
        f"{_POST} and item.id = :id and deleted = 0 order by item.local limit 1", {"id": post_id, "viewer": viewer}
    ).fetchone()
    if row is None:
        return None
    post = _fill_post(Post(), row)
    if post.hidden and post.author.id != viewer and not may_moderate(db, post.group.id, viewer):
        return None
    return post


def find_comment(db: Connection, comment_id: str, *, viewer: str) -> Comment | None:
    """Return a comment below a post that the viewer may see; one that is hidden only for its author and who moderates."""
    row = db.execute(
        f"{_COMMENT} where item.id = :id and deleted = 0 order by item.local limit 1",
        {"id": comment_id, "viewer": viewer},
    ).fetchone()
    if row is None:
        return None
    comment, local = _fill_comment(Comment(), row), row[11]
    post = find_post(db, comment.post_id, viewer=viewer)
    if post is None or (post.reach == REACH_LOCAL) != bool(local):
        return None
    if comment.hidden and comment.author.id != viewer and not may_moderate(db, post.group.id, viewer):
        return None
    return comment


def post_edges(db: Connection, sequences: Sequence[int], *, viewer: str, epoch: str) -> list[PostEdge]:
    """Return the edges of the posts with these sequences, latest first."""
    edges = []
    for row in post_rows(db, sequences, viewer=viewer):
        edge = PostEdge(cursor=f"{epoch}:{row[0]}")
        _fill_post(edge.node, row)
        edges.append(edge)
    return edges


def post_page(db: Connection, sequences: Sequence[int], *, first: int, viewer: str, epoch: str) -> PostConnection:
    """Return the first posts of ``sequences``, of which one more than asked for says that there is a next page."""
    page = PostConnection()
    fill_page(page, post_rows(db, sequences[:first], viewer=viewer), has_next=len(sequences) > first, epoch=epoch)
    return page


def fill_page(page: PostConnection, rows: Iterable[Row], *, has_next: bool, epoch: str) -> None:
    """Fill a page with the posts of these rows, of a statement of ``posts_of``."""
    add = page.edges.add
    for row in rows:
        _fill_post(add(cursor=f"{epoch}:{row[0]}").node, row)
    _end_page(page, has_next=has_next)


def comment_page(db: Connection, post: Post, *, first: int, after: int, viewer: str, epoch: str) -> CommentConnection:
    """Return comments of a post that came after a sequence, oldest first."""
    rows = db.execute(
        f"""
        {_COMMENT} where post_id = :post and local = :local and deleted = 0 and hidden = 0 and item.sequence > :after
        order by item.sequence limit :most
        """,
        {
            "post": post.id,
            "local": post.reach == REACH_LOCAL,
            "after": after,
            "most": first + 1,
            "viewer": viewer,
        },
    ).fetchall()
    page = CommentConnection()
    for row in rows[:first]:
        _fill_comment(page.edges.add(cursor=f"{epoch}:{row[0]}").node, row)
    _end_page(page, has_next=len(rows) > first)
    return page


def post_rows(db: Connection, sequences: Sequence[int], *, viewer: str) -> Iterable[Row]:
    """Return the rows of the posts with these sequences, latest first."""
    return db.execute(_POSTS, {"wanted": orjson.dumps(sequences).decode(), "viewer": viewer})


def _end_page(page: PostConnection | CommentConnection, *, has_next: bool) -> None:
    page.page_info.has_next_page = has_next
    page.page_info.end_cursor = page.edges[-1].cursor if page.edges else ""


# Messages are filled where they stand: one that is handed to another's constructor is copied, and a page three times.
# A row is unpacked at once, and nothing is read back from a message.


def _fill_post(post: Post, row: Row) -> Post:
    # fmt: off
    (
        _, post_id, body, author_id, handle, name, region, created_at_ms, reactions, mine, edited_at_ms, comment_count,
        local, hidden, group_id, group_name, kind, title, topics, answer_count, accepted, helpful_count, helped,
        recognition_id,
    ) = row
    # fmt: on
    author = post.author
    author.id, author.handle = author_id, handle
    author.name, author.region = name, region
    post.id, post.body = post_id, body
    post.created_at_ms, post.kind = created_at_ms, kind
    post.reach = reach = REACH_LOCAL if local else REACH_NETWORK
    # What says nothing is not set: most of a post does not, and each setting costs.
    if reactions != _NO_REACTIONS:
        _fill_reactions(post.reactions, reactions, mine)
    if edited_at_ms:
        post.edited_at_ms = edited_at_ms
    if comment_count:
        post.comment_count = comment_count
    if hidden:
        post.hidden = True
    if group_id is not None:
        group = post.group
        group.id, group.name, group.reach = group_id, group_name, reach
    if kind == POST_KIND_QUESTION:
        post.title, post.answer_count, post.accepted_answer_id = title, answer_count, accepted
    if topics != "[]":
        post.topics.extend(orjson.loads(topics))
    if helpful_count:
        post.helpful_count, post.viewer_marked_helpful = helpful_count, helped
    if recognition_id is not None:
        post.recognition_id = recognition_id
    return post


def _fill_comment(comment: Comment, row: Row) -> Comment:
    author = comment.author
    _, comment.id, comment.body, author.id, author.handle, author.name, author.region, comment.created_at_ms = row[:8]
    reactions, mine, comment.post_id, _, hidden, comment.answer, helpful_count, helped = row[8:]
    if reactions != _NO_REACTIONS:
        _fill_reactions(comment.reactions, reactions, mine)
    if hidden:
        comment.hidden = True
    if helpful_count:
        comment.helpful_count, comment.viewer_marked_helpful = helpful_count, helped
    return comment


def _fill_reactions(
    reactions: RepeatedCompositeFieldContainer[ReactionCount], counts: str, viewers: str | None
) -> None:
    mine = viewers.split(" ") if viewers else ()
    for emoji, count in orjson.loads(counts).items():
        reactions.add(emoji=emoji, count=count, viewer_reacted=emoji in mine)
