"""Groups: what they are, and what those who are in them do with them."""

from __future__ import annotations

from collections.abc import Awaitable
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

import strawberry

from gateway.compiling import computed, one_of_classes
from gateway.schema.pages import CALL, Info, Node, PageInfo, as_type, by_id, field, mutation, page_size
from gateway.schema.payloads import UserError, attempt, idempotency_key
from samverka.feed.v1 import feed_events_pb2 as feed_events
from samverka.feed.v1 import feed_views_pb2 as feed_views
from services.chassis.ids import region_of

if TYPE_CHECKING:
    from gateway.schema.feed import PostConnection

AnyGroup: TypeAlias = feed_views.Group | feed_views.GroupName


@strawberry.enum(
    description="Who may hold it: every region of the network, or the region it was written in and no other."
)
class Reach(Enum):
    NETWORK = feed_views.REACH_NETWORK
    LOCAL = feed_views.REACH_LOCAL


@strawberry.enum(description="What somebody may do in a group.")
class GroupRole(Enum):
    OWNER = feed_events.GROUP_ROLE_OWNER
    MODERATOR = feed_events.GROUP_ROLE_MODERATOR
    MEMBER = feed_events.GROUP_ROLE_MEMBER


@strawberry.enum(description="Whether a group is there for everybody who may hold it, or for its members alone.")
class GroupVisibility(Enum):
    PUBLIC = feed_events.GROUP_VISIBILITY_PUBLIC
    PRIVATE = feed_events.GROUP_VISIBILITY_PRIVATE


def reach_shown(thing: strawberry.Parent[Any]) -> Reach:
    """Return the reach of a post or a group."""
    return Reach(thing.reach)


def reach_asked(reach: Reach | None) -> feed_views.Reach.ValueType:
    """Return a reach as the service is asked for it."""
    return feed_views.REACH_UNSPECIFIED if reach is None else reach.value


def _visibility_asked(visibility: GroupVisibility | None) -> feed_events.GroupVisibility.ValueType:
    return feed_events.GROUP_VISIBILITY_UNSPECIFIED if visibility is None else visibility.value


def _region(group: strawberry.Parent[AnyGroup]) -> str:
    return region_of(group.id)


def _of_group(attribute: str, *, description: str) -> Any:
    """Return a field that a group on a post does not carry: it is asked for, once for each group."""

    def resolve(group: strawberry.Parent[AnyGroup], info: Info) -> Any:
        if isinstance(group, feed_views.Group):
            return getattr(group, attribute)
        return _fetch(info, group.id, attribute)

    return strawberry.field(resolver=resolve, description=description, metadata=CALL)


async def _fetch(info: Info, group_id: str, attribute: str) -> Any:
    return getattr(await info.context.group(group_id), attribute)


async def _visibility(group: strawberry.Parent[AnyGroup], info: Info) -> GroupVisibility | None:
    whole = group if isinstance(group, feed_views.Group) else await info.context.group(group.id)
    return GroupVisibility(whole.visibility)


async def _viewer_role(group: strawberry.Parent[AnyGroup], info: Info) -> GroupRole | None:
    whole = group if isinstance(group, feed_views.Group) else await info.context.group(group.id)
    return GroupRole(whole.viewer_role) if whole.viewer_role else None


@strawberry.type(description="A group of people who write for each other. Its home region decides on it.")
class Group(Node):
    is_type_of = one_of_classes(feed_views.Group, feed_views.GroupName)

    id: strawberry.ID
    name: str
    region: str = computed(_region, description="The region that decides on it.")
    reach: Reach = computed(reach_shown, description="That of all that is written in it.")
    visibility: GroupVisibility | None = strawberry.field(
        resolver=_visibility, description="Public or private, for good.", metadata=CALL
    )
    about: str | None = _of_group("about", description="Markdown.")
    member_count: int | None = _of_group("member_count", description="As far as they are known here.")
    viewer_role: GroupRole | None = strawberry.field(
        resolver=_viewer_role, description="Null for who has not joined.", metadata=CALL
    )


@strawberry.type
class GroupEdge:
    cursor: str
    node: Group


@strawberry.type
class GroupConnection:
    edges: list[GroupEdge]
    page_info: PageInfo


