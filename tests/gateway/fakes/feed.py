"""The stand-in of the feed service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from samverka.feed.v1 import feed_service_pb2 as feed_pb2
from samverka.feed.v1 import feed_views_pb2 as feed_views
from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MODERATOR,
    GROUP_ROLE_UNSPECIFIED,
)
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceServicer
from services.chassis.errors import NotFound, SamverkaError
from tests.gateway.fakes.answering import EPOCH, Fake, answers_with, refuse
from tests.gateway.fakes.content import (
    GROUP_ID,
    about_person,
    comment,
    group,
    members,
    moderation,
    post,
    posts,
    question,
)


def _comment(_fake: Any, request: Any) -> feed_pb2.GetCommentResponse:
    for number in (1, 2):
        if request.comment_id == comment(number).id:
            return feed_pb2.GetCommentResponse(comment=comment(number))
    raise NotFound("There is no such comment.", field="comment_id")


def _page(_fake: Any, request: Any) -> feed_views.PostConnection:
    return posts(min(request.first, 20), handles=("ann", "bo"))


def _found_group(_fake: Any, request: feed_pb2.GetGroupRequest) -> feed_pb2.GetGroupResponse:
    if request.group_id != GROUP_ID:
        raise NotFound("There is no such group.", code="group_not_found", field="group_id")
    return feed_pb2.GetGroupResponse(group=group())


def _target(request: Any) -> feed_pb2.Target:
    return feed_pb2.Target(comment=comment(1)) if request.emoji == "💬" else feed_pb2.Target(post=post(1))


class FakeFeed(Fake, FeedServiceServicer):
    """A feed service that always has what is asked for; what it tells watchers comes out of ``arriving``."""

    PublishPost = answers_with(
        "PublishPost",
        lambda fake, request: feed_pb2.PublishPostResponse(post=post(1, body=request.body), position=fake.position()),
    )
    EditPost = answers_with(
        "EditPost",
        lambda fake, request: feed_pb2.EditPostResponse(post=post(1, body=request.body), position=fake.position()),
    )
    DeletePost = answers_with(
        "DeletePost",
        lambda fake, request: feed_pb2.DeletePostResponse(post_id=request.post_id, position=fake.position()),
    )
    AddComment = answers_with(
        "AddComment", lambda fake, request: feed_pb2.AddCommentResponse(comment=comment(1), position=fake.position())
    )
    DeleteComment = answers_with(
        "DeleteComment",
        lambda fake, request: feed_pb2.DeleteCommentResponse(comment_id=request.comment_id, position=fake.position()),
    )
    React = answers_with(
        "React", lambda fake, request: feed_pb2.ReactResponse(target=_target(request), position=fake.position())
    )
    Unreact = answers_with(
        "Unreact", lambda fake, request: feed_pb2.UnreactResponse(target=_target(request), position=fake.position())
    )
    GetPost = answers_with("GetPost", lambda fake, request: feed_pb2.GetPostResponse(post=post(1)))
    GetComment = answers_with("GetComment", _comment)
    GetThread = answers_with(
        "GetThread",
        lambda fake, request: feed_pb2.GetThreadResponse(
            post=post(1),
            comments=feed_views.CommentConnection(
                edges=[feed_views.CommentEdge(cursor=f"{EPOCH}:{number}", node=comment(number)) for number in (1, 2)]
            ),
        ),
    )
    ListHomeFeed = answers_with(
        "ListHomeFeed", lambda fake, request: feed_pb2.ListHomeFeedResponse(posts=_page(fake, request))
    )
    ListPersonPosts = answers_with(
        "ListPersonPosts", lambda fake, request: feed_pb2.ListPersonPostsResponse(posts=_page(fake, request))
    )

    GetDelivery = answers_with(
        "GetDelivery",
        lambda fake, request: feed_pb2.GetDeliveryResponse(
            regions=[
                feed_views.Delivery(region="austin", state=feed_views.DELIVERY_STATE_ARRIVED, at_ms=1_700_000_000_000),
                feed_views.Delivery(region="tokyo", state=feed_views.DELIVERY_STATE_WAITING),
            ]
        ),
    )
    CreateGroup = answers_with(
        "CreateGroup",
        lambda fake, request: feed_pb2.CreateGroupResponse(group=group(request.name), position=fake.position()),
    )
    JoinGroup = answers_with(
        "JoinGroup", lambda fake, request: feed_pb2.JoinGroupResponse(group=group(), position=fake.position())
    )
    MarkHelpful = answers_with(
        "MarkHelpful",
        lambda fake, request: feed_pb2.MarkHelpfulResponse(
            target=feed_pb2.Target(post=post(1)), position=fake.position()
        ),
    )
    UnmarkHelpful = answers_with(
        "UnmarkHelpful",
        lambda fake, request: feed_pb2.UnmarkHelpfulResponse(
            target=feed_pb2.Target(post=post(1)), position=fake.position()
        ),
    )
    AcceptAnswer = answers_with(
        "AcceptAnswer",
        lambda fake, request: feed_pb2.AcceptAnswerResponse(post=question(), position=fake.position()),
    )
    UnacceptAnswer = answers_with(
        "UnacceptAnswer",
        lambda fake, request: feed_pb2.UnacceptAnswerResponse(
            post=question(),
            moderation=moderation(request.post_id, feed_views.MODERATION_STATE_PENDING),
            position=fake.position(),
        ),
    )
    ListQuestions = answers_with(
        "ListQuestions",
        lambda fake, request: feed_pb2.ListQuestionsResponse(
            posts=feed_views.PostConnection(edges=[feed_views.PostEdge(cursor=f"{EPOCH}:1", node=question())])
        ),
    )
    ListMentions = answers_with(
        "ListMentions",
        lambda fake, request: feed_pb2.ListMentionsResponse(
            mentions=feed_views.MentionConnection(
                edges=[
                    feed_views.MentionEdge(
                        cursor=f"{EPOCH}:2", node=feed_views.Mention(post=post(2), comment=comment(1))
                    ),
                    feed_views.MentionEdge(cursor=f"{EPOCH}:1", node=feed_views.Mention(post=post(1))),
                ]
            )
        ),
    )
    UpdateGroup = answers_with(
        "UpdateGroup",
        lambda fake, request: feed_pb2.UpdateGroupResponse(group=group(request.name), position=fake.position()),
    )
    RequestMembership = answers_with(
        "RequestMembership",
        lambda fake, request: feed_pb2.RequestMembershipResponse(
            state=feed_views.MEMBERSHIP_STATE_PENDING, position=fake.position()
        ),
    )
    ApproveMembership = answers_with(
        "ApproveMembership",
        lambda fake, request: feed_pb2.ApproveMembershipResponse(
            moderation=about_person(request.person_id), position=fake.position()
        ),
    )
    RemoveMember = answers_with(
        "RemoveMember",
        lambda fake, request: feed_pb2.RemoveMemberResponse(
            moderation=about_person(request.person_id), position=fake.position()
        ),
    )
    BanMember = answers_with(
        "BanMember",
        lambda fake, request: feed_pb2.BanMemberResponse(
            moderation=about_person(request.person_id), position=fake.position()
        ),
    )
    UnbanMember = answers_with(
        "UnbanMember",
        lambda fake, request: feed_pb2.UnbanMemberResponse(
            moderation=about_person(request.person_id), position=fake.position()
        ),
    )
    ListMembers = answers_with(
        "ListMembers", lambda fake, request: feed_pb2.ListMembersResponse(members=members(GROUP_ROLE_MODERATOR))
    )
    ListMembershipRequests = answers_with(
        "ListMembershipRequests",
        lambda fake, request: feed_pb2.ListMembershipRequestsResponse(people=members(GROUP_ROLE_UNSPECIFIED)),
    )
    LeaveGroup = answers_with(
        "LeaveGroup", lambda fake, request: feed_pb2.LeaveGroupResponse(group=group(), position=fake.position())
    )
    SetMemberRole = answers_with(
        "SetMemberRole", lambda fake, request: feed_pb2.SetMemberRoleResponse(group=group(), position=fake.position())
    )
    HideContent = answers_with(
        "HideContent",
        lambda fake, request: feed_pb2.HideContentResponse(
            moderation=moderation(request.content_id, feed_views.MODERATION_STATE_PENDING), position=fake.position()
        ),
    )
    RestoreContent = answers_with(
        "RestoreContent",
        lambda fake, request: feed_pb2.RestoreContentResponse(
            moderation=moderation(request.content_id, feed_views.MODERATION_STATE_DONE), position=fake.position()
        ),
    )
    GetGroup = answers_with("GetGroup", _found_group)
    ListGroups = answers_with(
        "ListGroups",
        lambda fake, request: feed_pb2.ListGroupsResponse(
            groups=feed_views.GroupConnection(edges=[feed_views.GroupEdge(cursor=f"{EPOCH}:1", node=group())])
        ),
    )
    ListGroupPosts = answers_with(
        "ListGroupPosts", lambda fake, request: feed_pb2.ListGroupPostsResponse(posts=_page(fake, request))
    )

    def __init__(self) -> None:
        super().__init__()
        self.arriving: asyncio.Queue[int | SamverkaError | None] = asyncio.Queue()
        self.watchers_gone = asyncio.Semaphore(0)

    async def WatchHomeFeed(self, request: Any, context: Any) -> AsyncIterator[Any]:
        async for told in self._told("WatchHomeFeed", request, context):
            edge = feed_views.PostEdge(cursor=f"{EPOCH}:{told}", node=post(told))
            yield feed_pb2.WatchHomeFeedResponse(edge=edge)

    async def WatchGroup(self, request: Any, context: Any) -> AsyncIterator[Any]:
        yield feed_pb2.WatchGroupResponse(begins_after=f"{EPOCH}:1")
        async for told in self._told("WatchGroup", request, context):
            edge = feed_views.PostEdge(cursor=f"{EPOCH}:{told}", node=post(told))
            yield feed_pb2.WatchGroupResponse(edge=edge)

    async def WatchThread(self, request: Any, context: Any) -> AsyncIterator[Any]:
        yield feed_pb2.WatchThreadResponse(begins_after=f"{EPOCH}:1")
        async for told in self._told("WatchThread", request, context):
            edge = feed_views.CommentEdge(cursor=f"{EPOCH}:{told}", node=comment(told))
            yield feed_pb2.WatchThreadResponse(edge=edge)

    async def _told(self, method: str, request: Any, context: Any) -> AsyncIterator[int]:
        await self.begin(method, request, context)
        try:
            while (told := await self.arriving.get()) is not None:
                if isinstance(told, SamverkaError):
                    await refuse(context, told)
                else:
                    yield told
        finally:
            self.watchers_gone.release()
