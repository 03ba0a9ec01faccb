"""The feed at its gRPC interface: replicas that agree, and an answer or an error of ours whatever comes in."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from samverka.feed.v1 import feed_service_pb2 as pb
from services.chassis import limits
from services.chassis.errors import SamverkaError
from services.chassis.interceptors import BEHIND_KEY, behind_events
from tests.feed.calls import comment, create_group, edit, home, ids, publish, react
from tests.support.anything import anything_in
from tests.support.fuzzing import FUZZED, RAW, require_a_decent_end, require_a_decent_end_of_bytes
from tests.support.services import Member, Region, person_id, refusal

METHODS: dict[str, type[Message]] = {
    "PublishPost": pb.PublishPostRequest,
    "EditPost": pb.EditPostRequest,
    "DeletePost": pb.DeletePostRequest,
    "AddComment": pb.AddCommentRequest,
    "DeleteComment": pb.DeleteCommentRequest,
    "React": pb.ReactRequest,
    "Unreact": pb.UnreactRequest,
    "GetPost": pb.GetPostRequest,
    "GetComment": pb.GetCommentRequest,
    "MarkHelpful": pb.MarkHelpfulRequest,
    "UnmarkHelpful": pb.UnmarkHelpfulRequest,
    "AcceptAnswer": pb.AcceptAnswerRequest,
    "UnacceptAnswer": pb.UnacceptAnswerRequest,
    "ListQuestions": pb.ListQuestionsRequest,
    "ListMentions": pb.ListMentionsRequest,
    "GetThread": pb.GetThreadRequest,
    "GetDelivery": pb.GetDeliveryRequest,
    "ListHomeFeed": pb.ListHomeFeedRequest,
    "ListPersonPosts": pb.ListPersonPostsRequest,
    "CreateGroup": pb.CreateGroupRequest,
    "UpdateGroup": pb.UpdateGroupRequest,
    "JoinGroup": pb.JoinGroupRequest,
    "RequestMembership": pb.RequestMembershipRequest,
    "LeaveGroup": pb.LeaveGroupRequest,
    "SetMemberRole": pb.SetMemberRoleRequest,
    "HideContent": pb.HideContentRequest,
    "RestoreContent": pb.RestoreContentRequest,
    "ApproveMembership": pb.ApproveMembershipRequest,
    "RemoveMember": pb.RemoveMemberRequest,
    "BanMember": pb.BanMemberRequest,
    "UnbanMember": pb.UnbanMemberRequest,
    "ListMembers": pb.ListMembersRequest,
    "ListMembershipRequests": pb.ListMembershipRequestsRequest,
    "GetGroup": pb.GetGroupRequest,
    "ListGroups": pb.ListGroupsRequest,
    "ListGroupPosts": pb.ListGroupPostsRequest,
}
STREAMS = {"WatchHomeFeed", "WatchGroup", "WatchThread"}
SERVICE = "samverka.feed.v1.FeedService"


@pytest.fixture
async def importer(region: Region) -> Member:
    return await region.member("ivan", role="importer")


def test_no_method_is_forgotten_here() -> None:
    assert set(METHODS) | STREAMS == {method.name for method in pb.DESCRIPTOR.services_by_name["FeedService"].methods}


@pytest.mark.parametrize("method", METHODS)
@FUZZED
@given(data=st.data())
async def test_anything_in_any_field_is_answered_or_refused_by_name(
    region: Region, importer: Member, anna: Member, method: str, data: st.DataObject
) -> None:
    group = await create_group(importer)
    post = await publish(importer, group_id=group.id)
    added = await comment(anna, post.id)
    likely = (importer.id, person_id("anna"), post.id, added.id, group.id, "hello")
    request = data.draw(anything_in(METHODS[method], *likely))

    await require_a_decent_end(importer, getattr(region.feed.feed, method), request)


@pytest.mark.parametrize("method", sorted({*METHODS, *STREAMS}))
async def test_bytes_that_are_no_request_are_refused(region: Region, anna: Member, method: str) -> None:
    for raw in RAW if method in METHODS else RAW[:2]:  # the others hold unknown fields alone, and would be a stream
        await require_a_decent_end_of_bytes(anna, region.feed.channel, f"/{SERVICE}/{method}", raw)


async def test_a_write_through_one_replica_is_read_through_the_other_at_once(region: Region, anna: Member) -> None:
    replicas = [region.feed, await region.add_feed()]
    for n in range(30):
        post = await publish(anna, f"number {n}", replica=replicas[0])
        request = pb.ListHomeFeedRequest(first=1)

        page, trailing = await anna.ask_with_trailing(replicas[1].feed.ListHomeFeed, request)

        assert ids(page.posts) == [post.id]
        assert behind_events(trailing) == 0
        replicas.reverse()


async def test_an_edit_through_one_replica_of_a_post_through_the_other(region: Region, anna: Member) -> None:
    other = await region.add_feed()
    post = await publish(anna, replica=other)

    assert (await edit(anna, post.id, "better")).body == "better"
    await region.settle()
    shown = await anna.ask(other.feed.GetPost, pb.GetPostRequest(post_id=post.id))
    assert shown.post.body == "better"


async def test_a_replica_that_is_behind_answers_and_says_so(
    region: Region, anna: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await region.add_feed()
    old = await publish(anna, "old")
    await region.settle()
    await other.fall_behind()
    new = await publish(anna, "new")
    monkeypatch.setattr(limits, "CATCH_UP_SECONDS_MAX", 0.05)
    request = pb.ListHomeFeedRequest(first=10)

    page, trailing = await anna.ask_with_trailing(other.feed.ListHomeFeed, request)

    assert ids(page.posts) == [old.id]
    assert behind_events(trailing) >= 1
    with pytest.raises(SamverkaError) as error:
        await anna.ask(other.feed.GetPost, pb.GetPostRequest(post_id=new.id))
    assert error.value.code == "post_not_found"

    other.go_on()
    await region.settle()
    page, trailing = await anna.ask_with_trailing(other.feed.ListHomeFeed, request)
    assert ids(page.posts) == [new.id, old.id]
    assert BEHIND_KEY not in dict(trailing)


async def test_a_replica_that_is_behind_decides_nothing(
    region: Region, anna: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await region.add_feed()
    post = await publish(anna)
    await region.settle()
    await other.fall_behind()
    await edit(anna, post.id, "better")
    monkeypatch.setattr(limits, "CATCH_UP_SECONDS_MAX", 0.05)

    error = await refusal(publish(anna, replica=other))

    assert (type(error).__name__, error.code) == ("Unavailable", "behind")
    assert await home(anna) == [post.id]


async def test_commands_of_many_at_once_on_two_replicas_are_all_carried_out(region: Region) -> None:
    replicas = (region.feed, await region.add_feed())
    people = [await region.member(f"person-{n}") for n in range(6)]

    posts = await asyncio.gather(*(publish(people[n % 6], f"number {n}", replica=replicas[n % 2]) for n in range(48)))
    await asyncio.gather(*(react(person, posts[0].id) for person in people))
    await region.settle()

    assert len({post.id for post in posts}) == 48
    for n, person in enumerate(people):
        assert sorted(await home(person)) == sorted(post.id for post in posts[n::6])
    assert await replicas[0].digest() == await replicas[1].digest()
