"""Groups in the contract with frontends: what each field is answered with, and by how many calls."""

from __future__ import annotations

from typing import Any

import pytest

from samverka.feed.v1 import feed_views_pb2 as feed_views
from samverka.feed.v1.feed_events_pb2 import GROUP_ROLE_MODERATOR, GROUP_ROLE_UNSPECIFIED
from samverka.feed.v1.feed_service_pb2 import GetGroupResponse, LeaveGroupResponse
from services.chassis.errors import Conflict, NotFound
from tests.gateway.fakes.content import GROUP_ID, group, post_id
from tests.gateway.fakes.node import Node
from tests.gateway.fakes.profile import person_id

WHOLE = "id name about region reach visibility memberCount viewerRole"
CHESS = {
    "id": GROUP_ID,
    "name": "Chess",
    "about": "Thursdays.",
    "region": "stockholm",
    "reach": "NETWORK",
    "visibility": "PRIVATE",
    "memberCount": 7,
    "viewerRole": "MODERATOR",
}


async def test_a_group_is_one_call_and_reads_as_promised(node: Node) -> None:
    body = await node.ask(f"query($id: ID!) {{ group(id: $id) {{ {WHOLE} }} }}", {"id": GROUP_ID})
    assert body == {"data": {"group": CHESS}}
    assert [call.method for call in node.feed.calls] == ["GetGroup"]


async def test_a_group_that_is_not_there_is_null_with_an_error(node: Node) -> None:
    body = await node.ask("query($id: ID!) { group(id: $id) { id } }", {"id": person_id("ann")})
    assert body["data"] == {"group": None}
    assert body["errors"][0]["extensions"] == {"code": "group_not_found", "field": "id"}


@pytest.mark.parametrize("first", [20, 100])
async def test_a_page_of_groups_is_one_call(node: Node, first: int) -> None:
    query = (
        f"query($n: Int) {{ groups(first: $n) {{ edges {{ cursor node {{ {WHOLE} }} }} pageInfo {{ hasNextPage }} }} }}"
    )
    body = await node.ask(query, {"n": first})
    assert [edge["node"] for edge in body["data"]["groups"]["edges"]] == [CHESS]
    [call] = node.feed.calls
    assert (call.method, call.request.first) == ("ListGroups", first)


async def test_a_groups_feed_is_a_page_of_posts(node: Node) -> None:
    query = "query($id: ID!) { groupFeed(groupId: $id, first: 2) { edges { node { id } } } }"
    body = await node.ask(query, {"id": GROUP_ID})
    assert [edge["node"]["id"] for edge in body["data"]["groupFeed"]["edges"]] == [post_id(2), post_id(1)]
    [call] = node.feed.calls
    assert (call.method, call.request.group_id, call.request.first) == ("ListGroupPosts", GROUP_ID, 2)


async def test_a_post_tells_its_group_and_reach_in_the_same_call(node: Node) -> None:
    body = await node.ask("{ homeFeed(first: 2) { edges { node { reach hidden group { id name region reach } } } } }")
    in_none, in_chess = (edge["node"] for edge in body["data"]["homeFeed"]["edges"])
    assert in_none == {"reach": "NETWORK", "hidden": False, "group": None}
    assert in_chess["group"] == {"id": GROUP_ID, "name": "Chess", "region": "stockholm", "reach": "NETWORK"}
    assert [call.method for call in node.feed.calls] == ["ListHomeFeed"]


async def test_the_rest_of_a_posts_group_is_fetched_when_it_is_asked_for(node: Node) -> None:
    query = "query($id: ID!) { post(id: $id) { group { name memberCount viewerRole } } }"
    body = await node.ask(query, {"id": post_id(1)})
    assert body["data"]["post"]["group"] == {"name": "Chess", "memberCount": 7, "viewerRole": "MODERATOR"}
    node.feed.errors["GetGroup"] = NotFound("There is no such group.", field="group_id")
    body = await node.ask(query, {"id": post_id(1)})
    assert body["data"]["post"]["group"] == {"name": "Chess", "memberCount": None, "viewerRole": None}


async def test_who_has_not_joined_has_no_role(node: Node) -> None:
    stranger = group()
    stranger.viewer_role = GROUP_ROLE_UNSPECIFIED
    node.feed.answers["GetGroup"] = lambda request: GetGroupResponse(group=stranger)
    body = await node.ask("query($id: ID!) { group(id: $id) { viewerRole } }", {"id": GROUP_ID})
    assert body == {"data": {"group": {"viewerRole": None}}}


async def test_a_group_is_a_node(node: Node) -> None:
    node.feed.errors["GetPost"] = NotFound("There is no such post.", field="post_id")
    body = await node.ask("query($id: ID!) { node(id: $id) { __typename ... on Group { name } } }", {"id": GROUP_ID})
    assert body["data"]["node"] == {"__typename": "Group", "name": "Chess"}


