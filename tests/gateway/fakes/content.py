"""Posts, comments and groups as the feed service answers with them."""

from __future__ import annotations

from samverka.feed.v1 import feed_views_pb2 as feed_views
from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MODERATOR,
    GROUP_VISIBILITY_PRIVATE,
    POST_KIND_QUESTION,
    GroupRole,
)
from services.chassis.ids import derive
from tests.gateway.fakes.answering import EPOCH, REGION
from tests.gateway.fakes.profile import person_id

GROUP_ID = derive(REGION, "group")


def post_id(number: int) -> str:
    return derive(REGION, "post", str(number))


def author(handle: str) -> feed_views.Author:
    return feed_views.Author(id=person_id(handle), handle=handle, name=handle.title(), region=REGION)


def post(number: int, *, handle: str = "ann", body: str = "") -> feed_views.Post:
    return feed_views.Post(
        id=post_id(number),
        body=body or f"Post *{number}*",
        author=author(handle),
        created_at_ms=1_700_000_000_000 + number,
        edited_at_ms=1_700_000_100_000 if number % 2 else 0,
        comment_count=number,
        group=feed_views.GroupName(id=GROUP_ID, name="Chess", reach=feed_views.REACH_NETWORK) if number % 2 else None,
        reach=feed_views.REACH_NETWORK,
        reactions=[
            feed_views.ReactionCount(emoji="🎉", count=2, viewer_reacted=True),
            feed_views.ReactionCount(emoji="👍", count=1),
        ],
    )


def question() -> feed_views.Post:
    asked = post(1)
    asked.kind, asked.title, asked.answer_count = POST_KIND_QUESTION, "How?", 2
    asked.accepted_answer_id, asked.helpful_count, asked.viewer_marked_helpful = comment(1).id, 3, True
    asked.topics.extend(("chess", "go"))
    return asked


def comment(number: int) -> feed_views.Comment:
    return feed_views.Comment(
        id=derive(REGION, "comment", str(number)),
        post_id=post_id(1),
        body=f"Comment {number}",
        author=author("bo"),
        created_at_ms=1_700_000_000_000 + number,
        reactions=[feed_views.ReactionCount(emoji="👍", count=1)],
    )


def group(name: str = "Chess") -> feed_views.Group:
    return feed_views.Group(
        id=GROUP_ID,
        name=name,
        about="Thursdays.",
        region=REGION,
        reach=feed_views.REACH_NETWORK,
        member_count=7,
        viewer_role=GROUP_ROLE_MODERATOR,
        visibility=GROUP_VISIBILITY_PRIVATE,
    )


def about_person(person: str) -> feed_views.Moderation:
    return feed_views.Moderation(
        id=derive(REGION, "request"), person_id=person, state=feed_views.MODERATION_STATE_PENDING
    )


def members(role: GroupRole.ValueType) -> feed_views.MemberConnection:
    member = feed_views.Member(person=author("ann"), role=role)
    return feed_views.MemberConnection(edges=[feed_views.MemberEdge(cursor=f"{EPOCH}:1", node=member)])


def moderation(content_id: str, state: feed_views.ModerationState.ValueType) -> feed_views.Moderation:
    return feed_views.Moderation(id=derive(REGION, "request"), content_id=content_id, state=state)


def posts(count: int, *, handles: tuple[str, ...] = ("ann",)) -> feed_views.PostConnection:
    edges = [
        feed_views.PostEdge(cursor=f"{EPOCH}:{number}", node=post(number, handle=handles[number % len(handles)]))
        for number in range(count, 0, -1)
    ]
    info = feed_views.PageInfo(has_next_page=True, end_cursor=edges[-1].cursor) if edges else feed_views.PageInfo()
    return feed_views.PostConnection(edges=edges, page_info=info)
