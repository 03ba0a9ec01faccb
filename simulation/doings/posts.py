"""Posts, comments and reactions, of either reach and in groups."""

from __future__ import annotations

from collections.abc import Iterable

from samverka.feed.v1 import feed_service_pb2 as feed
from samverka.feed.v1.feed_events_pb2 import POST_KIND_QUESTION, CommentAdded, PostPublished
from samverka.feed.v1.feed_views_pb2 import REACH_LOCAL, REACH_UNSPECIFIED
from simulation.calling import Client, personal
from simulation.doings.admission import is_inside
from simulation.reference.texts import Text
from simulation.trace import Violation

_EMOJI = ("👍", "🎉", "❤️")
_INTO_A_GROUP = 0.8
_LOCAL = 0.2
_ANSWER = 0.7


async def publish(me: Client) -> str:
    return await publish_as(me, question=False)


async def publish_as(me: Client, *, question: bool) -> str:
    """Publish a note or a question, into a group or into none."""
    group = me.some(me.reference.groups.of_member(me.id)) if me.chance.random() < _INTO_A_GROUP else None
    disputed = group is not None and me.reference.groups.is_disputed(me.id, group)
    if group is not None and disputed and not await is_inside(me, group):
        group = None
    local = group.local if group else me.chance.random() < _LOCAL
    body = f"{personal(me.caller.subject)} says {me.commands}"
    request = feed.PublishPostRequest(
        body=body, group_id=group.id if group else "", reach=REACH_LOCAL if local else REACH_UNSPECIFIED
    )
    if question:
        request.kind, request.title = POST_KIND_QUESTION, f"Question {me.commands}"
    ask = me.may if disputed else me.must
    answer = await ask("feed", "PublishPost", request)
    post_id = answer.post.id if answer else (await me.made_by(request, PostPublished)).post_id
    me.reference.posts[post_id] = Text(
        post_id, me.id, body, group_id=request.group_id, local=local, title=request.title
    )
    done = f"{'asked' if question else 'published'} {post_id}"
    return f"{done}{' here alone' if local else ''}{f' in {group.id}' if group else ''}"


async def edit_own(me: Client) -> str:
    """Edit something of one's own; in a private group only as long as that lets one in."""
    post = me.some([text for text in me.reference.texts_of(me.id) if not text.post_id])
    if post is None:
        return ""
    body = f"{personal(me.caller.subject)} corrects {me.commands}"
    group = me.reference.groups.by_id.get(post.group_id)
    ask = me.may if group and group.private and group.owner != me.id else me.must
    await ask("feed", "EditPost", feed.EditPostRequest(post_id=post.id, body=body))
    post.body = body
    return f"edited {post.id}"


async def delete_own(me: Client) -> str:
    text = me.some(me.reference.texts_of(me.id))
    if text is None:
        return ""
    if text.post_id:
        await me.must("feed", "DeleteComment", feed.DeleteCommentRequest(comment_id=text.id))
    else:
        await me.must("feed", "DeletePost", feed.DeletePostRequest(post_id=text.id))
    text.deleted = True
    return f"deleted {text.id}"


async def comment(me: Client) -> str:
    post = me.some([*me.reference.posts.values(), *_praise(me)])
    if post is None:
        return ""
    body = f"{personal(me.caller.subject)} remarks {me.commands}"
    answer = bool(post.title) and me.chance.random() < _ANSWER
    request = feed.AddCommentRequest(post_id=post.id, body=body, answer=answer)
    added = await me.may("feed", "AddComment", request)
    comment_id = added.comment.id if added else (await me.made_by(request, CommentAdded)).comment_id
    _require_seen(me, post, "comment on")
    me.reference.comments[comment_id] = Text(comment_id, me.id, body, post_id=post.id, local=post.local, answer=answer)
    return f"commented {comment_id} on {post.id}"


async def react(me: Client) -> str:
    target = me.some([*me.reference.posts.values(), *me.reference.comments.values(), *_praise(me)])
    if target is None:
        return ""
    emoji = me.chance.choice(_EMOJI)
    await me.may("feed", "React", feed.ReactRequest(target_id=target.id, emoji=emoji))
    _require_seen(me, target, "react to")
    me.reference.reactions[target.id, target.local, me.id, emoji] = None
    return f"put {emoji} on {target.id}"


async def unreact(me: Client) -> str:
    mine = me.some([reaction for reaction in me.reference.reactions if reaction[2] == me.id])
    if mine is None:
        return ""
    target_id, _, _, emoji = mine
    await me.may("feed", "Unreact", feed.UnreactRequest(target_id=target_id, emoji=emoji))
    del me.reference.reactions[mine]
    return f"took {emoji} off {target_id}"


async def spoil_anothers(me: Client) -> str:
    post = me.some([post for post in me.reference.posts.values() if post.author != me.id])
    if post is None:
        return ""
    if me.chance.random() < 0.5:
        await me.must_not("feed", "EditPost", feed.EditPostRequest(post_id=post.id, body="spoilt"))
    await me.must_not("feed", "DeletePost", feed.DeletePostRequest(post_id=post.id))
    return ""


def _praise(me: Client) -> Iterable[Text]:
    return me.reference.recognition.praise(me.reference.erased).values()


def _require_seen(me: Client, text: Text, doing: str) -> None:
    if not me.sees(text.id, local=text.local):
        raise Violation(f"{me.id} could {doing} {text.id}, which is local elsewhere")


DOINGS = (
    (publish, 7),
    (edit_own, 3),
    (delete_own, 2),
    (comment, 5),
    (react, 5),
    (unreact, 2),
    (spoil_anothers, 1),
)
