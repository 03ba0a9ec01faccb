"""What a query finds, in which order, and page by page."""

from __future__ import annotations

import pytest

from samverka.feed.v1.feed_events_pb2 import POST_KIND_QUESTION, CommentAdded, PostPublished
from samverka.search.v1.search_views_pb2 import HIT_KIND_ANSWER, HIT_KIND_COMMENT, HIT_KIND_PERSON, HIT_KIND_QUESTION
from services.search.domain import cursors
from services.search.queries import search as searching
from tests.feed.calls import comment, create_group, delete, edit, publish
from tests.profile.calls import edit as edit_profile
from tests.search.asking import ask, found, hits, page
from tests.support.services import Member, Region, refusal
from tests.support.tables import an_id

pytestmark = pytest.mark.usefixtures("search")
TOKYO = an_id("person", region="tokyo")


async def post(member: Member, body: str) -> str:
    return (await publish(member, body)).id


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ("We discussed the budgets of our meetings", "budget meeting"),
        ("Vi pratade om mötena och cyklarna", "möte cykel"),
        ("Nous avons parlé des réunions", "réunion"),
        ("Two words: vpn gateways", "gateway"),
        ("Öland är en ö", "oland"),
        ("crème brûlée", "creme brulee"),
        ("The quarterly budget", "bugdet"),
        ("The quarterly budget", "quartelry"),
        ("The quarterly budget", "budgets"),
        ("東京オフィスの会議", "会議"),
        ("Who is in the band The Who?", "the who"),
        ("one two three four five six", "one two three seven eight nine"),
        ("Use #Kubernetes here", "kubernetes"),
    ],
)
async def test_words_are_found_in_their_forms_without_marks_and_with_a_typo(
    anna: Member, bengt: Member, body: str, query: str
) -> None:
    wanted = await post(anna, body)
    await post(anna, "Something else entirely")
    assert await found(bengt, query) == [wanted]


async def test_one_typo_and_no_more_and_only_where_a_word_is_rare(anna: Member) -> None:
    plans = [await post(anna, f"plan number {number}") for number in range(3)]
    plane = await post(anna, "A plane at noon")
    assert set(await found(anna, "plan")) == {*plans}
    assert await found(anna, "plame") == [plane]
    assert set(await found(anna, "plax")) == {*plans}
    assert await found(anna, "xlax") == []
    assert await found(anna, "xxaneplane") == []


async def test_phrases_are_next_to_each_other_and_exact(anna: Member) -> None:
    near = await post(anna, "The green bus stops here")
    await post(anna, "The bus is green, and buses stop")
    assert await found(anna, '"green bus"') == [near]
    assert await found(anna, '"green buses"') == []
    assert await found(anna, '"stops"') == [near]
    assert await found(anna, 'bus "green stops"') == []


async def test_a_word_of_several_counts_as_one_that_may_be_missing(anna: Member) -> None:
    mail = await post(anna, "The e-mail server is slow")
    layers = await post(anna, "Flow in boundary layers")
    asia = await post(anna, "東京オフィス")
    await post(anna, "Mail me, and 京東 is not 東京都")
    assert await found(anna, "e-mail") == [mail]
    assert await found(anna, "boundary-layer wings chord") == [layers]
    assert await found(anna, "boundary-layer wings") == []
    assert asia in await found(anna, "東京")
    assert await found(anna, "オフィス 東京") == [asia]
    assert await found(anna, '"boundary-layer"') == []


async def test_what_is_excluded_is_not_found(anna: Member) -> None:
    one, other = await post(anna, "red bus"), await post(anna, "blue bus of metal")
    assert await found(anna, "bus -blue") == [one]
    assert await found(anna, 'bus -"of metal"') == [one]
    assert set(await found(anna, "bus -metalx")) == {one, other}
    assert await found(anna, "bus -from:anna") == []


async def test_filters_say_who_where_what_and_when(anna: Member, bengt: Member, region: Region) -> None:
    group = await create_group(anna, "Chess Club Årsta")
    inside = await publish(anna, "a bus", group_id=group.id)
    answer = await comment(bengt, inside.id, "a bus too")
    other = await publish(bengt, "no bus")
    region.clock.advance(3 * 24 * 3600)
    late = await publish(anna, "late bus")

    assert set(await found(anna, "bus from:anna")) == {inside.id, late.id}
    assert set(await found(bengt, "bus from:me")) == {answer.id, other.id}
    assert set(await found(anna, f"bus from:bengt@stockholm from:{anna.id}")) == {
        inside.id,
        late.id,
        answer.id,
        other.id,
    }
    assert await found(anna, "bus from:bengt@tokyo") == await found(anna, "bus from:nobody") == []
    assert set(await found(anna, 'bus in:"chess club arsta"')) == {inside.id, answer.id}
    assert set(await found(anna, f"bus -in:{group.id}")) == {other.id, late.id}
    assert await found(anna, "bus in:nowhere") == []
    assert await found(anna, "bus kind:comment") == [answer.id]
    assert await found(anna, "kind:person from:anna") == [anna.id]
    assert await found(anna, "kind:group club") == [group.id]
    day = "2023-11-15"  # the clock of the tests began on the day before
    assert await found(anna, f"bus after:{day}") == [late.id]
    assert set(await found(anna, f"bus before:{day}")) == {inside.id, answer.id, other.id}


async def test_groups_whose_names_have_no_words_are_told_apart(anna: Member) -> None:
    posts = {name: await publish(anna, "bus", group_id=(await create_group(anna, name)).id) for name in ("👍", "🎉")}

    for name, post in posts.items():
        assert await found(anna, f"bus in:{name}") == [post.id]
    assert await found(anna, "bus in:👎") == []


