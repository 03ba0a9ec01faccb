"""The feed's projection as a whole: it depends on what each origin said, and on nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from samverka.event.v1.event_pb2 import Event
from samverka.feed.v1.feed_events_pb2 import (
    CommentAdded,
    CommentDeleted,
    PostDeleted,
    PostEdited,
    PostPublished,
    Reacted,
    Unreacted,
)
from samverka.network.v1.network_events_pb2 import OriginPosition, RegionReported
from samverka.profile.v1.profile_events_pb2 import PersonFollowed, PersonRegistered, PersonUnfollowed, ProfileEdited
from services.chassis.ids import region_actor
from services.feed.projections import feed_projection
from tests.feed.calls import comment, delete, delete_comment, edit, home, publish, react, unreact
from tests.support.chance import CHANCE
from tests.support.interleaving import interleaved
from tests.support.services import Member, Region, key
from tests.support.tables import Tables, an_id

REGIONS = ("stockholm", "tokyo", "lima")
PEOPLE = [an_id(f"person-{n}", region=region) for region in REGIONS for n in range(2)]
PERSON = st.sampled_from(PEOPLE)
POST = st.sampled_from([an_id("post", region=region) for region in REGIONS])
COMMENT = st.sampled_from([an_id("comment", region=region) for region in REGIONS])
EMOJI = st.sampled_from(["👍", "🎉"])
BODY = st.sampled_from(["one", "two"])
FACT = st.one_of(
    st.builds(PostPublished, post_id=POST, body=BODY),
    st.builds(PostEdited, post_id=POST, body=BODY),
    st.builds(PostDeleted, post_id=POST),
    st.builds(CommentAdded, comment_id=COMMENT | POST, post_id=POST, body=BODY),
    st.builds(CommentDeleted, comment_id=COMMENT | POST),
    st.builds(Reacted, target_id=POST | COMMENT, emoji=EMOJI),
    st.builds(Unreacted, target_id=POST | COMMENT, emoji=EMOJI),
    st.builds(PersonRegistered, person_id=PERSON, handle=st.just("anna"), name=BODY),
    st.builds(ProfileEdited, person_id=PERSON, name=BODY),
    st.builds(PersonFollowed, person_id=PERSON, followed_id=PERSON),
    st.builds(PersonUnfollowed, person_id=PERSON, followed_id=PERSON),
)
FACTS = st.lists(st.tuples(PERSON, FACT), max_size=60)
"""What each of them says, true or forged: any person may speak of anything."""
MANY = settings(max_examples=300)


def applied(facts: Sequence[tuple[str, Message]]) -> Tables:
    tables = Tables(feed_projection())
    for actor, payload in facts:
        tables.apply(payload, actor=actor)
    return tables


@MANY
@given(FACTS, CHANCE)
def test_the_interleaving_of_the_origins_does_not_matter(facts: list[tuple[str, Message]], chance: Random) -> None:
    assert applied(interleaved(facts, chance)).content() == applied(facts).content()


@MANY
@given(FACTS)
def test_the_counts_are_those_of_the_registers(facts: list[tuple[str, Message]]) -> None:
    tables = applied(facts)

    registers = tables.rows("select target_id, emoji, count(*) from reactions group by 1, 2")
    for table in ("posts", "comments"):
        for target, counts in tables.rows(f"select id, reactions from {table}"):
            assert json.loads(counts) == {emoji: n for found, emoji, n in registers if found == target}
    counted = "select comment_count, (select count(*) from comments where post_id = p.id and deleted = 0) from posts p"
    for shown, there in tables.rows(counted):
        assert shown == there >= 0


async def test_every_replica_holds_what_a_rebuild_from_the_log_gives(
    region: Region, anna: Member, bengt: Member
) -> None:
    other = await region.add_feed()
    await anna.follow(bengt.id)
    post, gone = await publish(anna, context=key("k1")), await publish(anna)
    added, away = await comment(bengt, post.id, under="k2"), await comment(anna, post.id)
    await edit(anna, post.id)
    await react(bengt, post.id)
    await react(anna, added.id)
    await unreact(anna, added.id)
    await delete_comment(anna, away.id)
    await delete(anna, gone.id)
    await region.assert_fact(PostDeleted(post_id=post.id), actor=bengt.id)
    await region.assert_fact(Reacted(target_id=post.id, emoji="👍"), actor=PEOPLE[2], origin="tokyo")

    report = RegionReported(region="tokyo", origins=[OriginPosition(origin="stockholm", sequence=1)])
    await region.assert_fact(report, actor=region_actor("tokyo"), origin="tokyo", service="network", owner="tokyo")

    rebuilt = await region.rebuilt(feed_projection(), "rebuilt")

    assert {table.table for table in rebuilt} == {
        "people",
        "home_sources",
        "posts",
        "comments",
        "reactions",
        "peer_positions",
        "receipts",
        "origins",
        "erased",
    }
    assert all(table.rows for table in rebuilt if table.table != "erased")
    assert rebuilt == await region.feed.digest() == await other.digest()


async def test_forged_facts_are_counted_and_hold_nobody_up(region: Region, anna: Member, bengt: Member) -> None:
    post = await publish(anna)
    before = region.feed.runner.refused_events

    await region.assert_fact(PostEdited(post_id=post.id, body="forged"), actor=bengt.id)
    await region.assert_fact(PostDeleted(post_id=post.id), actor=PEOPLE[2], origin="tokyo")
    await region.assert_fact(PostDeleted(post_id=post.id), actor=anna.id, origin="tokyo")
    await region.append(b"\xff", subject=f"ev.stockholm.pub.feed.{anna.id}", event_id="no-event")

    assert region.feed.runner.refused_events - before == 4
    assert await home(anna) == [post.id]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seconds=st.integers(-(2**63), 2**63 - 1), occurred_at=st.integers(0, 2**64 - 1))
@example(seconds=2**63 - 1, occurred_at=0)
@example(seconds=-(2**63), occurred_at=0)
@example(seconds=0, occurred_at=2**64 - 1)
async def test_no_time_that_an_event_claims_stops_a_replica(
    region: Region, tmp_path: Path, seconds: int, occurred_at: int
) -> None:
    actor, number = PEOPLE[2], await region.log.last_sequence()
    event = Event(id=f"tokyo_{number}", origin="tokyo", actor=actor, occurred_at=occurred_at, schema_version=1)
    event.authored_at.CopyFrom(Timestamp(seconds=seconds))
    event.payload.Pack(PostPublished(post_id=an_id(f"post-{number}", region="tokyo"), body="hello"))

    await region.append(event.SerializeToString(), subject=f"ev.tokyo.pub.feed.{actor}", event_id=event.id)
