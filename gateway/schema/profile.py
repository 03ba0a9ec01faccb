"""People: one type for everybody, whether their whole profile was asked for or they wrote a post on a page."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

import strawberry

from gateway.compiling import one_of_classes
from gateway.schema.hours import WorkingHours, WorkingHoursInput, working_week
from gateway.schema.pages import CALL, Info, Node, as_type, by_id, field, mutation, page_size
from gateway.schema.payloads import UserError, attempt, idempotency_key
from gateway.schema.scalars import DateTime
from samverka.feed.v1 import feed_views_pb2 as feed_views
from samverka.profile.v1 import profile_views_pb2 as profile_views
from samverka.recognition.v1.recognition_views_pb2 import Party
from services.chassis.errors import Invalid

if TYPE_CHECKING:
    from gateway.schema.feed import PostConnection

AnyPerson: TypeAlias = profile_views.Person | feed_views.Author | Party


def _of_profile(attribute: str, *, name: str | None = None, description: str | None = None) -> Any:
    """Return a field that an author on a page does not carry: profile is asked for it, once for each person."""

    def resolve(person: strawberry.Parent[AnyPerson], info: Info) -> Any:
        if isinstance(person, profile_views.Person):
            return getattr(person, attribute)
        return _fetch(info, person.id, attribute)

    return strawberry.field(resolver=resolve, name=name, description=description, metadata=CALL)


async def _fetch(info: Info, person_id: str, attribute: str) -> Any:
    person = await info.context.person(person_id)
    return None if person is None else getattr(person, attribute)


async def _manager(
    person: strawberry.Parent[AnyPerson], info: Info
) -> Annotated[Person, strawberry.lazy("gateway.schema.profile")] | None:
    whole = person if isinstance(person, profile_views.Person) else await info.context.person(person.id)
    manager = await info.context.person(whole.manager_id) if whole and whole.manager_id else None
    return None if manager is None else as_type(Person, manager)


async def _time_zone(person: strawberry.Parent[AnyPerson], info: Info) -> str | None:
    whole = person if isinstance(person, profile_views.Person) else await info.context.person(person.id)
    return whole.time_zone or None if whole else None


async def _posts(
    person: strawberry.Parent[AnyPerson], info: Info, first: int | None = 20, after: str | None = None
) -> Annotated[PostConnection, strawberry.lazy("gateway.schema.feed")] | None:
    context = info.context
    return cast(
        "PostConnection",
        await context.backend.feed.posts_of(
            context.talk, person_id=person.id, first=page_size(first), after=after or ""
        ),
    )


@strawberry.type(
    description="A person. id, handle, name and region come with whatever they wrote; the rest is fetched when it is "
    "asked for, and null while the profile service does not answer or does not know them."
)
class Person(Node):
    is_type_of = one_of_classes(profile_views.Person, feed_views.Author, Party)

    id: strawberry.ID
    handle: str = strawberry.field(description="Unique in the person's region.")
    name: str
    region: str = strawberry.field(description="The region that the person is at home in.")
    title: str | None = _of_profile("title", description="What they do, one line.")
    about: str | None = _of_profile("about", description="Markdown.")
    joined_at: DateTime | None = _of_profile("joined_at_ms")
    follower_count: int | None = _of_profile("follower_count")
    following_count: int | None = _of_profile("following_count")
    viewer_follows: bool | None = _of_profile("viewer_follows")
    manager: Annotated[Person, strawberry.lazy("gateway.schema.profile")] | None = strawberry.field(
        resolver=_manager, description="Who leads them, in whichever region.", metadata=CALL
    )
    time_zone: str | None = strawberry.field(
        resolver=_time_zone, description="A name of the IANA's, such as Europe/Stockholm.", metadata=CALL
    )
    working_hours: list[WorkingHours] | None = _of_profile(
        "working_hours", description="By weekday, in their time zone; empty where they have told none."
    )
    posts: Annotated[PostConnection, strawberry.lazy("gateway.schema.feed")] | None = strawberry.field(
        resolver=_posts, description="Latest first; null while the feed does not answer.", metadata=CALL
    )


@strawberry.type
class ProfileQuery:
    @field("Who asks.")
    async def viewer(self, info: Info) -> Person | None:
        return as_type(Person, await info.context.me())

    @field("The person with that id, or with that handle in this region.")
    async def person(self, info: Info, id: strawberry.ID | None = None, handle: str | None = None) -> Person | None:
        context = info.context
        if (id is None) == (handle is None):
            raise Invalid("Give either an id or a handle.", code="one_of", field="id")
        if id is None:
            return as_type(Person, await context.backend.profile.person_by_handle(context.talk, handle=handle or ""))
        with by_id():
            return as_type(Person, await context.backend.profile.person(context.talk, person_id=id))


@strawberry.input
class UpdateProfileInput:
    """What is absent or null stays as it is."""

    name: str | None = None
    title: str | None = None
    about: str | None = None
    manager_id: strawberry.ID | None = strawberry.field(default=None, description="Empty: nobody.")
    time_zone: str | None = strawberry.field(
        default=None, description="A name of the IANA's, such as Europe/Stockholm; empty: not told."
    )
    working_hours: list[WorkingHoursInput] | None = strawberry.field(
        default=None, description="All of them, at most 21, none of which overlap."
    )
    idempotency_key: str | None = None


@strawberry.input
class FollowPersonInput:
    person_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.input
class UnfollowPersonInput:
    person_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.type
class UpdateProfilePayload:
    person: Person | None
    errors: list[UserError]


@strawberry.type
class FollowPersonPayload:
    person: Person | None
    errors: list[UserError]


@strawberry.type
class UnfollowPersonPayload:
    person: Person | None
    errors: list[UserError]


async def _changed(info: Info, work: Awaitable[profile_views.Person | None]) -> tuple[Person | None, list[UserError]]:
    person, errors = await attempt(info, work)
    return (None if person is None else as_type(Person, person)), errors


async def _edit(info: Info, input: UpdateProfileInput) -> profile_views.Person:
    context, key = info.context, idempotency_key(info, input.idempotency_key)
    texts = {name: getattr(input, name) for name in ("name", "title", "about", "manager_id", "time_zone")}
    given: dict[str, Any] = {name: text for name, text in texts.items() if text is not None}
    if input.working_hours is not None:
        given["working_hours"] = working_week(input.working_hours)
    return await context.backend.profile.edit(context.talk, key=key, **given)


@strawberry.type
class ProfileMutation:
    @mutation("Change your own profile.")
    async def update_profile(self, info: Info, input: UpdateProfileInput) -> UpdateProfilePayload:
        person, errors = await _changed(info, _edit(info, input))
        return UpdateProfilePayload(person=person, errors=errors)

    @mutation("See somebody's posts in your home feed.")
    async def follow_person(self, info: Info, input: FollowPersonInput) -> FollowPersonPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        person, errors = await _changed(
            info, context.backend.profile.follow(context.talk, key=key, person_id=input.person_id)
        )
        return FollowPersonPayload(person=person, errors=errors)

    @mutation("See somebody's posts in your home feed no longer.")
    async def unfollow_person(self, info: Info, input: UnfollowPersonInput) -> UnfollowPersonPayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        person, errors = await _changed(
            info, context.backend.profile.unfollow(context.talk, key=key, person_id=input.person_id)
        )
        return UnfollowPersonPayload(person=person, errors=errors)
