"""The search service at its gRPC interface: of when an answer is, replicas that agree, and decent ends of all calls."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from samverka.feed.v1.feed_events_pb2 import PostPublished
from samverka.search.v1 import search_service_pb2 as pb
from services.chassis import limits
from services.search.projections import search_projection
from tests.feed.calls import comment, create_group, publish
from tests.search.asking import SEARCH, ask, found, page
from tests.support.anything import anything_in
from tests.support.fuzzing import FUZZED, RAW, require_a_decent_end, require_a_decent_end_of_bytes
from tests.support.services import Member, Region, Replica, refusal
from tests.support.tables import an_id

METHODS: dict[str, type[Message]] = {
    "Search": pb.SearchRequest,
    "Complete": pb.CompleteRequest,
    "FindExperts": pb.FindExpertsRequest,
}
SERVICE = "samverka.search.v1.SearchService"
TOKYO = an_id("person", region="tokyo")


def test_no_method_is_forgotten_here() -> None:
    assert set(METHODS) == {method.name for method in pb.DESCRIPTOR.services_by_name["SearchService"].methods}


@pytest.mark.parametrize("method", METHODS)
@FUZZED
@given(data=st.data())
async def test_anything_in_any_field_is_answered_or_refused_by_name(
    region: Region, search: Replica, anna: Member, method: str, data: st.DataObject
) -> None:
    cursor = (await page(anna, "anna", first=1)).page_info.end_cursor
    request = data.draw(anything_in(METHODS[method], cursor, "anna", "from:anna", '"anna"', "#", "-anna kind:post"))

    await require_a_decent_end(anna, getattr(search.search, method), request)


@pytest.mark.parametrize("method", METHODS)
async def test_bytes_that_are_no_request_are_refused(search: Replica, anna: Member, method: str) -> None:
    for raw in RAW:
        await require_a_decent_end_of_bytes(anna, search.channel, f"/{SERVICE}/{method}", raw)


async def test_an_answer_says_up_to_when_it_has_all_of_each_region(region: Region, anna: Member) -> None:
    wrote = region.clock.wall_ms()
    (here,) = (await ask(anna, "kind:post")).coverage
    assert (here.region, here.sequence, here.as_of_ms) == ("stockholm", 1, wrote)

    post = PostPublished(post_id=an_id("post", region="tokyo"), body="konnichiwa")
    sequence = await region.assert_fact(post, actor=TOKYO, origin="tokyo")
    at_ms = region.clock.wall_ms()
    region.clock.advance(3600)
    await publish(anna)
    answer = await ask(anna, "konnichiwa")
    told = {each.region: (each.sequence, each.as_of_ms) for each in answer.coverage}
    assert told == {"stockholm": (sequence + 1, region.clock.wall_ms()), "tokyo": (sequence, at_ms)}


async def test_no_region_is_told_to_be_of_a_time_that_has_not_come(region: Region, anna: Member) -> None:
    region.clock.advance(3600)
    await region.assert_fact(PostPublished(post_id=an_id("post", region="tokyo")), actor=TOKYO, origin="tokyo")
    region.clock.advance(-3600)
    assert all(each.as_of_ms <= region.clock.wall_ms() for each in (await ask(anna, "kind:post")).coverage)


async def test_what_was_just_written_is_found_by_any_replica(region: Region, search: Replica, anna: Member) -> None:
    replicas = [search, await region.add_search()]
    for number, word in enumerate(("alder", "birch", "cedar", "douglas", "elm", "fig")):
        post = await publish(anna, word)
        answer = await ask(anna, word, replica=replicas[number % 2])
        assert [edge.node.id for edge in answer.hits.edges] == [post.id]


async def test_a_page_goes_on_at_another_replica(region: Region, anna: Member) -> None:
    written = {(await publish(anna, "bus " * (number % 3 + 1))).id for number in range(9)}
    other = await region.add_search()
    await region.settle()
    seen: list[str] = []
    after = ""
    for replica in (region.replicas[SEARCH], other, region.replicas[SEARCH]):
        hits = (await ask(anna, "bus", first=3, after=after, replica=replica)).hits
        seen += [edge.node.id for edge in hits.edges]
        after = hits.page_info.end_cursor
    assert len(seen) == 9
    assert set(seen) == written


async def test_a_replica_that_is_behind_a_cursor_says_so(
    region: Region, anna: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await region.add_search()
    await region.settle()
    await other.fall_behind()
    for _ in range(3):
        await publish(anna, "bus")
    after = (await page(anna, "bus", first=1)).page_info.end_cursor
    with monkeypatch.context() as impatient:
        impatient.setattr(limits, "CATCH_UP_SECONDS_MAX", 0.05)
        error = await refusal(ask(anna, "bus", first=1, after=after, replica=other))
    assert error.code == "behind"
    other.go_on()
    assert len((await ask(anna, "bus", after=after, replica=other)).hits.edges) == 2


async def test_an_index_that_is_being_made_says_so(region: Region, search: Replica, anna: Member) -> None:
    await publish(anna, "bus")
    await region.settle()
    index = search.index._directory
    index.position -= 1
    assert (await refusal(ask(anna, "bus"))).code == "behind"
    index.position += 1
    assert len(await found(anna, "bus")) == 1


async def test_every_replica_holds_what_a_rebuild_from_the_log_gives(
    region: Region, search: Replica, anna: Member, bengt: Member
) -> None:
    other = await region.add_search()
    group = await create_group(anna, "Chess")
    post = await publish(anna, "hello", group_id=group.id)
    await comment(bengt, post.id)

    await region.settle()
    rebuilt = await region.rebuilt(search_projection(), "rebuilt")
    assert rebuilt == await search.digest() == await other.digest()
    assert {table.table for table in rebuilt if table.rows} >= {"documents", "groups", "memberships"}
