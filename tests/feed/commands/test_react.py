"""Reacting to posts and comments."""

from __future__ import annotations

import asyncio

import pytest

from samverka.feed.v1.feed_events_pb2 import Reacted
from services.feed.domain import rules
from tests.feed.calls import comment, counts, delete, get_post, home_page, mine, publish, react, thread, unreact
from tests.support.services import Member, Region, person_id, refusal


async def test_reactions_are_counted_and_the_viewers_own_are_marked(anna: Member, bengt: Member) -> None:
    post = await publish(anna)
    await react(bengt, post.id, "🎉")
    await react(bengt, post.id, "👍")

    shown = await react(anna, post.id, "👍")

    assert counts(shown) == {"👍": 2, "🎉": 1}
    assert mine(shown) == {"👍"}
    assert mine(await get_post(bengt, post.id)) == {"👍", "🎉"}
    (edge,) = (await home_page(anna)).edges
    assert edge.node == shown


async def test_a_comment_is_reacted_to_like_a_post(anna: Member, bengt: Member) -> None:
    post = await publish(anna)
    added = await comment(anna, post.id)

    shown = await react(bengt, added.id, "❤️")

    assert (shown.id, counts(shown), mine(shown)) == (added.id, {"❤️": 1}, {"❤️"})
    (edge,) = (await thread(anna, post.id)).edges
    assert (counts(edge.node), mine(edge.node)) == ({"❤️": 1}, set())
    assert counts(await get_post(anna, post.id)) == {}


async def test_reacting_twice_is_one_reaction(region: Region, anna: Member) -> None:
    post = await publish(anna)

    await asyncio.gather(*(react(anna, post.id) for _ in range(10)))

    assert counts(await get_post(anna, post.id)) == {"👍": 1}
    assert len(await region.events(Reacted)) == 1


async def test_two_spellings_of_an_emoji_are_counted_together(anna: Member, bengt: Member) -> None:
    post = await publish(anna)
    await react(anna, post.id, "❤")

    assert counts(await react(bengt, post.id, "❤️")) == {"❤️": 2}
    assert counts(await unreact(anna, post.id, "❤️")) == {"❤️": 1}


async def test_many_at_once_are_all_counted(region: Region, anna: Member) -> None:
    post = await publish(anna)
    people = [await region.member(f"person-{n}") for n in range(12)]

    await asyncio.gather(*(react(person, post.id) for person in people))

    assert counts(await get_post(anna, post.id)) == {"👍": 12}


async def test_the_kinds_of_emoji_of_one_person_on_one_thing_are_bounded(
    anna: Member, bengt: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "EMOJI_PER_PERSON_MAX", 2)
    post = await publish(anna)
    for emoji in ("👍", "🎉"):
        await react(anna, post.id, emoji)

    error = await refusal(react(anna, post.id, "❤️"))

    assert (type(error).__name__, error.code, error.field) == ("Exhausted", "too_many_reactions", "emoji")
    assert counts(await react(anna, post.id, "👍")) == {"👍": 1, "🎉": 1}
    assert "❤️" in counts(await react(bengt, post.id, "❤️"))
    await unreact(anna, post.id, "👍")
    assert mine(await react(anna, post.id, "❤️")) == {"🎉", "❤️"}


@pytest.mark.parametrize("no_emoji", ["", "a", "👍👍", ":heart:", "👍 ", "\x00", "<script>"])
async def test_all_but_one_emoji_is_refused(anna: Member, no_emoji: str) -> None:
    post = await publish(anna)

    for call in (react, unreact):
        error = await refusal(call(anna, post.id, no_emoji))
        assert (error.code, error.field) == ("not_an_emoji", "emoji")


async def test_there_must_be_something_to_react_to_and_somebody_who_does(region: Region, anna: Member) -> None:
    post = await publish(anna)
    stranger = Member(region, "stranger", person_id("stranger"))

    assert (await refusal(react(stranger, post.id))).code == "person_not_found"
    await delete(anna, post.id)
    for call in (react, unreact):
        for unknown in (post.id, anna.id, person_id("none", region="tokyo")):
            error = await refusal(call(anna, unknown))
            assert (type(error).__name__, error.code, error.field) == ("NotFound", "target_not_found", "target_id")
        error = await refusal(call(anna, "post"))
        assert (error.code, error.field) == ("malformed_id", "target_id")
