"""What can be found follows from what each origin said, is what the feed shows, and the index hears of every change."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings

from samverka.feed.v1.feed_events_pb2 import (
    POST_KIND_QUESTION,
    AnswerAccepted,
    AnswerRuled,
    CommentAdded,
    GroupCreated,
    MarkedHelpful,
    PostDeleted,
    PostPublished,
)
from samverka.network.v1.network_events_pb2 import ErasureOrdered
from samverka.profile.v1.profile_events_pb2 import WEEKDAY_MONDAY, PersonRegistered, ProfileEdited, WorkingHours
from services.chassis.envelope import Fact
from services.chassis.ids import region_actor
from services.chassis.store import digest_tables
from services.feed.projections import feed_projection
from services.recognition.projections import recognition_projection
from services.search.projections import REGISTERS, search_projection
from services.search.projections.erasing import apply_erasure_ordered
from services.search.standing import Viewer, audiences_of
from tests.feed.said import FACTS, HERE, PEOPLE, Said, each_id_of_one_person, origin
from tests.support.chance import CHANCE
from tests.support.interleaving import interleaved
from tests.support.tables import Tables, an_id

MANY = settings(max_examples=200)
FOUND = "kind, id, local, author, called, title, body, created_at_ms, post_id, group_id, hit, audience"
SHOWN_POSTS = """
    select id, local, title, body from posts p
    where deleted = 0 and hidden = 0 and (open = 1 or exists (
        select 1 from memberships m
        where m.group_id = p.group_id and m.local = p.local and m.person = :viewer and active = 1
    ))
"""
SHOWN_COMMENTS = f"""
    select c.id, c.local, '', c.body from comments c join ({SHOWN_POSTS}) above
    on above.id = c.post_id and above.local = c.local where c.deleted = 0 and c.hidden = 0
"""
ACCEPTED = """
    select c.id, c.local from posts p join comments c on c.id = p.accepted and c.local = p.local
    where p.deleted = 0 and p.hidden = 0 and (c.author != p.author or exists (
        select 1 from answer_rulings r where r.post_id = p.id and r.local = p.local and r.group_id = p.group_id
    ))
"""
SHOWN_GROUPS = """
    select id, local, name, about from groups g where private = 0 or exists (
        select 1 from memberships m where m.group_id = g.id and m.local = g.local and m.person = :viewer and active = 1
    )