async def test_questions_have_titles_that_weigh_more_and_answers_are_told_from_comments(
    anna: Member, region: Region
) -> None:
    mentioned = await post(anna, "Somebody spoke of a printer")
    question = an_id("question", region="tokyo")
    asked = PostPublished(
        post_id=question, body="It is jammed again", title="How to mend the printer?", kind=POST_KIND_QUESTION
    )
    await region.assert_fact(asked, actor=TOKYO, origin="tokyo")
    for number, answers in enumerate((True, False)):
        below = CommentAdded(
            comment_id=an_id(f"below-{number}", region="tokyo"), post_id=question, body="Hit it", answer=answers
        )
        await region.assert_fact(below, actor=TOKYO, origin="tokyo")

    assert await found(anna, "printer") == [question, mentioned]
    (hit,) = await hits(anna, "printer kind:question")
    assert (hit.kind, hit.title, hit.author.id, hit.author.region) == (
        HIT_KIND_QUESTION,
        "How to mend the printer?",
        TOKYO,
        "tokyo",
    )
    assert {(hit.kind, hit.post_id) for hit in await hits(anna, "hit")} == {
        (HIT_KIND_ANSWER, question),
        (HIT_KIND_COMMENT, question),
    }
    assert [hit.kind for hit in await hits(anna, "hit kind:answer")] == [HIT_KIND_ANSWER]


async def test_a_hit_tells_what_why_who_and_where(anna: Member, bengt: Member) -> None:
    group = await create_group(anna, "Chess")
    written = await publish(anna, "We <b>met</b> in\nour meetings", group_id=group.id)
    (hit,) = await hits(bengt, "meeting kind:post")
    assert [(part.text, part.matched) for part in hit.snippet] == [
        ("We <b>met</b> in our ", False),
        ("meetings", True),
    ]
    assert (hit.id, hit.author.handle, hit.author.name, hit.group.name) == (written.id, "anna", "Anna", "Chess")
    assert hit.created_at_ms == written.created_at_ms


async def test_what_is_edited_or_deleted_is_found_as_it_now_is(anna: Member, bengt: Member) -> None:
    written = await post(anna, "first wording")
    answer = (await comment(bengt, written, "below it")).id
    await edit(anna, written, "second wording")
    assert await found(anna, "first") == []
    assert await found(anna, "second") == [written]
    await delete(anna, written)
    assert await found(anna, "second") == await found(anna, "below it") == []
    assert answer
    await edit_profile(anna, name="Anna Berg", about="Knows sailing")
    (hit,) = await hits(bengt, "sailing")
    assert (hit.kind, hit.id, hit.title) == (HIT_KIND_PERSON, anna.id, "Anna Berg")


async def test_pages_neither_skip_nor_repeat_whatever_is_written_meanwhile(anna: Member, bengt: Member) -> None:
    written = [await post(anna, "bus " * (number % 7 + 1) + "stop " * (number % 3)) for number in range(25)]
    seen: list[str] = []
    after, pages = "", 0
    while True:
        shown = await page(bengt, "bus", first=4, after=after)
        seen += [edge.node.id for edge in shown.edges]
        assert shown.page_info.has_previous_page == (pages > 0)
        assert shown.total_count == len(written)
        pages += 1
        # What comes meanwhile changes every score, and stands in no page of this search.
        for body in ("bus", "bus bus bus", "no such thing"):
            await post(anna, body)
        if not shown.page_info.has_next_page:
            break
        after = shown.page_info.end_cursor
    assert len(seen) == len(set(seen))
    assert set(seen) == set(written)
    assert pages == 7


async def test_a_page_goes_on_behind_any_hit_of_another(anna: Member) -> None:
    for number in range(6):
        await post(anna, "bus " * (number + 1))
    whole = await page(anna, "bus")
    for place, edge in enumerate(whole.edges[:-1]):
        rest = await page(anna, "bus", after=edge.cursor)
        assert [after.node.id for after in rest.edges] == [after.node.id for after in whole.edges[place + 1 :]]
    assert whole.page_info.start_cursor == whole.edges[0].cursor


async def test_filters_alone_give_the_latest_first(anna: Member) -> None:
    written = [await post(anna, f"note {number}") for number in range(5)]
    assert await found(anna, "kind:post") == written[::-1]
    first = await page(anna, "kind:post", first=2)
    rest = await page(anna, "kind:post", after=first.page_info.end_cursor)
    assert [edge.node.id for edge in (*first.edges, *rest.edges)] == written[::-1]


async def test_a_search_ends_after_so_many_hits_and_tells_how_much_there_is(
    anna: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "RESULTS_MAX", 4)
    monkeypatch.setattr(cursors, "RESULTS_MAX", 4)
    for _ in range(6):
        await post(anna, "bus")
    first = await page(anna, "bus", first=3)
    assert (first.total_count, first.page_info.has_next_page) == (6, True)
    last = await page(anna, "bus", first=3, after=first.page_info.end_cursor)
    assert (len(last.edges), last.total_count, last.page_info.has_next_page) == (1, 6, False)
    assert len((await page(anna, "bus", after=last.page_info.end_cursor)).edges) == 0


@pytest.mark.parametrize(
    ("query", "after", "code", "field"),
    [
        ('"bus', "", "unclosed_phrase", "query"),
        ("bus", "memory", "malformed_cursor", "after"),
        ("bus", "other:AAAA", "expired_cursor", "after"),
    ],
)
async def test_what_is_wrong_is_told(anna: Member, query: str, after: str, code: str, field: str) -> None:
    error = await refusal(ask(anna, query, after=after))
    assert (error.code, error.field) == (code, field)
