"""Who knows a subject, why, and who of them works now."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_VISIBILITY_PRIVATE,
    POST_KIND_QUESTION,
    CommentAdded,
    GroupCreated,
    MarkedHelpful,
    PostPublished,
)
from samverka.network.v1.network_events_pb2 import ErasureOrdered
from samverka.profile.v1 import profile_service_pb2 as profile_pb
from samverka.profile.v1.profile_events_pb2 import WEEKDAY_TUESDAY, WEEKDAY_WEDNESDAY, WorkingHours
from samverka.recognition.v1.recognition_events_pb2 import (
    VISIBILITY_PRIVATE,
    VISIBILITY_PUBLIC,
    BadgeAwarded,
    RecognitionWithdrawn,
    ThanksGiven,
)
from samverka.search.v1 import search_service_pb2 as pb
from services.chassis.ids import region_actor
from services.feed.projections import feed_projection
from services.search.finding import find_answers, find_gifts
from services.search.projections import search_projection
from services.search.queries import experts as module
from services.search.standing import Viewer, audiences_of
from tests.feed.calls import (
    accept,
    answer,
    ask,
    create_group,
    delete_comment,
    hide,
    mark_helpful,
    publish,
    unmark_helpful,
)
from tests.feed.said import FACTS, HERE, PEOPLE, Said, each_id_of_one_person
from tests.search.asking import SEARCH, experts
from tests.support.services import REGION, Member, Region, refusal
from tests.support.tables import Tables, an_id

pytestmark = pytest.mark.usefixtures("search")
NOW = "Tuesday, 22:13:20 UTC"
"""Where the clock of a test's region begins: 14 November 2023."""
# Answers that the feed shows, how many others they have helped, and whether anybody else has accepted them.
SHOWN = """
    select c.id, c.local,
        (select count(*) from helpful h where h.target_id = c.id and h.local = c.local and h.person != c.author),
        p.accepted = c.id and (c.author != p.author or exists (
            select 1 from answer_rulings r where r.post_id = p.id and r.local = p.local and r.group_id = p.group_id
        ))
    from comments c join posts p on p.id = c.post_id and p.local = c.local
    where c.answer = 1 and c.deleted = 0 and c.hidden = 0 and p.kind = 2 and p.deleted = 0 and p.hidden = 0
        and (p.open = 1 or exists (
            select 1 from memberships m
            where m.group_id = p.group_id and m.local = p.local and m.person = :viewer and m.active = 1
        ))
"""


async def tell(member: Member, *, about: str = "", zone: str = "", hours: list[WorkingHours] | None = None) -> None:
    week = profile_pb.WorkingWeek(hours=hours or [])
    request = profile_pb.EditProfileRequest(about=about, time_zone=zone, working_hours=week)
    await member.ask(member.region.profile.profile.EditProfile, request)


async def names(member: Member, about: str, *, awake_now: bool = False) -> list[str]:
    return [expert.person.handle for expert in await experts(member, about, awake_now=awake_now)]


@settings(max_examples=200)
@given(FACTS)
def test_what_counts_for_somebody_is_what_the_feed_shows_them(facts: list[Said]) -> None:
    facts = each_id_of_one_person(facts)
    tables, feed = Tables(search_projection()), Tables(feed_projection())
    for said in facts:
        said.apply(feed)
        if type(said.payload) in search_projection().handlers:
            said.apply(tables)
    all_of_them = [row[0] for row in tables.rows("select sequence from documents")]

    for person in PEOPLE:
        audiences = audiences_of(tables.db, Viewer(person, HERE))
        counted = find_answers(tables.db, {}, all_of_them, audiences)
        shown = [tuple(row) for row in feed.db.execute(SHOWN, {"viewer": person})]
        told = [(each.id, len(each.helped_ms), each.accepted_ms is not None) for each in counted]
        assert sorted(told) == sorted((row[0], row[2], bool(row[3])) for row in shown)


def test_an_answer_in_a_private_group_is_read_for_its_members_alone_and_without_its_authors_own_vote() -> None:
    tables, (anna, bo) = Tables(search_projection()), PEOPLE[:2]
    group, question, told = an_id("group"), an_id("question"), an_id("answer")
    founded = GroupCreated(group_id=group, name="Board", visibility=GROUP_VISIBILITY_PRIVATE)
    assert tables.apply(founded, actor=anna, owner=group)
    asked = PostPublished(post_id=question, title="How?", kind=POST_KIND_QUESTION, group_id=group)
    assert tables.apply(asked, actor=anna)
    assert tables.apply(CommentAdded(comment_id=told, post_id=question, body="So.", answer=True), actor=anna)
    for voter, at_ms in ((anna, 5), (bo, 6)):
        assert tables.apply(MarkedHelpful(target_id=told), actor=voter, at_ms=at_ms)
    (sequence,) = tables.rows("select sequence from answers")[0]

    assert find_answers(tables.db, {sequence: 1.0}, [sequence], audiences_of(tables.db, Viewer(bo, HERE))) == []
    (read,) = find_answers(tables.db, {sequence: 1.0}, [sequence], audiences_of(tables.db, Viewer(anna, HERE)))
    assert (read.id, read.helped_ms) == (told, [6])