@strawberry.type
class GroupQuery:
    @field("The group with that id.")
    async def group(self, info: Info, id: strawberry.ID) -> Group | None:
        with by_id():
            return as_type(Group, await info.context.group(id))

    @field("The public groups and those you are in, the latest first.")
    async def groups(self, info: Info, first: int | None = 20, after: str | None = None) -> GroupConnection | None:
        context = info.context
        page = await context.backend.groups.groups(context.talk, first=page_size(first), after=after or "")
        return as_type(GroupConnection, page)

    @field("The posts of one group, latest first.")
    async def group_feed(
        self, info: Info, group_id: strawberry.ID, first: int | None = 20, after: str | None = None
    ) -> Annotated[PostConnection, strawberry.lazy("gateway.schema.feed")] | None:
        context = info.context
        page = await context.backend.groups.posts(
            context.talk, group_id=group_id, first=page_size(first), after=after or ""
        )
        return cast("PostConnection", page)


@strawberry.input
class CreateGroupInput:
    name: str
    about: str | None = None
    reach: Reach | None = None
    visibility: GroupVisibility | None = None
    idempotency_key: str | None = None


@strawberry.input
class UpdateGroupInput:
    """What is left out stays as it is."""

    group_id: strawberry.ID
    name: str | None = None
    about: str | None = None
    idempotency_key: str | None = None


@strawberry.input
class JoinGroupInput:
    group_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.input
class LeaveGroupInput:
    group_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.input
class SetMemberRoleInput:
    group_id: strawberry.ID
    person_id: strawberry.ID
    role: GroupRole
    idempotency_key: str | None = None


@strawberry.type
class CreateGroupPayload:
    group: Group | None
    errors: list[UserError]


@strawberry.type
class UpdateGroupPayload:
    group: Group | None
    errors: list[UserError]


@strawberry.type
class JoinGroupPayload:
    group: Group | None
    errors: list[UserError]


@strawberry.type
class LeaveGroupPayload:
    group: Group | None
    errors: list[UserError]


@strawberry.type
class SetMemberRolePayload:
    group: Group | None
    errors: list[UserError]


async def _group(info: Info, work: Awaitable[feed_views.Group | None]) -> tuple[Group | None, list[UserError]]:
    group, errors = await attempt(info, work)
    return (None if group is None else as_type(Group, group)), errors


@strawberry.type
class GroupMutation:
    @mutation("Create a group that you own, at home in your region.")
    async def create_group(self, info: Info, input: CreateGroupInput) -> CreateGroupPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        group, errors = await _group(
            info,
            context.backend.groups.create(
                context.talk,
                key=key,
                name=input.name,
                about=input.about or "",
                reach=reach_asked(input.reach),
                visibility=_visibility_asked(input.visibility),
            ),
        )
        return CreateGroupPayload(group=group, errors=errors)

    @mutation("Say anew what your group is called and what it is about.")
    async def update_group(self, info: Info, input: UpdateGroupInput) -> UpdateGroupPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        work = context.backend.groups.update(
            context.talk, key=key, group_id=input.group_id, name=input.name, about=input.about
        )
        group, errors = await _group(info, work)
        return UpdateGroupPayload(group=group, errors=errors)

    @mutation("Join a public group, to post into it.")
    async def join_group(self, info: Info, input: JoinGroupInput) -> JoinGroupPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        group, errors = await _group(info, context.backend.groups.join(context.talk, key=key, group_id=input.group_id))
        return JoinGroupPayload(group=group, errors=errors)

    @mutation("Leave a group, or take your request back; what you posted stays.")
    async def leave_group(self, info: Info, input: LeaveGroupInput) -> LeaveGroupPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        group, errors = await _group(info, context.backend.groups.leave(context.talk, key=key, group_id=input.group_id))
        return LeaveGroupPayload(group=group, errors=errors)

    @mutation("Make a member of your group its moderator, or a mere member again.")
    async def set_member_role(self, info: Info, input: SetMemberRoleInput) -> SetMemberRolePayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        group, errors = await _group(
            info,
            context.backend.groups.set_role(
                context.talk, key=key, group_id=input.group_id, person_id=input.person_id, role=input.role.value
            ),
        )
        return SetMemberRolePayload(group=group, errors=errors)
