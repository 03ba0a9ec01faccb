"""Public recognition is a post of kind praise, by its events alone, as long as it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from samverka.feed.v1.feed_views_pb2 import Post
from services.feed.queries import list_home_feed
from tests.feed.calls import comment, delete, edit, get_post, home_page, mentions, publish, react
from tests.feed.test_watching import watching
from tests.recognition.calls import award, define, thank, withdraw
from tests.support.services import Member, Region, federate, open_region, refusal


async def posts(reader: Member) -> list[Post]:
    """Return the reader's home feed, latest first."""
    return [edge.node for edge in (await home_page(reader)).edges]


@pytest.fixture
async def carla(region: Region) -> Member:
    return await region.member("carla")


@pytest.fixture(autouse=True)
async def recognising(region: Region) -> None:
    await region.add_recognition()


async def test_it_is_in_the_home_feed_of_who_follows_giver_or_receiver_and_of_both(
    region: Region, anna: Member, bengt: Member, carla: Member
) -> None:
    of_giver, of_receiver = await region.member("fan"), await region.member("friend")
    await of_giver.follow(anna.id)
    await of_receiver.follow(bengt.id)

    given = await thank(anna, bengt.id, message="For the *launch*.")
    await region.settle()

    for reader in (anna, bengt, of_giver, of_receiver):
        [post] = await posts(reader)
        assert (post.recognition_id, post.body) == (given.id, "For the *launch*.")
        assert (post.author.id, post.created_at_ms) == (anna.id, given.given_at_ms)
        assert post.id != given.id
    assert await posts(carla) == []


async def test_it_is_found_beyond_the_window_too(
    region: Region, anna: Member, bengt: Member, carla: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_home_feed, "WINDOW_SEQUENCES", 1)
    reader = await region.member("friend")
    await reader.follow(bengt.id)
    start = region.latest
    given = [(await thank(anna, bengt.id)).id for _ in range(3)]
    await withdraw(anna, given.pop())
    for _ in range(4):
        await publish(carla)
    await region.settle()

    assert [post.recognition_id for post in await posts(reader)] == given[::-1]
    async with watching(reader, after=start) as watch:
        assert [(await watch.next()).node.recognition_id for _ in given] == given


async def test_it_goes_when_it_is_withdrawn(region: Region, anna: Member, bengt: Member) -> None:
    given = await thank(anna, bengt.id)
    await region.settle()
    [post] = await posts(bengt)
    await comment(bengt, post.id, "You are welcome.")

    await withdraw(anna, given.id)
    await region.settle()

    assert await posts(bengt) == await posts(anna) == []
    assert (await refusal(comment(bengt, post.id, "Still?"))).code == "post_not_found"


async def test_its_topics_and_mentions_are_those_of_its_message_and_go_with_it(
    region: Region, anna: Member, bengt: Member, carla: Member
) -> None:
    given = await thank(anna, bengt.id, message="He and @carla know #Kubernetes.")
    await region.settle()

    [post] = await posts(bengt)
    assert post.topics == ["kubernetes"]
    assert [edge.node.post for edge in (await mentions(carla)).edges] == [await get_post(carla, post.id)]

    await withdraw(anna, given.id)
    await region.settle()
    assert not (await mentions(carla)).edges
    assert region.feed.runner.store.read_now(lambda db: db.execute("select * from mentions").fetchall()) == []


async def test_what_is_private_is_no_post(region: Region, anna: Member, bengt: Member) -> None:
    await thank(anna, bengt.id, private=True, message="Secret words")
    await region.settle()

    for member in (anna, bengt):
        assert await posts(member) == []
    rows = region.feed.runner.store.read_now(lambda db: db.execute("select * from praises").fetchall())
    assert "Secret" not in repr(rows)


async def test_it_is_commented_and_reacted_to_like_any_post(region: Region, anna: Member, bengt: Member) -> None:
    await thank(anna, bengt.id)
    await region.settle()
    [post] = await posts(bengt)

    await comment(bengt, post.id, "You are welcome.")
    await react(bengt, post.id, "👍")

    [post] = await posts(anna)
    assert (post.comment_count, post.reactions[0].count) == (1, 1)


async def test_it_is_neither_edited_nor_deleted_as_a_post(region: Region, anna: Member, bengt: Member) -> None:
    await thank(anna, bengt.id)
    await region.settle()
    [post] = await posts(anna)

    for refused in (edit(anna, post.id, "other words"), delete(anna, post.id)):
        error = await refusal(refused)
        assert (error.code, error.field) == ("shows_recognition", "post_id")


async def test_an_award_is_praise_as_long_as_its_badge_lets_it(region: Region, anna: Member, bengt: Member) -> None:
    maja = await region.member("maja", role="community_manager")
    hand = await define(maja, limit=1)
    private = await award(anna, hand.id, bengt.id, private=True)
    error = await refusal(award(anna, hand.id, bengt.id))
    other = await award(bengt, hand.id, anna.id)
    await region.settle()

    assert private.id
    assert error.code == "allowance_spent"
    assert [post.recognition_id for post in await posts(anna)] == [other.id]


async def test_it_comes_to_who_watches_the_home_feed(
    region: Region, anna: Member, bengt: Member, carla: Member
) -> None:
    await carla.follow(bengt.id)
    await region.settle()
    async with watching(carla) as watch:
        given = await thank(anna, bengt.id)

        edge = await watch.next()
        assert edge.node.recognition_id == given.id
        assert edge == (await home_page(carla, first=1)).edges[0]


async def test_it_goes_to_other_regions(tmp_path: Path, region: Region, anna: Member, bengt: Member) -> None:
    async with open_region(tmp_path / "tokyo", name="tokyo") as tokyo:
        akira = await tokyo.member("akira")
        await federate(region, tokyo)
        await akira.follow(bengt.id)
        given = await thank(anna, bengt.id)
        await federate(region, tokyo)

        assert [post.recognition_id for post in await posts(akira)] == [given.id]