async def test_who_answered_is_found_by_the_question_and_told_with_the_reason(anna: Member, bengt: Member) -> None:
    question = await ask(anna, "How are hops dried?")
    told = await answer(bengt, question.id, "In a kiln.")
    await mark_helpful(anna, told.id)
    await accept(anna, told.id)
    await answer(anna, (await ask(bengt, "What is a kiln?")).id, "An oven.")

    first, *others = await experts(anna, "hops")
    assert (first.person.handle, first.person.id, first.person.region) == ("bengt", bengt.id, REGION)
    reason = first.answers
    assert (reason.count, reason.accepted_count, reason.helpful_count) == (1, 1, 1)
    assert (reason.best_id, reason.post_id, reason.title) == (told.id, question.id, "How are hops dried?")
    assert reason.latest_at_ms == told.created_at_ms
    assert [(other.person.handle, other.HasField("answers"), other.recent_answer_count) for other in others] == [
        ("anna", False, 1)
    ]


async def test_who_helps_more_comes_first_and_a_vote_taken_back_counts_no_more(
    region: Region, anna: Member, bengt: Member
) -> None:
    cecil = await region.member("cecil")
    question = await ask(cecil, "How are hops dried?")
    one, other = await answer(anna, question.id, "In a kiln."), await answer(bengt, question.id, "In a loft.")
    await mark_helpful(cecil, one.id)
    assert await names(cecil, "dried hops") == ["anna", "bengt"]
    await unmark_helpful(cecil, one.id)
    await mark_helpful(cecil, other.id)
    assert await names(cecil, "dried hops") == ["bengt", "anna"]
    assert [expert.answers.helpful_count for expert in await experts(cecil, "dried hops")] == [1, 0]


async def test_what_is_deleted_or_hidden_or_of_the_erased_is_no_reason(
    region: Region, anna: Member, bengt: Member
) -> None:
    cecil = await region.member("cecil")
    group = await create_group(anna, "Brewers")
    question = await ask(anna, "How are hops dried?", group_id=group.id)
    deleted, hidden = await answer(bengt, question.id), await answer(cecil, question.id)
    assert set(await names(anna, "hops")) == {"bengt", "cecil"}
    await delete_comment(bengt, deleted.id)
    await hide(anna, hidden.id)
    assert await names(anna, "hops") == []

    await answer(bengt, question.id)
    assert await names(anna, "hops") == ["bengt"]
    order = ErasureOrdered(erasure_id=an_id("erasure"), person_id=bengt.id)
    await region.assert_fact(order, actor=region_actor(REGION), owner=REGION, service="network")
    assert await names(anna, "hops") == []


async def test_a_profile_is_a_reason_by_its_text_and_not_by_a_name(region: Region, anna: Member, bengt: Member) -> None:
    await region.member("hops")
    await tell(anna, about="Grows hops in Kent")
    (expert,) = await experts(bengt, "hop")
    assert expert.person.handle == "anna"
    assert [(part.text, part.matched) for part in expert.skill] == [
        ("Grows ", False),
        ("hops", True),
        (" in Kent", False),
    ]
    assert not expert.HasField("answers")


async def test_who_was_thanked_in_public_for_it_is_told_with_it_until_that_is_withdrawn(
    region: Region, anna: Member, bengt: Member
) -> None:
    gift, secret = an_id("gift"), an_id("secret")
    at_ms = region.clock.wall_ms()
    thanks = ThanksGiven(
        recognition_id=gift, receiver_ids=[bengt.id], message="You dried the hops", value="Care", given_at_ms=at_ms
    )
    thanks.visibility = VISIBILITY_PUBLIC
    hidden = ThanksGiven(recognition_id=secret, receiver_ids=[bengt.id], message="kilns", given_at_ms=at_ms)
    hidden.visibility = VISIBILITY_PRIVATE
    for each in (thanks, hidden):
        await region.assert_fact(each, actor=anna.id, service="recognition")

    (expert,) = await experts(anna, "hop")
    assert expert.person.handle == "bengt"
    assert [(each.badge_id, each.name, each.count, each.latest_id) for each in expert.recognitions] == [
        ("", "Care", 1, gift)
    ]
    assert await names(anna, "kilns") == await names(bengt, "kilns") == []
    await region.assert_fact(RecognitionWithdrawn(recognition_id=gift), actor=anna.id, service="recognition")
    assert await names(anna, "hop") == []


async def thank(region: Region, giver: Member, receiver: Member, message: str) -> str:
    gift = an_id(message)
    thanks = ThanksGiven(
        recognition_id=gift, receiver_ids=[receiver.id], message=message, given_at_ms=region.clock.wall_ms()
    )
    thanks.visibility = VISIBILITY_PUBLIC
    await region.assert_fact(thanks, actor=giver.id, service="recognition")
    return gift


