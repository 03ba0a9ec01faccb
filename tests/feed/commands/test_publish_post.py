"""Publishing a post."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from samverka.event.v1.event_pb2 import CommandContext
from samverka.feed.v1.feed_events_pb2 import PostPublished
from samverka.profile.v1 import profile_service_pb2 as profile_pb
from services.chassis.limits import RECEIPT_KEPT_HOURS
from tests.feed.calls import delete, edit, get_post, home, publish
from tests.support.services import Member, Region, key, person_id, refusal


async def test_a_post_shows_what_was_written_by_whom_and_when(region: Region, anna: Member, bengt: Member) -> None:
    post = await publish(anna, "Hej *alla*\r\n")

    assert (post.body, post.author.id, post.author.handle, post.author.name) == (
        "Hej *alla*\n",
        anna.id,
        "anna",
        "Anna",
    )
    assert (post.author.region, post.created_at_ms, post.edited_at_ms) == ("stockholm", region.clock.wall_ms(), 0)
    assert (post.comment_count, list(post.reactions)) == (0, [])
    assert await get_post(bengt, post.id) == post


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty"),
        (" \n\t\u00a0", "empty"),
        ("x" * 20_001, "too_long"),
        ("𝄞" * 20_001, "too_long"),
        ("x" * 100_000, "too_long"),
        ("a\x00b", "control_characters"),
        ("\x1b[31mred", "control_characters"),
    ],
)
async def test_a_body_that_is_no_post_is_refused(region: Region, anna: Member, body: str, code: str) -> None:
    error = await refusal(publish(anna, body))

    assert (type(error).__name__, error.code, error.field) == ("Invalid", code, "body")
    assert not await region.events(PostPublished)


async def test_the_longest_post_is_published(anna: Member) -> None:
    assert (await publish(anna, "𝄞" * 20_000)).body == "𝄞" * 20_000
    assert (await publish(anna, "o\u0308" * 20_000)).body == "ö" * 20_000


async def test_the_same_key_again_is_the_same_post_and_one_event(region: Region, anna: Member) -> None:
    first = await publish(anna, "hello", context=key("k1"))
    again = await publish(anna, "hello", context=key("k1"))

    assert again == first
    assert len(await region.events(PostPublished)) == 1


async def test_the_same_key_at_once_on_two_replicas_is_one_post(region: Region, anna: Member) -> None:
    replicas = (region.feed, await region.add_feed())

    posts = await asyncio.gather(
        *(publish(anna, "hello", context=key("k1"), replica=replicas[n % 2]) for n in range(20))
    )

    assert len({post.id for post in posts}) == 1
    assert len(await region.events(PostPublished)) == 1


async def test_the_same_key_for_another_body_conflicts(region: Region, anna: Member) -> None:
    await publish(anna, "hello", context=key("k1"))

    error = await refusal(publish(anna, "goodbye", context=key("k1")))

    assert (type(error).__name__, error.code, error.field) == ("Conflict", "idempotency_key_reused", "idempotency_key")
    assert len(await region.events(PostPublished)) == 1


async def test_the_same_key_for_another_kind_of_request_conflicts(anna: Member) -> None:
    post = await publish(anna, "hello", context=key("k1"))

    assert (await refusal(edit(anna, post.id, "hello", under="k1"))).code == "idempotency_key_reused"


async def test_a_key_is_its_callers_own(anna: Member, bengt: Member) -> None:
    assert (await publish(anna, context=key("k1"))).id != (await publish(bengt, context=key("k1"))).id


async def test_without_a_key_twice_is_two_posts(anna: Member) -> None:
    assert (await publish(anna)).id != (await publish(anna)).id


async def test_a_key_that_profile_has_seen_as_well_loses_no_post(region: Region, anna: Member, bengt: Member) -> None:
    """Neither service has seen what the other one wrote when it decides."""
    await region.settle()
    await region.feed.fall_behind()
    request = profile_pb.FollowRequest(context=key("k1"), person_id=bengt.id)
    await anna.ask(region.profile.profile.Follow, request)
    region.latest = ""

    publishing = asyncio.create_task(publish(anna, context=key("k1")))
    while not await region.events(PostPublished) and not publishing.done():
        await asyncio.sleep(0)
    region.feed.go_on()

    published = await publishing
    assert await home(anna) == [published.id]


@pytest.mark.parametrize("malformed", ["with space", "å", "k" * 129, "\n"])
async def test_a_malformed_key_is_refused(anna: Member, malformed: str) -> None:
    error = await refusal(publish(anna, context=key(malformed)))

    assert (error.code, error.field) == ("malformed_idempotency_key", "idempotency_key")


async def test_the_same_key_after_the_post_was_deleted_says_that_it_is_gone(region: Region, anna: Member) -> None:
    post = await publish(anna, context=key("k1"))
    await delete(anna, post.id)

    error = await refusal(publish(anna, context=key("k1")))
    assert (type(error).__name__, error.code) == ("Gone", "not_shown")  # not one that a client repeats
    assert len(await region.events(PostPublished)) == 1


async def test_a_key_makes_no_second_post_when_it_is_long_forgotten(region: Region, anna: Member) -> None:
    first = await publish(anna, "hello", context=key("k1"))
    region.clock.advance((RECEIPT_KEPT_HOURS + 2) * 3600)
    await publish(anna, "a day later", context=key("k2"))

    assert await publish(anna, "goodbye", context=key("k1")) == first
    assert len(await region.events(PostPublished)) == 2


async def test_whoever_has_not_signed_in_publishes_nothing(region: Region) -> None:
    stranger = Member(region, "stranger", person_id("stranger"))

    assert (await refusal(publish(stranger))).code == "person_not_found"


async def test_an_importer_writes_for_others_and_the_event_says_so(region: Region, anna: Member) -> None:
    importer = await region.member("ivan", role="importer")
    context = CommandContext(on_behalf_of=anna.id, authored_at=Timestamp(seconds=1_000_000_000, nanos=5_000_000))

    post = await publish(importer, context=context)

    assert (post.author.id, post.created_at_ms) == (anna.id, 1_000_000_000_005)
    (event,) = await region.events(PostPublished)
    assert (event.actor, event.recorded_by) == (anna.id, importer.id)


@pytest.mark.parametrize(
    ("context", "field"),
    [
        (CommandContext(on_behalf_of="anna"), "on_behalf_of"),
        (CommandContext(on_behalf_of=person_id("akira", region="tokyo")), "on_behalf_of"),
        (CommandContext(authored_at=Timestamp(seconds=-1)), "authored_at"),
        (CommandContext(authored_at=Timestamp()), "authored_at"),
        (CommandContext(authored_at=Timestamp(seconds=253_402_300_800)), "authored_at"),
        (CommandContext(authored_at=Timestamp(seconds=2**62)), "authored_at"),
    ],
)
async def test_an_importer_is_told_what_is_wrong(region: Region, context: CommandContext, field: str) -> None:
    importer = await region.member("ivan", role="importer")

    error = await refusal(publish(importer, context=context))

    assert (type(error).__name__, error.field) == ("Invalid", field)


async def test_nobody_else_writes_for_others_or_at_another_time(anna: Member, bengt: Member) -> None:
    for context in (CommandContext(on_behalf_of=bengt.id), CommandContext(authored_at=Timestamp(seconds=1))):
        assert (await refusal(publish(anna, context=context))).code == "forbidden"
