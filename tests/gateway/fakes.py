"""Stand-ins for what the gateway talks to: the profile and feed services over real gRPC, and a verifier without keys."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import httpx
from google.protobuf.message import Message
from starlette.applications import Starlette

from gateway.app import make_app
from gateway.settings import GatewaySettings
from samverka.event.v1 import event_pb2
from samverka.feed.v1 import feed_service_pb2 as feed_pb2
from samverka.feed.v1 import feed_views_pb2 as feed_views
from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MODERATOR,
    GROUP_ROLE_UNSPECIFIED,
    GROUP_VISIBILITY_PRIVATE,
    POST_KIND_QUESTION,
    GroupRole,
)
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceServicer, add_FeedServiceServicer_to_server
from samverka.network.v1 import network_service_pb2 as network_pb2
from samverka.network.v1 import network_views_pb2 as network_views
from samverka.network.v1.network_service_pb2_grpc import NetworkServiceServicer, add_NetworkServiceServicer_to_server
from samverka.profile.v1 import profile_service_pb2 as profile_pb2
from samverka.profile.v1 import profile_views_pb2 as profile_views
from samverka.profile.v1.profile_events_pb2 import WEEKDAY_FRIDAY, WorkingHours
from samverka.profile.v1.profile_service_pb2_grpc import ProfileServiceServicer, add_ProfileServiceServicer_to_server
from samverka.recognition.v1 import recognition_events_pb2 as recognition_events
from samverka.recognition.v1 import recognition_service_pb2 as recognition_pb2
from samverka.recognition.v1 import recognition_views_pb2 as recognition_views
from samverka.recognition.v1.recognition_service_pb2_grpc import (
    RecognitionServiceServicer,
    add_RecognitionServiceServicer_to_server,
)
from samverka.search.v1 import search_service_pb2 as search_pb2
from samverka.search.v1 import search_views_pb2 as search_views
from samverka.search.v1.search_service_pb2_grpc import SearchServiceServicer, add_SearchServiceServicer_to_server
from services.chassis.auth import Caller, Verifier
from services.chassis.channels import open_channel
from services.chassis.clock import Clock, ManualClock
from services.chassis.errors import NotFound, SamverkaError, Unauthenticated, to_status
from services.chassis.ids import derive
from services.chassis.telemetry import Telemetry

REGION = "stockholm"
EPOCH = "E1"
GROUP_ID = derive(REGION, "group")
YEAR_SECONDS = 365 * 24 * 3600


def person_id(handle: str) -> str:
    return derive(REGION, "person", handle)


def post_id(number: int) -> str:
    return derive(REGION, "post", str(number))


def author(handle: str) -> feed_views.Author:
    return feed_views.Author(id=person_id(handle), handle=handle, name=handle.title(), region=REGION)


def person(handle: str) -> profile_views.Person:
    return profile_views.Person(
        id=person_id(handle),
        handle=handle,
        name=handle.title(),
        title=f"{handle}'s title",
        about="Hello.",
        region=REGION,
        joined_at_ms=1_700_000_000_123,
        follower_count=3,
        following_count=2,
        manager_id=person_id("ann") if handle != "ann" else "",
        time_zone="Europe/Stockholm",
        working_hours=[WorkingHours(weekday=WEEKDAY_FRIDAY, start_minute=480, end_minute=1020)],
    )


def post(number: int, *, handle: str = "ann", body: str = "") -> feed_views.Post:
    return feed_views.Post(
        id=post_id(number),
        body=body or f"Post *{number}*",
        author=author(handle),
        created_at_ms=1_700_000_000_000 + number,
        edited_at_ms=1_700_000_100_000 if number % 2 else 0,
        comment_count=number,
        group=feed_views.GroupName(id=GROUP_ID, name="Chess", reach=feed_views.REACH_NETWORK) if number % 2 else None,
        reach=feed_views.REACH_NETWORK,
        reactions=[
            feed_views.ReactionCount(emoji="🎉", count=2, viewer_reacted=True),
            feed_views.ReactionCount(emoji="👍", count=1),
        ],
    )


def question() -> feed_views.Post:
    asked = post(1)
    asked.kind, asked.title, asked.answer_count = POST_KIND_QUESTION, "How?", 2
    asked.accepted_answer_id, asked.helpful_count, asked.viewer_marked_helpful = comment(1).id, 3, True
    asked.topics.extend(("chess", "go"))
    return asked


def comment(number: int) -> feed_views.Comment:
    return feed_views.Comment(
        id=derive(REGION, "comment", str(number)),
        post_id=post_id(1),
        body=f"Comment {number}",
        author=author("bo"),
        created_at_ms=1_700_000_000_000 + number,
        reactions=[feed_views.ReactionCount(emoji="👍", count=1)],
    )


def group(name: str = "Chess") -> feed_views.Group:
    return feed_views.Group(
        id=GROUP_ID,
        name=name,
        about="Thursdays.",
        region=REGION,
        reach=feed_views.REACH_NETWORK,
        member_count=7,
        viewer_role=GROUP_ROLE_MODERATOR,
        visibility=GROUP_VISIBILITY_PRIVATE,
    )


def about_person(person: str) -> feed_views.Moderation:
    return feed_views.Moderation(
        id=derive(REGION, "request"), person_id=person, state=feed_views.MODERATION_STATE_PENDING
    )


def members(role: GroupRole.ValueType) -> feed_views.MemberConnection:
    member = feed_views.Member(person=author("ann"), role=role)
    return feed_views.MemberConnection(edges=[feed_views.MemberEdge(cursor=f"{EPOCH}:1", node=member)])


def moderation(content_id: str, state: feed_views.ModerationState.ValueType) -> feed_views.Moderation:
    return feed_views.Moderation(id=derive(REGION, "request"), content_id=content_id, state=state)


def posts(count: int, *, handles: tuple[str, ...] = ("ann",)) -> feed_views.PostConnection:
    edges = [
        feed_views.PostEdge(cursor=f"{EPOCH}:{number}", node=post(number, handle=handles[number % len(handles)]))
        for number in range(count, 0, -1)
    ]
    info = feed_views.PageInfo(has_next_page=True, end_cursor=edges[-1].cursor) if edges else feed_views.PageInfo()
    return feed_views.PostConnection(edges=edges, page_info=info)


@dataclass
class Call:
    """One call that a fake has answered."""

    method: str
    request: Any
    metadata: dict[str, str]


@dataclass
class Fake:
    """Keeps the calls, and fails, waits or answers as it is told; a method's own answer otherwise."""

    calls: list[Call] = field(default_factory=list)
    errors: dict[str, SamverkaError | Exception] = field(default_factory=dict)
    answers: dict[str, Callable[[Any], Message]] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    trailing: tuple[tuple[str, str], ...] = ()
    sequence: int = 10
    region: str = REGION

    def named(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def position(self) -> event_pb2.Position:
        self.sequence += 1
        return event_pb2.Position(epoch=EPOCH, sequence=self.sequence)

    async def answer(self, method: str, request: Any, context: Any, usual: Callable[[Any], Any]) -> Any:
        metadata = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        self.calls.append(Call(method, request, metadata))
        await self.begin(method, context, metadata)
        if self.trailing:
            context.set_trailing_metadata(self.trailing)
        try:
            answer: Callable[[Any], Any] = self.answers.get(method, usual)
            return answer(request)
        except SamverkaError as error:
            await refuse(context, error)

    async def begin(self, method: str, context: Any, metadata: dict[str, str]) -> None:
        if method in self.gates:
            await self.gates[method].wait()
        if "authorization" not in metadata:
            await refuse(context, Unauthenticated("Sign in first.", code="token_missing"))
        if method in self.errors:
            error = self.errors[method]
            if not isinstance(error, SamverkaError):
                raise error
            await refuse(context, error)


async def refuse(context: Any, error: SamverkaError) -> None:
    status, message, trailing = to_status(error)
    await context.abort(status, message, trailing)


def _method(name: str, usual: Callable[[Any, Any], Any]) -> Any:
    async def method(self: Any, request: Any, context: Any) -> Any:
        return await self.answer(name, request, context, lambda asked: usual(self, asked))

    return method


def _caller_person(_fake: Any, _request: Any) -> profile_pb2.SignInResponse:
    return profile_pb2.SignInResponse(person=person("ann"), position=_fake.position())


def _found(_fake: Any, request: profile_pb2.GetPersonRequest) -> profile_pb2.GetPersonResponse:
    known = {person_id(handle): handle for handle in ("ann", "bo", "cy")}
    handle = known.get(request.id) if request.WhichOneof("by") == "id" else request.handle
    if handle not in known.values():
        raise NotFound("There is no such person.", field=str(request.WhichOneof("by")))
    return profile_pb2.GetPersonResponse(person=person(str(handle)))


class FakeProfile(Fake, ProfileServiceServicer):
    """A profile service in which ann, bo and cy live; ``unfollowed`` is who can be: None: somebody who was erased."""

    unfollowed: profile_views.Person | None = person("bo")

    SignIn = _method("SignIn", _caller_person)
    ImportPerson = _method("ImportPerson", lambda fake, request: profile_pb2.ImportPersonResponse())
    GetPerson = _method("GetPerson", _found)
    EditProfile = _method(
        "EditProfile",
        lambda fake, request: profile_pb2.EditProfileResponse(person=person("ann"), position=fake.position()),
    )
    Follow = _method(
        "Follow", lambda fake, request: profile_pb2.FollowResponse(person=person("bo"), position=fake.position())
    )
    Unfollow = _method(
        "Unfollow", lambda fake, request: profile_pb2.UnfollowResponse(person=fake.unfollowed, position=fake.position())
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

    PublishPost = _method(
        "PublishPost",
        lambda fake, request: feed_pb2.PublishPostResponse(post=post(1, body=request.body), position=fake.position()),
    )
    EditPost = _method(
        "EditPost",
        lambda fake, request: feed_pb2.EditPostResponse(post=post(1, body=request.body), position=fake.position()),
    )
    DeletePost = _method(
        "DeletePost",
        lambda fake, request: feed_pb2.DeletePostResponse(post_id=request.post_id, position=fake.position()),
    )
    AddComment = _method(
        "AddComment", lambda fake, request: feed_pb2.AddCommentResponse(comment=comment(1), position=fake.position())
    )
    DeleteComment = _method(
        "DeleteComment",
        lambda fake, request: feed_pb2.DeleteCommentResponse(comment_id=request.comment_id, position=fake.position()),
    )
    React = _method(
        "React", lambda fake, request: feed_pb2.ReactResponse(target=_target(request), position=fake.position())
    )
    Unreact = _method(
        "Unreact", lambda fake, request: feed_pb2.UnreactResponse(target=_target(request), position=fake.position())
    )
    GetPost = _method("GetPost", lambda fake, request: feed_pb2.GetPostResponse(post=post(1)))
    GetComment = _method("GetComment", _comment)
    GetThread = _method(
        "GetThread",
        lambda fake, request: feed_pb2.GetThreadResponse(
            post=post(1),
            comments=feed_views.CommentConnection(
                edges=[feed_views.CommentEdge(cursor=f"{EPOCH}:{number}", node=comment(number)) for number in (1, 2)]
            ),
        ),
    )
    ListHomeFeed = _method(
        "ListHomeFeed", lambda fake, request: feed_pb2.ListHomeFeedResponse(posts=_page(fake, request))
    )
    ListPersonPosts = _method(
        "ListPersonPosts", lambda fake, request: feed_pb2.ListPersonPostsResponse(posts=_page(fake, request))
    )

    GetDelivery = _method(
        "GetDelivery",
        lambda fake, request: feed_pb2.GetDeliveryResponse(
            regions=[
                feed_views.Delivery(region="austin", state=feed_views.DELIVERY_STATE_ARRIVED, at_ms=1_700_000_000_000),
                feed_views.Delivery(region="tokyo", state=feed_views.DELIVERY_STATE_WAITING),
            ]
        ),
    )
    CreateGroup = _method(
        "CreateGroup",
        lambda fake, request: feed_pb2.CreateGroupResponse(group=group(request.name), position=fake.position()),
    )
    JoinGroup = _method(
        "JoinGroup", lambda fake, request: feed_pb2.JoinGroupResponse(group=group(), position=fake.position())
    )
    MarkHelpful = _method(
        "MarkHelpful",
        lambda fake, request: feed_pb2.MarkHelpfulResponse(
            target=feed_pb2.Target(post=post(1)), position=fake.position()
        ),
    )
    UnmarkHelpful = _method(
        "UnmarkHelpful",
        lambda fake, request: feed_pb2.UnmarkHelpfulResponse(
            target=feed_pb2.Target(post=post(1)), position=fake.position()
        ),
    )
    AcceptAnswer = _method(
        "AcceptAnswer",
        lambda fake, request: feed_pb2.AcceptAnswerResponse(post=question(), position=fake.position()),
    )
    UnacceptAnswer = _method(
        "UnacceptAnswer",
        lambda fake, request: feed_pb2.UnacceptAnswerResponse(
            post=question(),
            moderation=moderation(request.post_id, feed_views.MODERATION_STATE_PENDING),
            position=fake.position(),
        ),
    )
    ListQuestions = _method(
        "ListQuestions",
        lambda fake, request: feed_pb2.ListQuestionsResponse(
            posts=feed_views.PostConnection(edges=[feed_views.PostEdge(cursor=f"{EPOCH}:1", node=question())])
        ),
    )
    ListMentions = _method(
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
    UpdateGroup = _method(
        "UpdateGroup",
        lambda fake, request: feed_pb2.UpdateGroupResponse(group=group(request.name), position=fake.position()),
    )
    RequestMembership = _method(
        "RequestMembership",
        lambda fake, request: feed_pb2.RequestMembershipResponse(
            state=feed_views.MEMBERSHIP_STATE_PENDING, position=fake.position()
        ),
    )
    ApproveMembership = _method(
        "ApproveMembership",
        lambda fake, request: feed_pb2.ApproveMembershipResponse(
            moderation=about_person(request.person_id), position=fake.position()
        ),
    )
    RemoveMember = _method(
        "RemoveMember",
        lambda fake, request: feed_pb2.RemoveMemberResponse(
            moderation=about_person(request.person_id), position=fake.position()
        ),
    )
    BanMember = _method(
        "BanMember",
        lambda fake, request: feed_pb2.BanMemberResponse(
            moderation=about_person(request.person_id), position=fake.position()
        ),
    )
    UnbanMember = _method(
        "UnbanMember",
        lambda fake, request: feed_pb2.UnbanMemberResponse(
            moderation=about_person(request.person_id), position=fake.position()
        ),
    )
    ListMembers = _method(
        "ListMembers", lambda fake, request: feed_pb2.ListMembersResponse(members=members(GROUP_ROLE_MODERATOR))
    )
    ListMembershipRequests = _method(
        "ListMembershipRequests",
        lambda fake, request: feed_pb2.ListMembershipRequestsResponse(people=members(GROUP_ROLE_UNSPECIFIED)),
    )
    LeaveGroup = _method(
        "LeaveGroup", lambda fake, request: feed_pb2.LeaveGroupResponse(group=group(), position=fake.position())
    )
    SetMemberRole = _method(
        "SetMemberRole", lambda fake, request: feed_pb2.SetMemberRoleResponse(group=group(), position=fake.position())
    )
    HideContent = _method(
        "HideContent",
        lambda fake, request: feed_pb2.HideContentResponse(
            moderation=moderation(request.content_id, feed_views.MODERATION_STATE_PENDING), position=fake.position()
        ),
    )
    RestoreContent = _method(
        "RestoreContent",
        lambda fake, request: feed_pb2.RestoreContentResponse(
            moderation=moderation(request.content_id, feed_views.MODERATION_STATE_DONE), position=fake.position()
        ),
    )
    GetGroup = _method("GetGroup", _found_group)
    ListGroups = _method(
        "ListGroups",
        lambda fake, request: feed_pb2.ListGroupsResponse(
            groups=feed_views.GroupConnection(edges=[feed_views.GroupEdge(cursor=f"{EPOCH}:1", node=group())])
        ),
    )
    ListGroupPosts = _method(
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
        metadata = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        self.calls.append(Call(method, request, metadata))
        await self.begin(method, context, metadata)
        try:
            while (told := await self.arriving.get()) is not None:
                if isinstance(told, SamverkaError):
                    await refuse(context, told)
                else:
                    yield told
        finally:
            self.watchers_gone.release()


def network(*, behind: int = 3) -> network_views.Network:
    return network_views.Network(
        region=REGION,
        peers=[
            network_views.Peer(
                region="austin",
                state=network_views.LINK_STATE_CONNECTED,
                last_contact_at_ms=1_700_000_000_000,
                events_behind=behind,
                held_sequence=2**40,
                holds_of_ours=7,
                reported_at_ms=1_700_000_000_001,
                refused_events=1,
            ),
            network_views.Peer(region="tokyo", state=network_views.LINK_STATE_NEVER),
        ],
        alarms=[network_views.Alarm(code="link_silent", region="tokyo", message="Nothing was heard from tokyo.")],
        refusals=[network_views.RefusedEvents(origin="austin", actor=person_id("bo"), reason="owner", events=1)],
    )


def erasure(person: str) -> network_views.Erasure:
    return network_views.Erasure(
        id=derive(REGION, "erasure", person),
        person_id=person,
        ordered_at_ms=1_700_000_000_000,
        regions=[
            network_views.RegionErasure(region=REGION, state=network_views.ERASURE_STATE_DONE, at_ms=1_700_000_000_001),
            network_views.RegionErasure(region="tokyo", state=network_views.ERASURE_STATE_WAITING),
        ],
    )


class FakeNetwork(Fake, NetworkServiceServicer):
    """A network service of three regions; what it tells watchers comes out of ``changing``: how far it is behind."""

    GetNetwork = _method("GetNetwork", lambda fake, request: network_pb2.GetNetworkResponse(network=network()))
    OrderErasure = _method(
        "OrderErasure",
        lambda fake, request: network_pb2.OrderErasureResponse(
            erasure=erasure(request.person_id), position=fake.position()
        ),
    )
    GetErasure = _method(
        "GetErasure", lambda fake, request: network_pb2.GetErasureResponse(erasure=erasure(person_id("ann")))
    )

    def __init__(self) -> None:
        super().__init__()
        self.changing: asyncio.Queue[int | SamverkaError] = asyncio.Queue()

    async def WatchNetwork(self, request: Any, context: Any) -> AsyncIterator[Any]:
        metadata = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        self.calls.append(Call("WatchNetwork", request, metadata))
        await self.begin("WatchNetwork", context, metadata)
        while True:
            told = await self.changing.get()
            if isinstance(told, SamverkaError):
                await refuse(context, told)
            else:
                yield network_pb2.WatchNetworkResponse(network=network(behind=told))


def party(handle: str) -> recognition_views.Party:
    return recognition_views.Party(id=person_id(handle), handle=handle, name=handle.title(), region=REGION)


def badge(**changes: Any) -> recognition_views.Badge:
    fields: dict[str, Any] = {
        "id": derive(REGION, "badge"),
        "name": "Hand",
        "criteria": "For *help*.",
        "kind": recognition_events.BADGE_KIND_PEER,
        "value": "Care",
        "monthly_limit": 3,
        "viewer_awarded": 1,
    }
    return recognition_views.Badge(**(fields | changes))


def recognition(number: int, *, with_badge: bool = False) -> recognition_views.Recognition:
    return recognition_views.Recognition(
        id=derive(REGION, "recognition", str(number)),
        giver=party("ann"),
        receivers=[party("bo")],
        message="Thank *you*",
        value="Care" if with_badge else "",
        visibility=recognition_events.VISIBILITY_PRIVATE if with_badge else recognition_events.VISIBILITY_PUBLIC,
        badge=badge() if with_badge else None,
        given_at_ms=1_700_000_000_123,
    )


def recognitions() -> recognition_views.RecognitionConnection:
    edges = [
        recognition_views.RecognitionEdge(cursor=f"{EPOCH}:{n}", node=recognition(n, with_badge=n == 1)) for n in (2, 1)
    ]
    return recognition_views.RecognitionConnection(edges=edges, page_info=feed_views.PageInfo(has_next_page=True))


def _recognition_found(_fake: Any, request: Any) -> recognition_pb2.GetRecognitionResponse:
    if request.recognition_id != derive(REGION, "recognition", "1"):
        raise NotFound("There is no such recognition.", code="recognition_not_found", field="recognition_id")
    return recognition_pb2.GetRecognitionResponse(recognition=recognition(1, with_badge=True))


def _badge_found(_fake: Any, request: Any) -> recognition_pb2.GetBadgeResponse:
    if request.badge_id != badge().id:
        raise NotFound("There is no such badge.", code="badge_not_found", field="badge_id")
    return recognition_pb2.GetBadgeResponse(badge=badge())


def _statement(_fake: Any, request: Any) -> recognition_pb2.GetReviewStatementResponse:
    statement = recognition_views.ReviewStatement(
        person=party("bo"),
        from_ms=request.from_ms,
        to_ms=request.to_ms,
        total=2,
        thanks=1,
        badges=[recognition_views.BadgeTotal(badge=badge(), count=1)],
        values=[recognition_views.ValueTotal(value="Care", count=1)],
        evidence=recognitions(),
    )
    return recognition_pb2.GetReviewStatementResponse(statement=statement)


class FakeRecognition(Fake, RecognitionServiceServicer):
    """A recognition service with one badge; what it tells watchers comes out of ``arriving``: whether it was withdrawn."""

    GetRecognition = _method("GetRecognition", _recognition_found)
    GetBadge = _method("GetBadge", _badge_found)
    GetReviewStatement = _method("GetReviewStatement", _statement)
    ListRecognitions = _method(
        "ListRecognitions",
        lambda fake, request: recognition_pb2.ListRecognitionsResponse(recognitions=recognitions()),
    )
    ListBadges = _method(
        "ListBadges",
        lambda fake, request: recognition_pb2.ListBadgesResponse(
            badges=recognition_views.BadgeConnection(
                edges=[recognition_views.BadgeEdge(cursor=f"{EPOCH}:1", node=badge())]
            )
        ),
    )
    GiveThanks = _method(
        "GiveThanks",
        lambda fake, request: recognition_pb2.GiveThanksResponse(recognition=recognition(2), position=fake.position()),
    )
    AwardBadge = _method(
        "AwardBadge",
        lambda fake, request: recognition_pb2.AwardBadgeResponse(
            recognition=recognition(1, with_badge=True), position=fake.position()
        ),
    )
    WithdrawRecognition = _method(
        "WithdrawRecognition",
        lambda fake, request: recognition_pb2.WithdrawRecognitionResponse(
            recognition_id=request.recognition_id, position=fake.position()
        ),
    )
    DefineBadge = _method(
        "DefineBadge",
        lambda fake, request: recognition_pb2.DefineBadgeResponse(badge=badge(), position=fake.position()),
    )
    RetireBadge = _method(
        "RetireBadge",
        lambda fake, request: recognition_pb2.RetireBadgeResponse(badge=badge(retired=True), position=fake.position()),
    )

    def __init__(self) -> None:
        super().__init__()
        self.arriving: asyncio.Queue[bool | SamverkaError] = asyncio.Queue()

    async def WatchRecognitions(self, request: Any, context: Any) -> AsyncIterator[Any]:
        metadata = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        self.calls.append(Call("WatchRecognitions", request, metadata))
        await self.begin("WatchRecognitions", context, metadata)
        yield recognition_pb2.WatchRecognitionsResponse(begins_after=request.after or f"{EPOCH}:1")
        while True:
            told = await self.arriving.get()
            if isinstance(told, SamverkaError):
                await refuse(context, told)
            else:
                given = recognition(2)
                update = recognition_views.RecognitionUpdate(
                    cursor=f"{EPOCH}:2", recognition_id=given.id, recognition=None if told else given
                )
                yield recognition_pb2.WatchRecognitionsResponse(update=update)


def hits(count: int) -> search_views.HitConnection:
    edges = [
        search_views.HitEdge(
            cursor=f"{EPOCH}:after-{number}",
            node=search_views.Hit(
                kind=search_views.HIT_KIND_QUESTION if number % 2 else search_views.HIT_KIND_ANSWER,
                id=post_id(number),
                title="How?" if number % 2 else "",
                snippet=[search_views.SnippetPart(text="By "), search_views.SnippetPart(text="bus", matched=True)],
                author=author("bo"),
                group=feed_views.GroupName(id=GROUP_ID, name="Chess", reach=feed_views.REACH_NETWORK),
                post_id="" if number % 2 else post_id(1),
                created_at_ms=1_700_000_000_000 + number,
            ),
        )
        for number in range(1, count + 1)
    ]
    info = feed_views.PageInfo(has_next_page=True, end_cursor=edges[-1].cursor if edges else "")
    return search_views.HitConnection(edges=edges, page_info=info, total_count=3_000_000_000)


class FakeSearch(Fake, SearchServiceServicer):
    """A search service that finds two of many things, whatever is asked, or what it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.hits = hits(2)

    Search = _method(
        "Search",
        lambda fake, request: search_pb2.SearchResponse(
            hits=fake.hits,
            coverage=[
                search_views.Coverage(region=REGION, sequence=7, as_of_ms=1_700_000_000_123),
                search_views.Coverage(region="tokyo", sequence=9),
            ],
        ),
    )
    Complete = _method(
        "Complete",
        lambda fake, request: search_pb2.CompleteResponse(
            suggestions=[
                search_views.Suggestion(
                    kind=search_views.SUGGESTION_KIND_PERSON,
                    text="Bo",
                    id=person_id("bo"),
                    handle="bo",
                    region=REGION,
                ),
                search_views.Suggestion(kind=search_views.SUGGESTION_KIND_TOPIC, text="boats"),
            ]
        ),
    )
    FindExperts = _method(
        "FindExperts",
        lambda fake, request: search_pb2.FindExpertsResponse(
            experts=[
                search_views.Expert(
                    person=feed_views.Author(id=person_id("bo"), handle="bo", name="Bo", region=REGION),
                    skill=[search_views.SnippetPart(text="boats", matched=True)],
                    answers=search_views.ExpertAnswers(
                        count=3,
                        accepted_count=1,
                        helpful_count=7,
                        best_id=post_id(2),
                        post_id=post_id(1),
                        title="How?",
                        latest_at_ms=1_700_000_000_002,
                    ),
                    recognitions=[search_views.ExpertRecognition(name="Care", count=2, latest_id=post_id(3))],
                    recent_answer_count=4,
                    at_work=False,
                    next_at_work_ms=1_700_000_000_123,
                ),
                search_views.Expert(
                    person=feed_views.Author(id=person_id("al"), handle="al", name="Al", region="tokyo")
                ),
            ],
            coverage=[search_views.Coverage(region=REGION, sequence=7, as_of_ms=1_700_000_000_123)],
        ),
    )


class FakeVerifier:
    """Takes ``token-of-<handle>`` for a good token, and everything else for one with a wrong signature."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.lifetime_seconds = YEAR_SECONDS
        self.error: SamverkaError | None = None

    async def verify(self, token: str) -> Caller:
        if self.error is not None:
            raise self.error
        if not token:
            raise Unauthenticated("Sign in first.", code="token_missing")
        handle = token.removeprefix("token-of-")
        if handle == token:
            raise Unauthenticated("The token's signature is wrong.", code="token_signature")
        return Caller(
            person_id=person_id(handle),
            issuer="https://issuer.test",
            subject=handle,
            handle=handle,
            name=handle.title(),
            roles=frozenset({"member"}),
            expires_at=self._clock.wall_ms() // 1000 + self.lifetime_seconds,
            token=token,
        )

    async def close(self) -> None:
        pass


@dataclass
class Node:
    """A gateway over fakes, and an HTTP client that talks to it in process."""

    app: Starlette
    client: httpx.AsyncClient
    profile: FakeProfile
    feed: FakeFeed
    network: FakeNetwork
    recognition: FakeRecognition
    search: FakeSearch
    verifier: FakeVerifier
    clock: ManualClock
    telemetry: Telemetry

    async def ask(
        self, query: str, variables: Any = None, *, token: str | None = "token-of-ann", **headers: str
    ) -> Any:
        """Return the JSON body of the answer."""
        return (await self.post({"query": query, "variables": variables}, token=token, **headers)).json()

    async def post(self, body: Any, *, token: str | None = "token-of-ann", **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        sent.setdefault("content-type", "application/json")
        return await self.client.post("/graphql", content=json.dumps(body), headers=sent)


@asynccontextmanager
async def serving(*servicers: tuple[Callable[[Any, Any], None], Any]) -> AsyncIterator[str]:
    """Serve fakes on a free port, and yield their target."""
    server = grpc.aio.server()
    for add, servicer in servicers:
        add(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"ipv4:127.0.0.1:{port}"
    finally:
        await server.stop(None)


def make_settings(**changes: Any) -> GatewaySettings:
    settings: dict[str, Any] = {
        "env": "dev",
        "region": REGION,
        "auth_issuer": "https://issuer.test",
        "http_listen": "127.0.0.1:0",
        "profile_target": "ipv4:127.0.0.1:9",
        "feed_target": "ipv4:127.0.0.1:9",
        "network_target": "ipv4:127.0.0.1:9",
        "recognition_target": "ipv4:127.0.0.1:9",
        "search_target": "ipv4:127.0.0.1:9",
    }
    return GatewaySettings(**(settings | changes))


@asynccontextmanager
async def open_node(env: str = "dev") -> AsyncIterator[Node]:
    """Open a gateway over fakes."""
    profile, feed, network, clock = FakeProfile(), FakeFeed(), FakeNetwork(), ManualClock()
    recognition_, search = FakeRecognition(), FakeSearch()
    verifier = FakeVerifier(clock)
    telemetry = Telemetry(service="gateway")
    async with serving(
        (add_ProfileServiceServicer_to_server, profile),
        (add_FeedServiceServicer_to_server, feed),
        (add_NetworkServiceServicer_to_server, network),
        (add_RecognitionServiceServicer_to_server, recognition_),
        (add_SearchServiceServicer_to_server, search),
    ) as target:
        channel = open_channel(target)
        known: Any = verifier
        verifying: Verifier = known
        app = make_app(
            make_settings(env=env),
            profile=channel,
            feed=channel,
            network=channel,
            recognition=channel,
            search=channel,
            verifier=verifying,
            telemetry=telemetry,
            clock=clock,
        )
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
            yield Node(app, client, profile, feed, network, recognition_, search, verifier, clock, telemetry)
        await channel.close(None)
    telemetry.shutdown()