async def test_a_post_is_published_into_a_group_with_a_reach(node: Node) -> None:
    create = "mutation($input: CreatePostInput!) { createPost(input: $input) { errors { code } } }"
    for given in ({}, {"groupId": GROUP_ID}, {"reach": "LOCAL"}, {"reach": "NETWORK"}):
        await node.ask(create, {"input": {"body": "x", **given}})
    asked = [(call.request.group_id, call.request.reach) for call in node.feed.named("PublishPost")]
    assert asked == [
        ("", feed_views.REACH_UNSPECIFIED),
        (GROUP_ID, feed_views.REACH_UNSPECIFIED),
        ("", feed_views.REACH_LOCAL),
        ("", feed_views.REACH_NETWORK),
    ]


async def test_a_post_for_a_group_whose_id_is_empty_is_not_one_for_everybody(node: Node) -> None:
    create = "mutation($input: CreatePostInput!) { createPost(input: $input) { errors { code field } } }"
    body = await node.ask(create, {"input": {"body": "x", "groupId": ""}})
    assert body["data"]["createPost"]["errors"] == [{"code": "malformed_id", "field": "groupId"}]
    body = await node.ask("query($in: ID) { questions(groupId: $in) { edges { cursor } } }", {"in": ""})
    assert body["errors"][0]["extensions"] == {"code": "malformed_id", "field": "groupId"}
    assert not [*node.feed.named("PublishPost"), *node.feed.named("ListQuestions")]


MUTATIONS: list[tuple[str, dict[str, Any], str, Any]] = [
    (
        "createGroup",
        {"name": "Go", "reach": "LOCAL", "visibility": "PRIVATE"},
        "group { name }",
        {"group": {"name": "Go"}},
    ),
    ("updateGroup", {"groupId": "g", "name": "Go"}, "group { name }", {"group": {"name": "Go"}}),
    ("joinGroup", {"groupId": "g"}, "group { name }", {"group": {"name": "Chess"}}),
    ("leaveGroup", {"groupId": "g"}, "group { name }", {"group": {"name": "Chess"}}),
    (
        "setMemberRole",
        {"groupId": "g", "personId": "p", "role": "MODERATOR"},
        "group { name }",
        {"group": {"name": "Chess"}},
    ),
    (
        "hideContent",
        {"contentId": "c", "reason": "spam"},
        "moderation { contentId state declinedReason }",
        {"moderation": {"contentId": "c", "state": "PENDING", "declinedReason": None}},
    ),
    (
        "restoreContent",
        {"contentId": "c"},
        "moderation { contentId state declinedReason }",
        {"moderation": {"contentId": "c", "state": "DONE", "declinedReason": None}},
    ),
]


def _mutation(name: str, selection: str) -> str:
    kind = name[0].upper() + name[1:]
    return (
        f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {selection} errors {{ code message field }} }} }}"
    )


@pytest.mark.parametrize(("name", "given", "selection", "changed"), MUTATIONS)
async def test_a_mutation_returns_what_it_changed_and_sends_its_key(
    node: Node, name: str, given: dict[str, Any], selection: str, changed: Any
) -> None:
    body = await node.ask(_mutation(name, selection), {"input": {**given, "idempotencyKey": "k1"}})
    assert body == {"data": {name: {**changed, "errors": []}}}
    [command] = node.feed.calls
    assert command.request.context.idempotency_key == "k1"


@pytest.mark.parametrize(("name", "given", "selection", "changed"), MUTATIONS)
async def test_a_mutation_that_is_refused_says_why_in_its_payload(
    node: Node, name: str, given: dict[str, Any], selection: str, changed: Any
) -> None:
    node.feed.errors[name[0].upper() + name[1:]] = Conflict("Too late.", code="moved", field="group_id")
    body = await node.ask(_mutation(name, selection), {"input": given})
    refused = [{"code": "moved", "message": "Too late.", "field": "groupId"}]
    assert body == {"data": {name: {**dict.fromkeys(changed), "errors": refused}}}


async def test_what_is_left_out_of_an_update_is_left_as_it_is(node: Node) -> None:
    for given in ({"name": "Go"}, {"about": ""}):
        await node.ask(_mutation("updateGroup", ""), {"input": {"groupId": "g", **given}})
    asked = [call.request for call in node.feed.named("UpdateGroup")]
    assert [(one.HasField("name"), one.HasField("about")) for one in asked] == [(True, False), (False, True)]


async def test_a_group_that_is_there_no_more_for_who_left_it_is_null(node: Node) -> None:
    node.feed.answers["LeaveGroup"] = lambda request: LeaveGroupResponse(position=node.feed.position())
    body = await node.ask(_mutation("leaveGroup", "group { id }"), {"input": {"groupId": GROUP_ID}})
    assert body == {"data": {"leaveGroup": {"group": None, "errors": []}}}


async def test_what_a_moderator_asks_for_arrives_as_it_was_asked(node: Node) -> None:
    await node.ask(_mutation("hideContent", ""), {"input": {"contentId": "c", "reason": "spam"}})
    await node.ask(_mutation("setMemberRole", ""), {"input": {"groupId": "g", "personId": "p", "role": "MODERATOR"}})
    hide, role = node.feed.calls
    assert (hide.request.content_id, hide.request.reason) == ("c", "spam")
    assert (role.request.group_id, role.request.person_id, role.request.role) == ("g", "p", GROUP_ROLE_MODERATOR)
