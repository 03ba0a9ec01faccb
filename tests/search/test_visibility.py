"""What is a private group's, or hidden, or erased, is found by nobody who is not shown it, by no path."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_VISIBILITY_PRIVATE,
    POST_KIND_QUESTION,
    CommentAdded,
    GroupCreated,
    MemberBanned,
    MemberLeft,
    MemberRemoved,
    MembershipApproved,
    MembershipRequested,
    MemberUnbanned,
    PostPublished,
)
from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis.ids import region_actor
from tests.feed.calls import comment, create_group, hide, publish, restore
from tests.search.asking import ask, complete, experts, found
from tests.support.services import REGION, Member, Region, refusal
from tests.support.tables import an_id

pytestmark = pytest.mark.usefixtures("search")
GROUP, QUESTION, ANSWER = an_id("secret-group"), an_id("secret-question"), an_id("secret-answer")
ALL = {GROUP, QUESTION, ANSWER}
_numbers = itertools.count()


async def found_private_group(region: Region, anna: Member) -> None:
    """Let Anna found a private group, and ask and answer a question in it."""
    group = GroupCreated(group_id=GROUP, name="Zeppelin", about="Zeppelins", visibility=GROUP_VISIBILITY_PRIVATE)
    await region.assert_fact(group, actor=anna.id, owner=GROUP)
    question = PostPublished(
        post_id=QUESTION, group_id=GROUP, title="Zeppelin when?", body="A #zeppelin", kind=POST_KIND_QUESTION
    )
    await region.assert_fact(question, actor=anna.id)
    answer = CommentAdded(comment_id=ANSWER, post_id=QUESTION, body="zeppelin soon", answer=True)
    await region.assert_fact(answer, actor=anna.id)


async def decide(region: Region, anna: Member, make: Callable[..., Message], person: str, **more: object) -> None:
    request_id = an_id(f"request-{next(_numbers)}")
    payload = make(group_id=GROUP, person_id=person, request_id=request_id, **more)
    await region.assert_fact(payload, actor=anna.id, owner=GROUP)


async def request(region: Region, member: Member) -> str:
    """Ask to be let in, and return what that join is named."""
    sequence = await region.assert_fact(MembershipRequested(group_id=GROUP), actor=member.id)
    return f"{REGION}_fact{sequence - 1}"


async def paths(member: Member) -> list[object]:
    """Return what a member is told by each path: hits, counts, whatever filters and completion know."""
    told: list[object] = []
    for query in (
        "zeppelin",
        '"zeppelin soon"',
        "zepelin",
        "kind:question",
        "kind:answer",
        "kind:group zeppelin",
        "in:zeppelin",
        f"in:{GROUP}",
        "from:anna -kind:person",
        "soon when -nothing",
    ):
        answer = await ask(member, query, first=1)
        told.append((query, [edge.node.id for edge in answer.hits.edges], answer.hits.total_count))
    subjects = ("zeppelin", "what about zeppelins?", "anna")
    told.extend([[str(expert) for expert in await experts(member, about, first=50)] for about in subjects])
    completions = [await complete(member, prefix) for prefix in ("zep", "#zep", "zeppelin w")]
    return [*told, *([suggestion.text for suggestion in suggestions] for suggestions in completions)]


async def test_a_private_groups_content_is_there_for_its_members_alone_by_no_path(
    region: Region, anna: Member, bengt: Member
) -> None:
    nothing = await paths(bengt)
    await found_private_group(region, anna)

    assert await paths(bengt) == nothing
    assert set(await found(anna, "zeppelin")) == ALL
    assert [expert.answers.best_id for expert in await experts(anna, "zeppelin")] == [ANSWER]
    assert {each.text for each in await complete(anna, "zep")} == {"Zeppelin", "Zeppelin when?", "zeppelin"}
    assert set(await found(anna, "in:zeppelin")) == ALL


async def test_a_typo_is_looked_for_as_if_what_is_not_shown_were_not_there(
    region: Region, anna: Member, bengt: Member
) -> None:
    near = (await publish(bengt, "zeppelim")).id
    before = await found(bengt, "zeppelin")
    await found_private_group(region, anna)
    for number in range(5):
        more = PostPublished(post_id=an_id(f"more-{number}"), group_id=GROUP, body="zeppelin")
        await region.assert_fact(more, actor=anna.id)

    assert await found(bengt, "zeppelin") == before == [near]
    assert near not in await found(anna, "zeppelin")


async def test_what_a_private_group_writes_changes_no_order_outside(
    region: Region, anna: Member, bengt: Member
) -> None:
    """Of words that are as rare, the one would tell less that a private group uses often."""
    posts = [(await publish(bengt, body)).id for body in ("gondola of words", "zeppelin of words", "blimp")]
    query = "zeppelin gondola nothing"
    before = await found(bengt, query)
    await found_private_group(region, anna)
    for number in range(20):
        more = PostPublished(post_id=an_id(f"often-{number}"), group_id=GROUP, body="gondola of words")
        await region.assert_fact(more, actor=anna.id)

    assert await found(bengt, query) == before == posts[:2]
    assert [post for post in await found(anna, query) if post in posts] == before


async def test_hits_of_a_private_group_stand_among_the_others_as_they_deserve(
    region: Region, anna: Member, bengt: Member
) -> None:
    await found_private_group(region, anna)
    often, seldom = [(await publish(bengt, f"{'glider ' * times}of that sort")).id for times in (5, 1)]
    inside = an_id("glider")
    body = "glider glider of that sort"
    await region.assert_fact(PostPublished(post_id=inside, group_id=GROUP, body=body), actor=anna.id)

    assert await found(anna, "glider") == [often, inside, seldom]
    assert await found(bengt, "glider") == [often, seldom]


async def test_who_is_let_in_finds_it_and_who_leaves_or_is_sent_away_does_not(
    region: Region, anna: Member, bengt: Member
) -> None:
    nothing = await paths(bengt)
    await found_private_group(region, anna)

    joined = await request(region, bengt)
    assert await paths(bengt) == nothing
    await decide(region, anna, MembershipApproved, bengt.id, join_id=joined)
    assert set(await found(bengt, "zeppelin")) == ALL
    await region.assert_fact(MemberLeft(group_id=GROUP), actor=bengt.id)
    assert await paths(bengt) == nothing

    again = await request(region, bengt)
    await decide(region, anna, MembershipApproved, bengt.id, join_id=again)
    assert set(await found(bengt, "zeppelin")) == ALL
    await decide(region, anna, MemberRemoved, bengt.id, join_id=again)
    assert await paths(bengt) == nothing


async def test_what_the_banned_wrote_later_is_found_by_nobody_until_the_ban_is_taken_back(
    region: Region, anna: Member, bengt: Member
) -> None:
    await found_private_group(region, anna)
    joined = await request(region, bengt)
    await decide(region, anna, MembershipApproved, bengt.id, join_id=joined)
    early, late = an_id("early"), an_id("late")
    stays = await region.assert_fact(PostPublished(post_id=early, group_id=GROUP, body="airship"), actor=bengt.id)
    await region.assert_fact(PostPublished(post_id=late, group_id=GROUP, body="airship"), actor=bengt.id)
    assert set(await found(anna, "airship")) == {early, late}

    await decide(region, anna, MemberBanned, bengt.id, stays_until=stays, join_id=joined)
    assert await found(anna, "airship") == [early]
    assert await found(bengt, "airship") == []
    await decide(region, anna, MemberUnbanned, bengt.id)
    assert set(await found(anna, "airship")) == {early, late}


async def test_what_is_hidden_is_found_by_nobody_until_it_is_restored(anna: Member, bengt: Member) -> None:
    group = await create_group(anna, "Chess")
    post = await publish(anna, "castling rules", group_id=group.id)
    below = await comment(bengt, post.id, "castling indeed")
    assert set(await found(bengt, "castling")) == {post.id, below.id}
    await hide(anna, post.id)
    assert await found(anna, "castling") == await found(bengt, "castling") == []
    await restore(anna, post.id)
    await hide(anna, below.id)
    assert await found(bengt, "castling") == [post.id]


async def test_the_erased_are_found_no_more_nor_what_they_wrote(region: Region, anna: Member, bengt: Member) -> None:
    post = await publish(anna, "a farewell #tag")
    below = await comment(bengt, post.id, "farewell then")
    assert set(await found(bengt, "farewell")) == {post.id, below.id}
    order = ErasureOrdered(erasure_id=an_id("erasure"), person_id=anna.id)
    await region.assert_fact(order, actor=region_actor(REGION), owner=REGION, service="network")

    assert await found(bengt, "farewell") == await found(bengt, "anna") == await found(bengt, "from:anna") == []
    assert [*await complete(bengt, "anna"), *await complete(bengt, "#tag")] == []


async def test_an_error_is_the_same_whatever_there_is(region: Region, anna: Member, bengt: Member) -> None:
    queries = ('zeppelin "', "in: zeppelin", f"in:{GROUP} kind:x", "-zeppelin")
    before = [str(await refusal(ask(bengt, query))) for query in queries]
    await found_private_group(region, anna)
    assert [str(await refusal(ask(bengt, query))) for query in queries] == before
