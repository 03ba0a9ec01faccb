"""The feed's projection as a whole: it depends on what each origin said, and on nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from samverka.event.v1.event_pb2 import Event
from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MODERATOR,
    POST_KIND_QUESTION,
    AnswerRuled,
    ContentHidden,
    MarkedHelpful,
    MemberBanned,
    MembershipDeclined,
    PostDeleted,
    PostEdited,
    PostPublished,
    Reacted,
)
from samverka.network.v1.network_events_pb2 import OriginPosition, RegionReported
from samverka.recognition.v1.recognition_events_pb2 import (
    BADGE_KIND_PEER,
    VISIBILITY_PUBLIC,
    BadgeDefined,
    ThanksGiven,
)
from services.chassis.group_registers import APPROVED, ENDED
from services.chassis.ids import region_actor
from services.feed.projections import REGISTERS, feed_projection
from tests.feed.calls import (
    comment,
    create_group,
    delete,
    delete_comment,
    edit,
    hide,
    home,
    join,
    publish,
    react,
    restore,
    set_role,
    unreact,
)
from tests.feed.said import FACTS, GROUPS, PEOPLE, Said, origin
from tests.support.chance import CHANCE
from tests.support.interleaving import interleaved
from tests.support.services import Member, Region, key
from tests.support.tables import Tables, an_id

MANY = settings(max_examples=300)
PUBLIC = [register for register in REGISTERS if register.where]
CONTENT = ("posts", "comments")


def applied(facts: Sequence[Said]) -> Tables:
    tables = Tables(feed_projection())
    for said in facts:
        said.apply(tables)
    return tables


def public_rows(tables: Tables) -> dict[str, list[tuple[Any, ...]]]:
    """Return what all regions share, the columns that are derived too."""
    return {register.table: tables.rows_of(register.table, where="local = 0") for register in PUBLIC}


@MANY
@given(FACTS, CHANCE)
def test_the_interleaving_of_the_origins_does_not_matter(facts: list[Said], chance: Random) -> None:
    assert applied(interleaved(facts, chance, origin)).content() == applied(facts).content()


@MANY
@given(FACTS)
def test_what_stays_in_a_region_changes_nothing_of_what_all_regions_share(facts: list[Said]) -> None:
    here, elsewhere = applied(facts), applied([said for said in facts if not said.local])

    assert public_rows(here) == public_rows(elsewhere)
    for register in REGISTERS:
        assert here.rows(register.statement()) == elsewhere.rows(register.statement())


@MANY
@given(FACTS)
def test_the_counts_are_those_of_the_registers(facts: list[Said]) -> None:
    tables = applied(facts)

    registers = tables.rows("select target_id, local, emoji, count(*) from reactions group by 1, 2, 3")
    for table in CONTENT:
        for target, local, counts in tables.rows(f"select id, local, reactions from {table}"):
            expected = {emoji: n for found, where, emoji, n in registers if (found, where) == (target, local)}
            assert json.loads(counts) == expected
    comments = (
        "select count(*) from comments c where c.post_id = p.id and c.local = p.local and not deleted and not hidden"
    )
    answers = f"case kind when {POST_KIND_QUESTION} then ({comments} and c.answer = 1) else 0 end"
    helped = "select count(*) from helpful h where h.target_id = p.id and h.local = p.local and h.person != p.author"
    members = "select count(*) from memberships m where m.group_id = p.id and m.local = p.local and active = 1"
    for counted, there in [
        *tables.rows(f"select comment_count, ({comments}) from posts p"),
        *tables.rows(f"select answer_count, {answers} from posts p"),
        *(row for table in CONTENT for row in tables.rows(f"select helpful_count, ({helped}) from {table} p")),
        *tables.rows(f"select member_count, ({members}) from groups p"),
    ]:
        assert counted == there >= 0


class GroupsRegisters:
    """What the groups have decided, as their registers say."""

    def __init__(self, tables: Tables) -> None:
        self._hidden = set(tables.rows("select group_id, local, content_id from moderation where hidden = 1"))
        self._private = {
            (group, local): owner
            for group, local, owner in tables.rows("select id, local, owner from groups where private = 1")
        }
        self._known = set(tables.rows("select id, local from groups"))
        self._admitted = tables.rows("select group_id, local, person, join_id, state from admissions")
        self._bans = {
            (group, local, person): stays
            for group, local, person, stays in tables.rows("select group_id, local, person, stays_until from bans")
        }

    def hides(self, group: str, local: int, content: str, author: str, origin_sequence: int) -> bool:
        let_in = {(g, where, person) for g, where, person, _, state in self._admitted if state in (APPROVED, ENDED)}
        owner = self._private.get((group, local), author)
        return (
            (group, local, content) in self._hidden
            or origin_sequence > self._bans.get((group, local, author), origin_sequence)
            or (author != owner and (group, local, author) not in let_in)
        )

    def lets_in(self, group: str, local: int, person: str, join_id: str) -> bool:
        if self._private.get((group, local)) == person:
            return True
        states = {state for *join, state in self._admitted if join == [group, local, person, join_id]}
        admitted = APPROVED in states if (group, local) in self._private else ENDED not in states
        return (group, local) in self._known and admitted and (group, local, person) not in self._bans


@MANY
@given(FACTS)
def test_hidden_is_what_its_group_hides_and_nobody_elses(facts: list[Said]) -> None:
    tables = applied(facts)

    registers = GroupsRegisters(tables)
    posts = "select group_id, local, id, author, origin_sequence, hidden from posts"
    for *post, is_hidden in tables.rows(posts):
        assert bool(is_hidden) == registers.hides(*post)
    below = """
        select p.group_id, c.local, c.id, c.author, c.origin_sequence, c.deleted, c.hidden
        from comments c left join posts p on p.id = c.post_id and p.local = c.local
    """
    for *comment_below, deleted, is_hidden in tables.rows(below):
        assert bool(is_hidden) == (not deleted and registers.hides(*comment_below))


@MANY
@given(FACTS)
def test_members_are_those_whom_their_own_register_and_the_groups_let_in(facts: list[Said]) -> None:
    tables = applied(facts)

    registers = GroupsRegisters(tables)
    for group, local, owner, *member, active in tables.rows(
        "select m.group_id, m.local, g.owner, m.person, m.join_id, m.active from memberships m"
        " left join groups g on g.id = m.group_id and g.local = m.local"
    ):
        assert bool(active) == (owner == member[0] or registers.lets_in(group, local, *member))


@MANY
@given(FACTS)
def test_an_answer_is_accepted_by_who_asked_unless_the_group_has_ruled(facts: list[Said]) -> None:
    tables = applied(facts)

    rulings = {
        row[:3]: row[3] for row in tables.rows("select group_id, local, post_id, comment_id from answer_rulings")
    }
    shown = "select post_id, local, id from comments where answer = 1 and deleted = 0 and hidden = 0"
    answers = set(tables.rows(shown))
    for group, local, post_id, kind, chosen, accepted in tables.rows(
        "select group_id, local, id, kind, chosen, accepted from posts"
    ):
        wanted = rulings.get((group, local, post_id), chosen)
        is_answer = kind == POST_KIND_QUESTION and (post_id, local, wanted) in answers
        assert accepted == (wanted if is_answer else "")


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
    group = await create_group(anna)
    await join(bengt, group.id)
    await set_role(anna, group.id, bengt.id, GROUP_ROLE_MODERATOR)
    for content in (await publish(anna, group_id=group.id), await publish(anna, group_id=group.id)):
        await hide(bengt, content.id)
    await restore(bengt, content.id)
    await region.assert_fact(PostDeleted(post_id=post.id), actor=bengt.id)
    await region.assert_fact(Reacted(target_id=post.id, emoji="👍"), actor=PEOPLE[2], origin="tokyo")

    question = PostPublished(post_id=an_id("asked"), body="@anna #chess?", kind=POST_KIND_QUESTION)
    await region.assert_fact(question, actor=anna.id)
    await region.assert_fact(MarkedHelpful(target_id=post.id), actor=PEOPLE[2], origin="tokyo")
    decided = {"group_id": group.id, "person_id": PEOPLE[2], "join_id": "stockholm_1"}
    for decision in (
        MembershipDeclined(**decided, request_id=an_id("decline")),
        MemberBanned(**decided, request_id=an_id("ban"), stays_until=1),
        AnswerRuled(group_id=group.id, post_id=post.id, comment_id=added.id, request_id=an_id("rule")),
    ):
        await region.assert_fact(decision, actor=anna.id, owner=group.id)

    report = RegionReported(region="tokyo", origins=[OriginPosition(origin="stockholm", sequence=1)])
    await region.assert_fact(report, actor=region_actor("tokyo"), origin="tokyo", service="network", owner="tokyo")

    badge = BadgeDefined(badge_id=an_id("badge"), kind=BADGE_KIND_PEER)
    await region.assert_fact(badge, actor=anna.id, service="recognition", owner=an_id("badge"))
    thanks = ThanksGiven(recognition_id=an_id("gift"), receiver_ids=[bengt.id], visibility=VISIBILITY_PUBLIC)
    await region.assert_fact(thanks, actor=anna.id, service="recognition")

    rebuilt = await region.rebuilt(feed_projection(), "rebuilt")

    assert {table.table for table in rebuilt} == {
        "badges",
        "praises",
        "praised",
        "people",
        "home_sources",
        "posts",
        "comments",
        "reactions",
        "helpful",
        "answer_rulings",
        "question_lists",
        "mentions",
        "peer_positions",
        "groups",
        "memberships",
        "admissions",
        "bans",
        "roles",
        "moderation_requests",
        "moderation_outcomes",
        "moderation",
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

    hiding = ContentHidden(group_id=GROUPS[1], content_id=post.id, request_id=post.id)
    await region.assert_fact(hiding, actor=anna.id, origin="tokyo", owner=GROUPS[1])

    assert region.feed.runner.refused_events - before == 5
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


@MANY
@given(FACTS)
def test_a_question_is_in_the_lists_of_its_group_and_topics_as_far_as_it_is_shown(facts: list[Said]) -> None:
    tables = applied(facts)

    expected = set()
    for sequence, local, group, topics, is_open, answers, accepted in tables.rows(
        f"""
        select sequence, local, group_id, topics, open, answer_count, accepted from posts
        where kind = {POST_KIND_QUESTION} and deleted = 0 and hidden = 0
        """
    ):
        state = 2 if accepted else 1 if answers else 0
        groups = ([("", 0)] if is_open else []) + ([(group, local)] if group else [])
        expected |= {(*where, topic, state, sequence) for where in groups for topic in ("", *json.loads(topics))}
    assert set(tables.rows("select * from question_lists")) == expected


@MANY
@given(FACTS)
def test_a_mention_is_for_whoever_sees_what_it_stands_in(facts: list[Said]) -> None:
    tables = applied(facts)

    posts = {
        (post_id, local): None if deleted or hidden else "" if is_open else group
        for post_id, local, group, is_open, deleted, hidden in tables.rows(
            "select id, local, group_id, open, deleted, hidden from posts"
        )
    }
    shown = set(tables.rows("select id, local from comments where deleted = 0 and hidden = 0"))
    for content, local, is_comment, post_id, audience in tables.rows(
        "select content_id, local, comment, post_id, audience from mentions"
    ):
        gone = is_comment and (content, local) not in shown
        assert audience == (None if gone else posts.get((post_id, local)))
    for table, is_comment in (("posts", 0), ("comments", 1)):
        named = tables.rows("select distinct content_id, local from mentions where comment = ?", is_comment)
        written = tables.rows(f"select id, local from {table} where body like '%@anna%'")
        assert set(named) == set(written)
