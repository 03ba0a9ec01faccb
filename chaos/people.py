"""The people of the load: what each writes next is chosen by chance."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from chaos import actions, admitting, asking, hiding, moderation, recognising
from chaos.writer import Writer

Action = Callable[[Writer], Awaitable[bool]]

WEIGHTS: dict[Action, int] = {
    actions.create_post: 30,
    actions.add_comment: 20,
    actions.react: 15,
    actions.edit_post: 12,
    actions.unreact: 6,
    actions.delete_post: 5,
    actions.delete_comment: 5,
    actions.follow: 4,
    actions.unfollow: 2,
    actions.update_profile: 3,
    actions.create_local_post: 8,
    moderation.join_group: 4,
    moderation.leave_group: 1,
    moderation.post_into_group: 10,
    hiding.hide: 6,
    hiding.hide_inside: 6,
    hiding.restore: 6,
    asking.ask: 8,
    asking.answer: 12,
    asking.mark_helpful: 8,
    asking.unmark_helpful: 3,
    asking.accept: 4,
    asking.unaccept: 1,
    asking.rule: 4,
    admitting.ask_in: 6,
    admitting.admit: 8,
    admitting.dismiss: 1,
    admitting.leave_circle: 1,
    admitting.post_inside: 10,
    admitting.comment_inside: 8,
    admitting.pry: 2,
    recognising.thank: 6,
    recognising.award: 2,
    recognising.withdraw: 2,
    recognising.define_badge: 1,
}


async def write_on(writer: Writer, *, pause_seconds: float) -> None:
    """Write one thing after another until they are done; what was begun is brought to its end."""
    while not writer.done.is_set():
        await write_something(writer)
        await asyncio.sleep(pause_seconds)


async def post_on(writer: Writer) -> None:
    """Write posts as fast as they are taken, until they are done."""
    while not writer.done.is_set():
        await actions.create_post(writer)


async def write_something(writer: Writer) -> None:
    """Write one thing of those that are possible now."""
    (action,) = writer.chance.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))
    if not await action(writer):
        await actions.create_post(writer)
