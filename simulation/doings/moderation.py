"""Moderation: what moderators of any region ask for, to be decided where the group has its home."""

from __future__ import annotations

import asyncio
from typing import Any

from google.protobuf.message import Message

from samverka.feed.v1 import feed_service_pb2 as feed
from simulation.calling import Client, Refusal
from simulation.doings.groups import join
from simulation.doings.posts import publish
from simulation.doings.requests import keep_request
from simulation.reference.texts import Text

_HIDE = 0.6
_ABUSE = 0.1
_LOOKS_MAX = 4
_LOOK_AGAIN_SECONDS_MAX = 2.0


async def moderate(me: Client) -> str:
    """Ask for something of a group to be hidden or restored; now and then with no right to it. Or come nearer to one."""
    texts = _texts_of_groups(me)
    if me.chance.random() > _ABUSE:
        texts = [(text, group_id) for text, group_id in texts if me.reference.groups.moderates(me.id, group_id)]
    of_others = [(text, group_id) for text, group_id in texts if text.author != me.id]
    found = me.some(of_others or texts)
    if found is None:
        return await publish(me) if me.reference.groups.of_member(me.id) else await join(me)
    (text, group_id), reason = found, f"reason {me.commands}"
    hide = me.chance.random() < _HIDE
    request = (
        feed.HideContentRequest(content_id=text.id, reason=reason)
        if hide
        else feed.RestoreContentRequest(content_id=text.id, reason=reason)
    )
    answer = await _ask(me, "HideContent" if hide else "RestoreContent", request)
    asked = await keep_request(me, request, answer and answer.moderation, local=text.local)
    return f"asked to {'hide' if hide else 'restore'} {text.id} of {group_id}: {asked.id}"


async def _ask(me: Client, method: str, request: Message) -> Any:
    """Ask, and again a little later if it is refused: what is about to be moderated may be on its way."""
    for _ in range(_LOOKS_MAX - 1):
        try:
            return await me.may("feed", method, request)
        except Refusal:
            await asyncio.sleep(me.chance.random() * _LOOK_AGAIN_SECONDS_MAX)
    return await me.may("feed", method, request)


def _texts_of_groups(me: Client) -> list[tuple[Text, str]]:
    posts = [(post, post.group_id) for post in me.reference.posts.values() if post.group_id and not post.deleted]
    comments = [
        (comment, me.reference.posts[comment.post_id].group_id)
        for comment in me.reference.comments.values()
        if not comment.deleted
        and comment.post_id in me.reference.posts
        and me.reference.posts[comment.post_id].group_id
    ]
    return comments + posts


DOINGS = ((moderate, 14),)
