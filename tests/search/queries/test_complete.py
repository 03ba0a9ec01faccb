"""What is being typed may become a person, a group, a title or a topic."""

from __future__ import annotations

from pathlib import Path

import pytest

from samverka.feed.v1.feed_events_pb2 import POST_KIND_QUESTION, PostPublished
from samverka.search.v1.search_views_pb2 import (
    SUGGESTION_KIND_GROUP,
    SUGGESTION_KIND_PERSON,
    SUGGESTION_KIND_TITLE,
    SUGGESTION_KIND_TOPIC,
)
from tests.feed.calls import create_group, delete, publish
from tests.profile.calls import edit as edit_profile
from tests.search.asking import complete, completed
from tests.support.services import Member, Region, federate, open_region, refusal
from tests.support.tables import an_id

pytestmark = pytest.mark.usefixtures("search")


async def test_every_kind_is_suggested_in_turns(anna: Member, region: Region) -> None:
    group = await create_group(anna, "Annual fair")
    await publish(anna, "About #annotation")
    question = PostPublished(post_id=an_id("question"), body="?", title="Any anniversary?", kind=POST_KIND_QUESTION)
    await region.assert_fact(question, actor=anna.id)

    found = [(each.kind, each.text, each.id, each.handle, each.region) for each in await complete(anna, "ann")]
    assert found == [
        (SUGGESTION_KIND_PERSON, "Anna", anna.id, "anna", "stockholm"),
        (SUGGESTION_KIND_GROUP, "Annual fair", group.id, "", "stockholm"),
        (SUGGESTION_KIND_TITLE, "Any anniversary?", an_id("question"), "", "stockholm"),
        (SUGGESTION_KIND_TOPIC, "annotation", "", "", ""),
    ]


async def test_people_go_by_name_and_handle_and_words_come_in_any_order(anna: Member, bengt: Member) -> None:
    await edit_profile(anna, name="Åsa Maria Öberg")
    for typed in ("asa", "Öb", "maria o", "ob as", "@anna", "@maria"):
        assert await completed(bengt, typed) == ["Åsa Maria Öberg"]
    for typed in ("beng", "@x", "maria x", "#asa", "riamaria"):
        assert "Åsa Maria Öberg" not in await completed(bengt, typed)


async def test_after_a_handle_comes_its_region_which_alone_is_no_name(
    tmp_path: Path, region: Region, anna: Member
) -> None:
    async with open_region(tmp_path / "tokyo", name="tokyo") as tokyo:
        akira, namesake = await tokyo.member("akira"), await tokyo.member("anna.tok")
        await federate(tokyo, region)

    for typed, found in (
        ("@an@tok", {namesake.id}),
        ("@an@Stockholm", {anna.id}),
        ("@a@t", {akira.id, namesake.id}),
        ("@tok", {namesake.id}),
        ("an@tok", {namesake.id}),
        ("@a@osaka", set()),
    ):
        assert {each.id for each in await complete(anna, typed)} == found, typed


async def test_the_topics_that_are_used_most_come_first_and_go_with_their_last_post(anna: Member) -> None:
    await publish(anna, "#vpn")
    only = await publish(anna, "#vpn and #vps")
    assert await completed(anna, "#vp") == ["vpn", "vps"]
    await delete(anna, only.id)
    assert await completed(anna, "#VP") == ["vpn"]
    assert await completed(anna, "@vp") == []


async def test_there_are_as_many_as_asked_for(anna: Member) -> None:
    for number in range(12):
        await create_group(anna, f"Club {number}")
    assert len(await complete(anna, "club")) == 10
    assert len(await complete(anna, "club", first=3)) == 3


@pytest.mark.parametrize(
    ("prefix", "first", "code", "field"),
    [("", 0, "empty", "prefix"), ("@", 0, "nothing_to_find", "prefix"), ("a", 21, "page_size", "first")],
)
async def test_what_is_wrong_is_told(anna: Member, prefix: str, first: int, code: str, field: str) -> None:
    error = await refusal(complete(anna, prefix, first=first))
    assert (error.code, error.field) == (code, field)