async def test_recognition_is_found_however_much_was_given_since(
    region: Region, anna: Member, bengt: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LATEST_GIFTS_MAX", 1)
    gift = await thank(region, anna, bengt, "You dried the hops")
    await thank(region, bengt, anna, "A fine cake")
    (expert,) = await experts(anna, "hops")
    assert (expert.person.handle, [each.latest_id for each in expert.recognitions]) == ("bengt", [gift])


def test_recognition_that_is_not_shown_is_not_read_wherever_it_was_found() -> None:
    # The index may lag behind the store; a badge that is not known here lets nothing count.
    tables, (anna, bo) = Tables(search_projection()), PEOPLE[:2]
    withdrawn, private, unknown, shown = (an_id(name) for name in ("withdrawn", "private", "unknown", "shown"))
    for gift in (withdrawn, private, shown):
        visibility = VISIBILITY_PRIVATE if gift == private else VISIBILITY_PUBLIC
        thanks = ThanksGiven(
            recognition_id=gift, receiver_ids=[bo], message="hops", visibility=visibility, given_at_ms=1
        )
        assert tables.apply(thanks, actor=anna)
    award = BadgeAwarded(recognition_id=unknown, badge_id=an_id("badge"), receiver_id=bo, message="hops", given_at_ms=1)
    award.visibility = VISIBILITY_PUBLIC
    assert tables.apply(award, actor=anna)
    assert tables.apply(RecognitionWithdrawn(recognition_id=withdrawn), actor=anna)
    # As if it had been withdrawn, and what it was for were still there.
    tables.db.execute("insert into received select ?, sequence from gifts where id = ?", (bo, withdrawn))
    all_of_them = [sequence for (sequence,) in tables.rows("select sequence from gifts")]

    for sequences, latest_most in ((all_of_them, 0), (all_of_them, 9), ([], 9), ([], 1)):
        found = find_gifts(tables.db, sequences, lambda _: 1.0, latest_most=latest_most)
        assert [gift.id for gift in found] == [shown]


async def test_of_recognition_of_one_kind_the_latest_is_named(region: Region, anna: Member, bengt: Member) -> None:
    await thank(region, anna, bengt, "hops and hops again: you dried the hops")
    latest = await thank(region, anna, bengt, "And more hops, a while after the others were through with theirs")
    (expert,) = await experts(anna, "hops")
    assert [(each.count, each.latest_id) for each in expert.recognitions] == [(2, latest)]


async def test_only_who_works_now_is_told_where_that_is_asked(region: Region, anna: Member, bengt: Member) -> None:
    cecil, dora = await region.member("cecil"), await region.member("dora")
    late = [WorkingHours(weekday=WEEKDAY_TUESDAY, start_minute=22 * 60, end_minute=24 * 60)]
    early = [WorkingHours(weekday=WEEKDAY_WEDNESDAY, start_minute=8 * 60, end_minute=17 * 60)]
    await tell(anna, about="hops", zone="UTC", hours=late)
    await tell(bengt, about="hops", zone="Asia/Tokyo", hours=late)
    await tell(cecil, about="hops", zone="UTC")
    await tell(dora, about="hops", zone="Europe/Stockholm", hours=early)

    found = {expert.person.handle: expert for expert in await experts(anna, "hops")}
    assert found.keys() == {"anna", "bengt", "cecil", "dora"}
    assert [found[name].at_work for name in ("anna", "bengt", "dora")] == [True, False, False], NOW
    assert not found["cecil"].HasField("at_work")
    assert found["dora"].next_at_work_ms == 1_700_031_600_000  # Wednesday, eight in Stockholm
    assert found["anna"].next_at_work_ms == found["cecil"].next_at_work_ms == 0
    assert await names(bengt, "hops", awake_now=True) == ["anna"]


async def test_as_many_are_told_as_are_wanted_and_of_when_that_is(anna: Member, bengt: Member) -> None:
    await tell(anna, about="hops")
    await tell(bengt, about="hops")
    await publish(anna)
    assert len(await experts(anna, "hops", first=1)) == 1
    answered: pb.FindExpertsResponse = await anna.ask(
        anna.region.replicas[SEARCH].search.FindExperts, pb.FindExpertsRequest(about="hops")
    )
    (coverage,) = answered.coverage
    assert (coverage.region, coverage.sequence) == (REGION, await anna.region.log.last_sequence())


@pytest.mark.parametrize(
    ("about", "first", "code", "field"), [("?", 0, "nothing_to_find", "about"), ("hops", 51, "page_size", "first")]
)
async def test_what_cannot_be_asked_is_refused_with_a_code(
    anna: Member, about: str, first: int, code: str, field: str
) -> None:
    refused = await refusal(experts(anna, about, first=first))
    assert (refused.code, refused.field) == (code, field)