"""


def applied(facts: list[Said]) -> Tables:
    tables = Tables(search_projection())
    for said in facts:
        if type(said.payload) in search_projection().handlers:
            said.apply(tables)
    return tables


def shown_by_the_feed(facts: list[Said]) -> Tables:
    tables = Tables(feed_projection())
    for said in facts:
        said.apply(tables)
    return tables


def found(tables: Tables) -> list[tuple[Any, ...]]:
    return sorted(tables.rows(f"select {FOUND} from findable"), key=repr)


@MANY
@given(FACTS, CHANCE)
def test_the_interleaving_of_the_origins_does_not_matter(facts: list[Said], chance: Random) -> None:
    one, other = applied(facts), applied(interleaved(facts, chance, origin))

    assert found(one) == found(other)
    counted = "select id from gifts where counts = 1 order by 1"
    assert one.rows(counted) == other.rows(counted)
    assert one.rows("select * from members order by 1, 2, 3") == other.rows("select * from members order by 1, 2, 3")
    for register in REGISTERS:
        assert one.rows(register.statement()) == other.rows(register.statement())


@MANY
@given(FACTS)
def test_what_stays_in_a_region_changes_nothing_of_what_all_regions_share(facts: list[Said]) -> None:
    here, elsewhere = applied(facts), applied([said for said in facts if not said.local])

    assert [row for row in found(here) if not row[2]] == found(elsewhere)
    for register in REGISTERS:
        assert here.rows(register.statement()) == elsewhere.rows(register.statement())


@MANY
@given(FACTS)
def test_everybody_finds_what_the_feed_shows_them_and_nothing_else(facts: list[Said]) -> None:
    facts = each_id_of_one_person(facts)
    tables, feed = applied(facts), shown_by_the_feed(facts)

    for person in PEOPLE:
        audiences = audiences_of(tables.db, Viewer(person, HERE))
        for kind, shown in ((1, SHOWN_POSTS), (2, SHOWN_COMMENTS), (4, SHOWN_GROUPS)):
            rows = tables.rows(f"select id, local, title, body, audience from findable where kind = {kind}")
            finds = {row[:-1] for row in rows if row[-1] in audiences}
            assert finds == {tuple(row) for row in feed.db.execute(shown, {"viewer": person})}


@MANY
@given(FACTS)
def test_an_answer_is_accepted_that_the_feed_shows_so_unless_it_is_by_its_author(facts: list[Said]) -> None:
    facts = each_id_of_one_person(facts)
    tables, feed = applied(facts), shown_by_the_feed(facts)

    accepted = tables.rows("select id, local from answers where accepted_at_ms is not null order by 1, 2")
    assert accepted == sorted(feed.rows(ACCEPTED))


@MANY
@given(FACTS)
def test_what_has_helped_is_what_the_feed_says_has(facts: list[Said]) -> None:
    tables, feed = applied(facts), shown_by_the_feed(facts)

    votes = "select target_id, local, person from helpful order by 1, 2, 3"
    assert tables.rows(votes) == feed.rows(votes)


@MANY
@given(FACTS)
def test_recognition_counts_that_its_own_service_counts_and_shows_to_everybody(facts: list[Said]) -> None:
    facts = each_id_of_one_person(facts)
    tables, recognition = applied(facts), Tables(recognition_projection())
    for said in facts:
        if type(said.payload) in recognition_projection().handlers:
            said.apply(recognition)

    columns = "id, giver, receivers, badge_id, message, value, given_at_ms"
    counted = recognition.rows(f"select {columns} from recognitions where counts = 1 and private = 0 order by 1")
    assert tables.rows(f"select {columns} from gifts where counts = 1 order by 1") == counted
    told_of = "select g.id, r.person from received r join gifts g on g.sequence = r.sequence order by 1, 2"
    listed = "select g.id, each.value from gifts g, json_each(g.receivers) each order by 1, 2"
    assert tables.rows(told_of) == tables.rows(listed)


@MANY
@given(FACTS)
def test_the_index_hears_of_every_change(facts: list[Said]) -> None:
    tables = Tables(search_projection())
    before: dict[int, tuple[Any, ...]] = {}
    for number, said in enumerate(facts, start=1):
        if type(said.payload) not in search_projection().handlers:
            continue
        tables.apply(
            said.payload, actor=said.actor, owner=said.owner, local=said.local, event=said.event, sequence=number
        )
        after = {int(row[0]): row[1:] for row in tables.rows(f"select sequence, {FOUND} from findable")}
        told = {
            row[0]
            for table in ("documents", "removals")
            for row in tables.rows(f"select sequence from {table} where changed = ?", number)
        }
        assert {each for each in before.keys() | after.keys() if before.get(each) != after.get(each)} <= told
        before = after


def erased(tables: Tables, person: str, sequence: int) -> None:
    order = ErasureOrdered(erasure_id=an_id("erasure"), person_id=person)
    region = origin(Said(person, order))
    fact = Fact(sequence, sequence, "event", region, region_actor(region), 1, order, region, False)
    apply_erasure_ordered(tables.db, fact)


@MANY
@given(FACTS)
def test_after_an_erasure_a_replica_is_digested_as_one_that_is_made_anew_without_the_person(facts: list[Said]) -> None:
    person, but = PEOPLE[-1], search_projection().undigested
    facts = each_id_of_one_person(facts)
    grown, anew = Tables(search_projection()), Tables(search_projection())
    for number, said in enumerate(facts, start=1):
        if type(said.payload) in search_projection().handlers:
            for tables in (grown, anew) if said.actor != person or said.owner else (grown,):
                tables.apply(
                    said.payload,
                    actor=said.actor,
                    owner=said.owner,
                    local=said.local,
                    event=said.event,
                    sequence=number,
                )
    for tables in (grown, anew):
        erased(tables, person, 1_000)

    assert digest_tables(grown.db, but=but) == digest_tables(anew.db, but=but)


@MANY
@given(FACTS)
def test_what_is_left_after_an_erasure_is_what_there_would_be_without_the_person(facts: list[Said]) -> None:
    person = PEOPLE[-1]
    facts = each_id_of_one_person(facts)
    tables = applied(facts)
    before = {row[0]: row[1:] for row in tables.rows(f"select sequence, {FOUND} from findable")}
    erased(tables, person, 1_000)

    def of_the_groups(said: Said) -> bool:
        return said.actor != person or bool(said.owner)

    assert found(tables) == found(applied([said for said in facts if of_the_groups(said)]))
    after = {row[0]: row[1:] for row in tables.rows(f"select sequence, {FOUND} from findable")}
    told = {
        row[0]
        for table in ("documents", "removals")
        for row in tables.rows(f"select sequence from {table} where changed = 1000")
    }
    assert {each for each in before.keys() | after.keys() if before.get(each) != after.get(each)} <= told
    assert tables.rows("select 1 from documents where author = ? and kind != 4", person) == []
    for table, column in (
        ("memberships", "person"),
        ("helpful", "person"),
        ("acceptances", "person"),
        ("people", "id"),
        ("gifts", "giver"),
    ):
        assert tables.rows(f"select 1 from {table} where {column} = ?", person) == []


def test_a_person_is_found_by_what_they_say_of_themselves() -> None:
    tables = Tables(search_projection())
    anna = PEOPLE[0]
    assert tables.apply(PersonRegistered(person_id=anna, handle="anna", name="Anna", title="Nurse"), actor=anna)
    assert tables.apply(ProfileEdited(person_id=anna, name="Anna B", title="Nurse", about="Sails"), actor=anna)
    assert not tables.apply(ProfileEdited(person_id=anna, name="Forged"), actor=PEOPLE[1])
    assert tables.rows("select called, title, body, audience from findable") == [
        ("anna", "Anna B", "Nurse\n\nSails", "public")
    ]


def test_when_somebody_works_is_what_they_said_last_and_what_is_no_week_changes_nothing() -> None:
    tables, anna = Tables(search_projection()), PEOPLE[0]
    days = [WorkingHours(weekday=WEEKDAY_MONDAY, start_minute=540, end_minute=1020)]
    twice = [*days, *days]

    def edited(**told: Any) -> bool:
        return tables.apply(ProfileEdited(person_id=anna, name="Anna", **told), actor=anna)

    assert tables.apply(PersonRegistered(person_id=anna, handle="anna", name="Anna"), actor=anna)
    assert tables.rows("select * from people") == [(anna, "", "[]")]
    assert edited(time_zone="Asia/Tokyo", working_hours=days)
    assert not edited(time_zone="UTC", working_hours=twice)
    assert not edited(time_zone="UTC", manager_id=anna)
    assert tables.rows("select * from people") == [(anna, "Asia/Tokyo", "[[1,540,1020]]")]


def test_a_vote_or_an_acceptance_before_its_answer_counts_once_that_has_come() -> None:
    tables, (anna, bo) = Tables(search_projection()), PEOPLE[:2]
    tokyo, question, answer = PEOPLE[2], an_id("question"), an_id("answer", region="tokyo")
    asked = PostPublished(post_id=question, body="?", title="How?", kind=POST_KIND_QUESTION)
    assert tables.apply(asked, actor=anna)
    assert tables.apply(AnswerAccepted(post_id=question, comment_id=answer), actor=anna, at_ms=5)
    assert tables.apply(MarkedHelpful(target_id=answer), actor=bo, at_ms=6)
    assert tables.apply(MarkedHelpful(target_id=answer), actor=bo, at_ms=7)
    assert tables.rows("select id from answers") == []

    assert tables.apply(CommentAdded(comment_id=answer, post_id=question, body="So.", answer=True), actor=tokyo)
    assert tables.rows("select id, accepted_at_ms from answers") == [(answer, 5)]
    assert tables.rows("select person, at_ms from helpful") == [(bo, 6)]


def test_who_asked_accepts_nothing_of_their_own_and_the_group_has_the_last_word() -> None:
    tables, (anna, bo), group = Tables(search_projection()), PEOPLE[:2], an_id("group")
    question, own, other = an_id("question"), an_id("own"), an_id("other")
    assert tables.apply(GroupCreated(group_id=group, name="Chess"), actor=anna, owner=group)
    asked = PostPublished(post_id=question, title="How?", kind=POST_KIND_QUESTION, group_id=group)
    assert tables.apply(asked, actor=anna)
    for answer, author in ((own, anna), (other, bo)):
        assert tables.apply(CommentAdded(comment_id=answer, post_id=question, body="So.", answer=True), actor=author)

    def accepted() -> list[tuple[Any, ...]]:
        return tables.rows("select id, accepted_at_ms from answers where accepted_at_ms is not null")

    assert tables.apply(AnswerAccepted(post_id=question, comment_id=own), actor=anna, at_ms=5)
    assert accepted() == []
    assert tables.apply(AnswerAccepted(post_id=question, comment_id=other), actor=anna, at_ms=6)
    assert accepted() == [(other, 6)]
    for number, (ruled, shown) in enumerate(((own, [(own, 7)]), ("", [])), start=7):
        ruling = AnswerRuled(group_id=group, post_id=question, comment_id=ruled, request_id=an_id(f"request-{number}"))
        assert not tables.apply(ruling, actor=bo, owner=group)
        assert tables.apply(ruling, actor=anna, owner=group, at_ms=number)
        assert accepted() == shown


def test_nobody_accepts_below_the_question_of_another_nor_below_a_deleted_one() -> None:
    tables, (anna, bo), question = Tables(search_projection()), PEOPLE[:2], an_id("question")
    accepted = AnswerAccepted(post_id=question, comment_id=an_id("answer"))
    assert not tables.apply(accepted, actor=anna)
    assert tables.apply(PostPublished(post_id=question, title="How?", kind=POST_KIND_QUESTION), actor=anna)
    assert not tables.apply(accepted, actor=bo)
    assert tables.apply(accepted, actor=anna)
    assert tables.apply(PostDeleted(post_id=question), actor=anna)
    assert tables.rows("select 1 from acceptances") == []
    assert not tables.apply(accepted, actor=anna)


def test_a_comment_that_answers_is_an_answer_below_a_question_alone() -> None:
    tables = Tables(search_projection())
    question, note = an_id("question"), an_id("note")
    for number, post_id in enumerate((question, note)):
        answer = CommentAdded(comment_id=an_id(f"answer-{number}"), post_id=post_id, body="So.", answer=True)
        assert tables.apply(answer, actor=PEOPLE[0])
    assert tables.apply(
        PostPublished(post_id=question, body="?", title="How?", kind=POST_KIND_QUESTION), actor=PEOPLE[0]
    )
    assert tables.apply(PostPublished(post_id=note, body="!", title="Not shown"), actor=PEOPLE[0])
    assert tables.rows("select hit, title from findable order by sequence") == [(6, ""), (2, ""), (5, "How?"), (1, "")]


def test_what_was_written_in_a_group_that_is_not_known_yet_nobody_finds() -> None:
    tables = Tables(search_projection())
    group, anna = an_id("group"), PEOPLE[0]
    tables.db.execute("insert into memberships values (?, 0, ?, 'join')", (group, anna))
    assert tables.apply(PostPublished(post_id=an_id("post"), body="?", group_id=group), actor=anna)
    (row,) = tables.rows("select audience from findable")
    assert row[0] not in audiences_of(tables.db, Viewer(anna, HERE))

    assert tables.apply(GroupCreated(group_id=group, name="Chess"), actor=anna, owner=group)
    assert {row[0] for row in tables.rows("select audience from findable")} == {"public"}
