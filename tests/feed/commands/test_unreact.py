"""Taking a reaction back."""

from __future__ import annotations

from samverka.feed.v1.feed_events_pb2 import Unreacted
from tests.feed.calls import comment, counts, mine, publish, react, unreact
from tests.support.services import Member, Region


async def test_a_reaction_taken_back_is_not_counted(anna: Member, bengt: Member) -> None:
    post = await publish(anna)
    for person in (anna, bengt):
        await react(person, post.id)

    shown = await unreact(anna, post.id)

    assert (counts(shown), mine(shown)) == ({"👍": 1}, set())
    assert list((await unreact(bengt, post.id)).reactions) == []


async def test_what_one_has_not_put_there_stays(region: Region, anna: Member, bengt: Member) -> None:
    post = await publish(anna)
    await react(anna, post.id, "👍")

    assert counts(await unreact(bengt, post.id, "👍")) == {"👍": 1}
    assert counts(await unreact(anna, post.id, "🎉")) == {"👍": 1}
    assert not await region.events(Unreacted)


async def test_a_reaction_can_be_put_back(anna: Member) -> None:
    post = await publish(anna)
    added = await comment(anna, post.id)
    for _ in range(3):
        await react(anna, added.id)
        await unreact(anna, added.id)

    assert counts(await react(anna, added.id)) == {"👍": 1}
