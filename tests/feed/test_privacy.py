"""What stands in a private group is there for its members, and for nobody else by any path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import pytest
from google.protobuf.message import Message

from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_events_pb2 import GROUP_ROLE_MEMBER
from samverka.feed.v1.feed_views_pb2 import Comment, Group, Post
from services.chassis.errors import NotFound
from tests.feed.calls import (
    approve,
    ask_in,
    ban,
    comment,
    create_group,
    create_private_group,
    delete,
    delete_comment,
    edit,
    get_group,
    get_post,
    group_members,
    group_posts,
    groups_page,
    hide,
    home,
    ids,
    join,
    leave,
    let_in,
    person_page,
    publish,
    react,
    remove,
    restore,
    set_role,
    thread,
    unban,
    unreact,
    update_group,
    waiting,
)
from tests.feed.test_watching import SILENCE, watching
from tests.support.services import Member, Region, refusal
from tests.support.tables import an_id

ABSENT = an_id("absent")
Ask = Callable[[Member, str], Awaitable[object]]


@pytest.fixture
async def carla(region: Region) -> Member:
    return await region.member("carla")


@pytest.fixture
async def board(anna: Member, bengt: Member) -> Group:
    group = await create_private_group(anna)
    await let_in(anna, group.id, bengt)
    return group


@pytest.fixture
async def post(bengt: Member, board: Group) -> Post:
    return await publish(bengt, "secret", group_id=board.id)


@pytest.fixture
async def remark(anna: Member, post: Post) -> Comment:
    return await comment(anna, post.id, "secret too")


async def test_a_member_sees_it_everywhere(anna: Member, bengt: Member, board: Group, post: Post) -> None:
    await comment(anna, post.id)

    assert (await get_post(anna, post.id)).comment_count == 1
    for page in (await group_posts(anna, board.id), await person_page(anna, bengt.id)):
        assert ids(page) == [post.id]
    assert await home(anna) == await home(bengt) == [post.id]
    assert ids(await groups_page(anna)) == [board.id]


async def test_it_is_in_no_list_of_anybody_else(
    anna: Member, bengt: Member, carla: Member, board: Group, post: Post, remark: Comment
) -> None:
    await carla.follow(bengt.id)
    shown = await publish(bengt, "not secret")

    assert await home(carla) == ids(await person_page(carla, bengt.id)) == [shown.id]
    assert ids(await groups_page(carla)) == []


ABOUT_POSTS: Mapping[str, Ask] = {
    "get": get_post,
    "thread": thread,
    "comment": comment,
    "react": react,
    "unreact": unreact,
    "edit": edit,
    "delete": delete,
    "hide": hide,
    "restore": restore,
}
ABOUT_COMMENTS: Mapping[str, Ask] = {
    "react": react,
    "unreact": unreact,
    "delete": delete_comment,
    "hide": hide,
    "restore": restore,
}
ABOUT_GROUPS: Mapping[str, Ask] = {
    "get": get_group,
    "posts": group_posts,
    "members": group_members,
    "requests": waiting,
    "join": join,
    "leave": leave,
    "update": lambda member, group_id: update_group(member, group_id, name="x"),
    "publish": lambda member, group_id: publish(member, group_id=group_id),
    "role": lambda member, group_id: set_role(member, group_id, member.id, GROUP_ROLE_MEMBER),
    "approve": lambda member, group_id: approve(member, group_id, member.id),
    "remove": lambda member, group_id: remove(member, group_id, member.id),
    "ban": lambda member, group_id: ban(member, group_id, member.id),
    "unban": lambda member, group_id: unban(member, group_id, member.id),
}


async def require_absent(member: Member, ask: Ask, identifier: str) -> None:
    """Ask about what the member does not see and about what there is not: the errors are the same."""
    error, absent = await refusal(ask(member, identifier)), await refusal(ask(member, ABSENT))
    assert isinstance(error, NotFound)
    assert (error.code, str(error), error.field) == (absent.code, str(absent), absent.field)


@pytest.mark.parametrize("ask", ABOUT_POSTS)
async def test_a_post_is_not_found_as_if_it_had_never_been(carla: Member, post: Post, ask: str) -> None:
    await require_absent(carla, ABOUT_POSTS[ask], post.id)


@pytest.mark.parametrize("ask", ABOUT_COMMENTS)
async def test_a_comment_is_not_found_as_if_it_had_never_been(carla: Member, remark: Comment, ask: str) -> None:
    await require_absent(carla, ABOUT_COMMENTS[ask], remark.id)


@pytest.mark.parametrize("ask", ABOUT_GROUPS)
async def test_a_group_is_not_found_as_if_it_had_never_been(carla: Member, board: Group, ask: str) -> None:
    await require_absent(carla, ABOUT_GROUPS[ask], board.id)


@pytest.mark.parametrize("ask", sorted({*ABOUT_GROUPS} - {"leave"}))
async def test_who_waits_to_be_let_in_sees_no_more_than_anybody(carla: Member, board: Group, ask: str) -> None:
    await ask_in(carla, board.id)

    await require_absent(carla, ABOUT_GROUPS[ask], board.id)


async def test_where_it_has_arrived_is_told_to_a_member_alone(
    region: Region, anna: Member, bengt: Member, board: Group, post: Post
) -> None:
    await leave(bengt, board.id)

    answer = await bengt.ask(region.feed.feed.GetDelivery, pb.GetDeliveryRequest(post_id=post.id))

    assert list(answer.regions) == []


@pytest.mark.parametrize("end", ["leave", "remove", "ban"])
async def test_who_was_in_sees_nothing_any_more_and_can_still_delete_what_they_wrote(
    anna: Member, bengt: Member, board: Group, post: Post, end: str
) -> None:
    remark = await comment(bengt, post.id)
    ends: Mapping[str, Callable[[], Awaitable[Message]]] = {
        "leave": lambda: leave(bengt, board.id),
        "remove": lambda: remove(anna, board.id, bengt.id),
        "ban": lambda: ban(anna, board.id, bengt.id),
    }
    await ends[end]()

    for ask in ("get", "thread", "comment", "react", "edit"):
        await require_absent(bengt, ABOUT_POSTS[ask], post.id)
    assert await home(bengt) == ids(await person_page(bengt, bengt.id)) == []
    assert ids(await group_posts(anna, board.id)) == [post.id]
    await delete_comment(bengt, remark.id)
    await delete(bengt, post.id)
    assert ids(await group_posts(anna, board.id)) == []


async def test_a_watcher_gets_what_their_groups_post_until_they_are_in_them_no_more(
    region: Region, anna: Member, bengt: Member, board: Group
) -> None:
    await bengt.follow(anna.id)
    async with watching(bengt) as watch:
        post = await publish(anna, group_id=board.id)
        assert await watch.ids(1) == [post.id]
        await remove(anna, board.id, bengt.id)
        await publish(anna, group_id=board.id)
        shown = await publish(anna, "not secret")

        assert await watch.ids(1) == [shown.id], SILENCE


async def test_what_was_read_for_a_watcher_whose_membership_has_ended_since_is_not_sent(
    region: Region, anna: Member, bengt: Member, board: Group
) -> None:
    before = await region.log.last_sequence()
    posts = [(await publish(anna, f"number {n}", group_id=board.id)).id for n in range(3)]
    edges = region.feed.watch.watch(bengt.id, after=before)
    assert (await anext(edges)).node.id == posts[0]

    await ban(anna, board.id, bengt.id)
    own = await publish(bengt)

    assert (await anext(edges)).node.id == own.id
    await edges.aclose()


async def test_what_was_read_for_a_watcher_and_is_deleted_or_hidden_since_is_not_sent(
    region: Region, anna: Member, bengt: Member
) -> None:
    group = await create_group(anna)
    await join(bengt, group.id)
    before = await region.log.last_sequence()
    posts = [(await publish(anna, f"number {n}", group_id=group.id)).id for n in range(4)]
    edges = region.feed.watch.watch(bengt.id, after=before)
    assert (await anext(edges)).node.id == posts[0]

    await delete(anna, posts[1])
    await hide(anna, posts[2])

    assert (await anext(edges)).node.id == posts[3]
    await edges.aclose()


async def test_a_watcher_of_a_group_gets_posts_of_people_whom_they_do_not_follow(
    anna: Member, bengt: Member, carla: Member
) -> None:
    group = await create_group(anna)
    await join(bengt, group.id)
    async with watching(bengt) as watch, watching(carla) as other:
        post = await publish(anna, group_id=group.id)
        own = await publish(carla)

        assert await watch.ids(1) == [post.id]
        assert await other.ids(1) == [own.id], SILENCE
