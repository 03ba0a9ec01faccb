"""Who is in a group, who wants to be, and what its moderators decide about them."""

from __future__ import annotations

from enum import Enum

import strawberry

from gateway.compiling import computed
from gateway.schema.groups import Group, GroupRole
from gateway.schema.moderation import Moderation, moderated
from gateway.schema.pages import Info, PageInfo, as_type, field, mutation, page_size
from gateway.schema.payloads import UserError, attempt, idempotency_key
from gateway.schema.profile import Person
from samverka.feed.v1 import feed_views_pb2 as feed_views


@strawberry.enum(description="What has become of your wish to be a member; it is pending until the group has decided.")
class MembershipState(Enum):
    PENDING = feed_views.MEMBERSHIP_STATE_PENDING
    MEMBER = feed_views.MEMBERSHIP_STATE_MEMBER
    DECLINED = feed_views.MEMBERSHIP_STATE_DECLINED


def _role(member: strawberry.Parent[feed_views.Member]) -> GroupRole | None:
    return GroupRole(member.role) if member.role else None


@strawberry.type(description="Somebody who is in a group, or wants to be.")
class Member:
    person: Person
    role: GroupRole | None = computed(_role, description="Null for who is not in it yet.")


@strawberry.type
class MemberEdge:
    cursor: str
    node: Member


@strawberry.type
class MemberConnection:
    edges: list[MemberEdge]
    page_info: PageInfo


@strawberry.type
class MemberQuery:
    @field("The members of a group, the latest first.")
    async def group_members(
        self, info: Info, group_id: strawberry.ID, first: int | None = 20, after: str | None = None
    ) -> MemberConnection | None:
        context = info.context
        page = await context.backend.members.members(
            context.talk, group_id=group_id, first=page_size(first), after=after or ""
        )
        return as_type(MemberConnection, page)

    @field("Who waits to be let into a private group that you moderate, the latest first.")
    async def membership_requests(
        self, info: Info, group_id: strawberry.ID, first: int | None = 20, after: str | None = None
    ) -> MemberConnection | None:
        context = info.context
        page = await context.backend.members.requests(
            context.talk, group_id=group_id, first=page_size(first), after=after or ""
        )
        return as_type(MemberConnection, page)


@strawberry.input
class RequestMembershipInput:
    group_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.input
class ApproveMembershipInput:
    group_id: strawberry.ID
    person_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.input
class RemoveMemberInput:
    group_id: strawberry.ID
    person_id: strawberry.ID
    reason: str | None = None
    idempotency_key: str | None = None


@strawberry.input
class BanMemberInput:
    group_id: strawberry.ID
    person_id: strawberry.ID
    reason: str | None = None
    idempotency_key: str | None = None


@strawberry.input
class UnbanMemberInput:
    group_id: strawberry.ID
    person_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.type
class RequestMembershipPayload:
    state: MembershipState | None
    group: Group | None = strawberry.field(description="Null until you are a member.")
    errors: list[UserError]


@strawberry.type
class ApproveMembershipPayload:
    moderation: Moderation | None
    errors: list[UserError]


@strawberry.type
class RemoveMemberPayload:
    moderation: Moderation | None
    errors: list[UserError]


@strawberry.type
class BanMemberPayload:
    moderation: Moderation | None
    errors: list[UserError]


@strawberry.type
class UnbanMemberPayload:
    moderation: Moderation | None
    errors: list[UserError]


@strawberry.type
class MemberMutation:
    @mutation("Ask a private group to let you in. Whoever has its id may ask, and learns nothing else of it.")
    async def request_membership(self, info: Info, input: RequestMembershipInput) -> RequestMembershipPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        asked, errors = await attempt(
            info, context.backend.members.request(context.talk, key=key, group_id=input.group_id)
        )
        return RequestMembershipPayload(
            state=MembershipState(asked.state) if asked else None,
            group=as_type(Group, asked.group) if asked and asked.HasField("group") else None,
            errors=errors,
        )

    @mutation("Let somebody into a group that you moderate.")
    async def approve_membership(self, info: Info, input: ApproveMembershipInput) -> ApproveMembershipPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        work = context.backend.members.approve(
            context.talk, key=key, group_id=input.group_id, person_id=input.person_id
        )
        moderation, errors = await moderated(info, work)
        return ApproveMembershipPayload(moderation=moderation, errors=errors)

    @mutation("Take somebody out of a group that you moderate, or decline their request; what they wrote stays.")
    async def remove_member(self, info: Info, input: RemoveMemberInput) -> RemoveMemberPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        work = context.backend.members.remove(
            context.talk, key=key, group_id=input.group_id, person_id=input.person_id, reason=input.reason or ""
        )
        moderation, errors = await moderated(info, work)
        return RemoveMemberPayload(moderation=moderation, errors=errors)

    @mutation("Ban somebody from a group that you moderate; what they write there from then on is hidden.")
    async def ban_member(self, info: Info, input: BanMemberInput) -> BanMemberPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        work = context.backend.members.ban(
            context.talk, key=key, group_id=input.group_id, person_id=input.person_id, reason=input.reason or ""
        )
        moderation, errors = await moderated(info, work)
        return BanMemberPayload(moderation=moderation, errors=errors)

    @mutation("Take a ban back; whom it was of may join again.")
    async def unban_member(self, info: Info, input: UnbanMemberInput) -> UnbanMemberPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        work = context.backend.members.unban(context.talk, key=key, group_id=input.group_id, person_id=input.person_id)
        moderation, errors = await moderated(info, work)
        return UnbanMemberPayload(moderation=moderation, errors=errors)
