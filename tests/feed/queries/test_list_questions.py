"""Questions: which are listed, told apart by how far they have come, by topic and by group."""

from __future__ import annotations

import pytest

from samverka.feed.v1.feed_service_pb2 import QUESTION_FILTER_UNACCEPTED, QUESTION_FILTER_UNANSWERED
from services.chassis.paging import PageRequest
from services.feed.projections import feed_projection
from services.feed.queries.list_questions import list_questions
from tests.feed.calls import (
    accept,
    answer,
    ask,
    create_group,
    create_private_group,
    delete,
    edit,
    hide,
    ids,
    let_in,
    publish,
    questions,
    unaccept,
)
from tests.support.services import Member, refusal
from tests.support.tables import Tables, plans, scans


async def test_they_come_latest_first_without_notes_and_what_is_gone(anna: Member) -> None:
    first, gone = await ask(anna), await ask(anna)
    await publish(anna, "#chess")
    second = await ask(anna)
    await delete(anna, gone.id)

    assert ids(await questions(anna)) == [second.id, first.id]


async def test_they_are_told_apart_by_how_far_they_have_come(anna: Member, bengt: Member) -> None:
    bare, answered, accepted = [await ask(anna) for _ in range(3)]
    await answer(bengt, answered.id)
    await accept(anna, (await answer(bengt, accepted.id)).id)

    assert ids(await questions(bengt, wanted=QUESTION_FILTER_UNANSWERED)) == [bare.id]
    assert ids(await questions(bengt, wanted=QUESTION_FILTER_UNACCEPTED)) == [answered.id, bare.id]
    await unaccept(anna, accepted.id)
    assert ids(await questions(bengt, wanted=QUESTION_FILTER_UNACCEPTED)) == [accepted.id, answered.id, bare.id]


async def test_they_are_told_apart_by_the_topics_of_their_latest_text(anna: Member) -> None:
    chess, both = await ask(anna, body="About #Chess"), await ask(anna, body="#chess or #go?")
    assert list(both.topics) == ["chess", "go"]
    for topic in ("chess", "#CHESS"):
        assert ids(await questions(anna, topic=topic)) == [both.id, chess.id]

    await edit(anna, both.id, "#go")

    assert ids(await questions(anna, topic="chess")) == [chess.id]
    assert ids(await questions(anna, topic="go")) == [both.id]
    assert ids(await questions(anna, topic="shogi")) == []


async def test_a_groups_are_its_own_and_a_private_groups_its_members_alone(anna: Member, bengt: Member) -> None:
    chess, board = await create_group(anna), await create_private_group(anna)
    free = await ask(anna, body="#go")
    public, secret = await ask(anna, group_id=chess.id, body="#go"), await ask(anna, group_id=board.id, body="#go")

    for topic in ("", "go"):
        assert ids(await questions(anna, topic=topic)) == [secret.id, public.id, free.id]
        assert ids(await questions(bengt, topic=topic)) == [public.id, free.id]
        assert ids(await questions(bengt, topic=topic, group_id=chess.id)) == [public.id]
        assert (await refusal(questions(bengt, topic=topic, group_id=board.id))).code == "group_not_found"
    await let_in(anna, board.id, bengt)
    assert ids(await questions(bengt)) == [secret.id, public.id, free.id]
    assert ids(await questions(bengt, group_id=board.id, topic="go")) == [secret.id]


async def test_what_its_group_hides_is_in_no_list(anna: Member) -> None:
    group = await create_group(anna)
    asked = await ask(anna, group_id=group.id, body="#go")

    await hide(anna, asked.id)

    for page in (await questions(anna), await questions(anna, topic="go"), await questions(anna, group_id=group.id)):
        assert ids(page) == []


@pytest.mark.parametrize("first", [1, 2, 5])
async def test_pages_skip_and_repeat_nothing(anna: Member, bengt: Member, first: int) -> None:
    board = await create_private_group(anna)
    asked = [(await ask(anna, group_id=board.id if n % 2 else "")).id for n in range(5)]
    await answer(bengt, asked[2])

    shown, after = [], ""
    while True:
        page = await questions(anna, first=first, after=after)
        shown += ids(page)
        after = page.page_info.end_cursor
        if not page.page_info.has_next_page:
            break

    assert shown == asked[::-1]


def test_they_are_read_through_their_list() -> None:
    tables, page = Tables(feed_projection()), PageRequest(20, None)

    found, _ = plans(
        tables.db,
        lambda db: list_questions(db, page, states=(0, 1), topic="", group_id="", viewer="x", epoch="memory"),
    )

    listed = "SEARCH listed USING PRIMARY KEY (group_id=? AND local=? AND topic=? AND state=? AND sequence<?)"
    assert listed in found
    assert set(scans(found)) <= {"SCAN lists", "SCAN CONSTANT ROW"}
