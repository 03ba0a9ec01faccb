"""The contract with frontends: what a request for each field is answered with, and by how many calls."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLNonNull, build_schema

import gateway
from services.chassis.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from tests.gateway.fakes.answering import EPOCH
from tests.gateway.fakes.content import comment, post_id
from tests.gateway.fakes.node import Node, open_node
from tests.gateway.fakes.profile import person_id

HOME_FEED = """
query Home($first: Int, $after: String) {
  homeFeed(first: $first, after: $after) {
    edges { cursor node { id body author { handle } commentCount reactions { emoji count viewerReacted } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""


def test_the_printed_schema_is_the_one_in_the_repository() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "gateway.schema"],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ".:proto/gen"},
        cwd=Path(gateway.__file__).parents[1],
    ).stdout
    assert printed == (Path(gateway.__file__).parent / "schema.graphql").read_text()


def test_every_field_of_the_root_may_be_null() -> None:
    kind = build_schema((Path(gateway.__file__).parent / "schema.graphql").read_text()).query_type
    assert kind is not None
    assert [name for name, field in kind.fields.items() if isinstance(field.type, GraphQLNonNull)] == []


async def test_a_service_that_does_not_answer_takes_nothing_of_the_others_with_it(node: Node) -> None:
    node.search.errors["Search"] = Unavailable("Not now.")
    body = await node.ask(
        '{ viewer { handle } search(query: "hops") { totalCount } homeFeed(first: 1) { edges { cursor } } }'
    )
    assert body["data"] == {
        "viewer": {"handle": "ann"},
        "search": None,
        "homeFeed": {"edges": [{"cursor": f"{EPOCH}:1"}]},
    }
    assert [(error["path"], error["extensions"]["code"]) for error in body["errors"]] == [(["search"], "unavailable")]


async def test_a_person_is_shown_while_the_feed_does_not_answer(node: Node) -> None:
    node.feed.errors["ListPersonPosts"] = Unavailable("Not now.")
    body = await node.ask("{ viewer { handle posts { edges { cursor } } } }")
    assert body["data"] == {"viewer": {"handle": "ann", "posts": None}}
    assert [error["path"] for error in body["errors"]] == [["viewer", "posts"]]


async def test_viewer_is_who_asks(node: Node) -> None:
    assert await node.ask("{ viewer { id handle } }") == {"data": {"viewer": {"id": person_id("ann"), "handle": "ann"}}}


async def test_home_feed_is_one_call_and_reads_as_promised(node: Node) -> None:
    body = await node.ask(HOME_FEED, {"first": 2, "after": f"{EPOCH}:9"})
    assert body == {
        "data": {
            "homeFeed": {
                "edges": [
                    {
                        "cursor": f"{EPOCH}:{number}",
                        "node": {
                            "id": post_id(number),
                            "body": f"Post *{number}*",
                            "author": {"handle": handle},
                            "commentCount": number,
                            "reactions": [
                                {"emoji": "🎉", "count": 2, "viewerReacted": True},
                                {"emoji": "👍", "count": 1, "viewerReacted": False},
                            ],
                        },
                    }
                    for number, handle in ((2, "ann"), (1, "bo"))
                ],
                "pageInfo": {"hasNextPage": True, "endCursor": f"{EPOCH}:1"},
            }
        }
    }
    [call] = node.feed.calls
    assert (call.method, call.request.first, call.request.after) == ("ListHomeFeed", 2, f"{EPOCH}:9")
    assert call.metadata["authorization"] == "Bearer token-of-ann"


async def test_a_page_is_twenty_items_unless_another_size_is_asked_for(node: Node) -> None:
    await node.ask("{ homeFeed { edges { cursor } } }")
    await node.ask("{ homeFeed(first: null) { edges { cursor } } }")
    assert [call.request.first for call in node.feed.calls] == [20, 20]


@pytest.mark.parametrize("first", [-1, 0, 101, 2**31 - 1])
async def test_a_page_size_out_of_bounds_names_the_argument(node: Node, first: int) -> None:
    body = await node.ask(HOME_FEED, {"first": first})
    assert body["errors"][0]["extensions"] == {"code": "page_size", "field": "first"}
    assert not node.feed.calls


async def test_times_are_iso_with_milliseconds_and_never_edited_is_null(node: Node) -> None:
    body = await node.ask("{ homeFeed(first: 2) { edges { node { createdAt editedAt bodyHtml } } } }")
    two, one = (edge["node"] for edge in body["data"]["homeFeed"]["edges"])
    assert one == {
        "createdAt": "2023-11-14T22:13:20.001Z",
        "editedAt": "2023-11-14T22:15:00.000Z",
        "bodyHtml": "<p>Post <em>1</em></p>\n",
    }
    assert two["editedAt"] is None


async def test_a_person_has_all_of_their_profile(node: Node) -> None:
    query = """query($handle: String) { person(handle: $handle) {
        id handle name title about region joinedAt followerCount followingCount viewerFollows
        timeZone workingHours { weekday startMinute endMinute } manager { handle manager { id } }
        posts(first: 1) { edges { node { id } } } } }"""
    body = await node.ask(query, {"handle": "bo"})
    assert body["data"]["person"] == {
        "id": person_id("bo"),
        "handle": "bo",
        "name": "Bo",
        "title": "bo's title",
        "about": "Hello.",
        "region": "stockholm",
        "joinedAt": "2023-11-14T22:13:20.123Z",
        "followerCount": 3,
        "followingCount": 2,
        "viewerFollows": False,
        "timeZone": "Europe/Stockholm",
        "workingHours": [{"weekday": "FRIDAY", "startMinute": 480, "endMinute": 1020}],
        "manager": {"handle": "ann", "manager": None},
        "posts": {"edges": [{"node": {"id": post_id(1)}}]},
    }
    assert [call.request.handle or call.request.id for call in node.profile.named("GetPerson")] == [
        "bo",
        person_id("ann"),
    ]


@pytest.mark.parametrize("arguments", ["", '(id: "x", handle: "y")'])
async def test_a_person_is_asked_for_by_exactly_one_name(node: Node, arguments: str) -> None:
    body = await node.ask(f"{{ person{arguments} {{ id }} }}")
    assert body["data"] == {"person": None}
    assert body["errors"][0]["extensions"] == {"code": "one_of", "field": "id"}


async def test_a_person_who_is_not_there_is_null_with_an_error(node: Node) -> None:
    body = await node.ask('{ person(handle: "nobody") { id } }')
    assert body["data"] == {"person": None}
    assert body["errors"][0]["extensions"] == {"code": "not_found", "field": "handle"}
    assert body["errors"][0]["path"] == ["person"]


async def test_the_profile_of_each_author_on_a_page_is_fetched_once_and_only_when_asked_for(node: Node) -> None:
    body = await node.ask("{ homeFeed { edges { node { author { handle title followerCount } } } } }")
    nodes = [edge["node"]["author"] for edge in body["data"]["homeFeed"]["edges"]]
    assert {author["title"] for author in nodes} == {"ann's title", "bo's title"}
    assert sorted(call.request.id for call in node.profile.named("GetPerson")) == sorted(map(person_id, ("ann", "bo")))


async def test_a_page_is_shown_while_profile_does_not_answer(node: Node) -> None:
    await node.ask("{ viewer { id } }")
    node.profile.errors["GetPerson"] = Unavailable("Not now.")
    body = await node.ask("{ homeFeed(first: 1) { edges { node { id author { handle title } } } } }")
    assert body["data"]["homeFeed"]["edges"][0]["node"]["author"] == {"handle": "bo", "title": None}
    assert body["errors"][0]["extensions"] == {"code": "unavailable"}


async def test_a_post_comes_with_its_comments_in_one_call(node: Node) -> None:
    query = "query($id: ID!, $n: Int) { post(id: $id) { ...P } } fragment P on Post { id comments(first: $n) { %s } }"
    body = await node.ask(query % "edges { cursor node { body author { handle } } }", {"id": post_id(1), "n": 7})
    assert [edge["node"]["body"] for edge in body["data"]["post"]["comments"]["edges"]] == ["Comment 1", "Comment 2"]
    [call] = node.feed.calls
    assert (call.method, call.request.first) == ("GetThread", 7)


@pytest.mark.parametrize(
    ("arguments", "first"),
    [("(first: 1)", 1), ("(first: 100)", 100), ("(first: null)", 20), ("", 20), ('(after: "7")', 20)],
)
async def test_a_page_that_stands_in_the_document_is_one_call_too(node: Node, arguments: str, first: int) -> None:
    query = "query($id: ID!) { post(id: $id) { ... { comments%s @include(if: true) { edges { cursor } } } } }"
    body = await node.ask(query % arguments, {"id": post_id(1)})
    assert "errors" not in body
    [call] = node.feed.calls
    assert (call.method, call.request.first) == ("GetThread", first)


@pytest.mark.parametrize("first", ["0", "-1", "101", "2147483647"])
async def test_a_page_of_a_wrong_size_is_told_so_wherever_the_size_stands(node: Node, first: str) -> None:
    query = "query($id: ID!) { post(id: $id) { id comments(first: N) { edges { cursor } } } }".replace("N", first)
    body = await node.ask(query, {"id": post_id(1)})
    assert [error["extensions"]["code"] for error in body["errors"]] == ["page_size"]


async def test_a_post_without_its_comments_is_one_call_too(node: Node) -> None:
    await node.ask("query($id: ID!) { post(id: $id) { id } }", {"id": post_id(1)})
    assert [call.method for call in node.feed.calls] == ["GetPost"]


async def test_two_pages_of_comments_are_both_right(node: Node) -> None:
    query = "query($id: ID!) { post(id: $id) { a: comments(first: 1) { %s } b: comments(first: 2) { %s } } }"
    body = await node.ask(query % (("edges { cursor }",) * 2), {"id": post_id(1)})
    assert set(body["data"]["post"]) == {"a", "b"}
    assert sorted(call.request.first for call in node.feed.named("GetThread")) == [1, 2]


async def test_a_wrong_cursor_for_comments_leaves_the_post(node: Node) -> None:
    node.feed.errors["GetThread"] = Invalid("That is not a cursor.", code="malformed_cursor", field="after")
    body = await node.ask(
        'query($id: ID!) { post(id: $id) { comments(after: "x") { edges { cursor } } } }', {"id": "p"}
    )
    assert body["errors"][0]["extensions"] == {"code": "malformed_cursor", "field": "after"}
    assert body["errors"][0]["path"] == ["post", "comments"]


async def test_an_empty_idempotency_key_is_refused_and_not_taken_for_none(node: Node) -> None:
    await node.ask(CREATE, {"input": {"body": "Hello", "idempotencyKey": ""}})
    [command] = node.feed.named("PublishPost")
    assert command.request.context.idempotency_key == " "  # which no service takes for a key


async def test_errors_about_an_id_name_the_argument(node: Node) -> None:
    node.feed.errors["GetPost"] = Invalid("That is not an id.", code="malformed_id", field="post_id")
    body = await node.ask('{ post(id: "nonsense") { id } }')
    assert body["errors"][0]["extensions"] == {"code": "malformed_id", "field": "id"}


async def test_a_node_is_whatever_has_that_id(node: Node) -> None:
    query = "query($id: ID!) { node(id: $id) { __typename id ... on Person { handle } ... on Post { body } } }"
    found = await node.ask(query, {"id": post_id(1)})
    assert found["data"]["node"]["__typename"] == "Post"
    node.feed.errors["GetPost"] = NotFound("There is no such post.", field="post_id")
    found = await node.ask(query, {"id": person_id("bo")})
    assert found["data"]["node"] == {"__typename": "Person", "id": person_id("bo"), "handle": "bo"}
    found = await node.ask(
        "query($id: ID!) { node(id: $id) { id ... on Comment { body hidden author { handle } } } }",
        {"id": comment(2).id},
    )
    shown = {"id": comment(2).id, "body": "Comment 2", "hidden": False, "author": {"handle": "bo"}}
    assert found == {"data": {"node": shown}}
    missing = await node.ask(query, {"id": person_id("nobody")})
    assert (missing["data"], missing["errors"][0]["extensions"]["code"]) == ({"node": None}, "not_found")


CREATE = """mutation($input: CreatePostInput!) { createPost(input: $input) {
  post { id body createdAt author { id handle } } errors { code message field } } }"""
FOLLOW = "mutation($input: FollowPersonInput!) { followPerson(input: $input) { errors { code message field } } }"
DELETE = "mutation($input: DeletePostInput!) { deletePost(input: $input) { errors { code message field } } }"


async def test_the_promised_mutations_answer_as_promised(node: Node) -> None:
    created = await node.ask(CREATE, {"input": {"body": "Hello", "idempotencyKey": "k1"}})
    assert created == {
        "data": {
            "createPost": {
                "post": {
                    "id": post_id(1),
                    "body": "Hello",
                    "createdAt": "2023-11-14T22:13:20.001Z",
                    "author": {"id": person_id("ann"), "handle": "ann"},
                },
                "errors": [],
            }
        }
    }
    followed = await node.ask(FOLLOW, {"input": {"personId": person_id("bo"), "idempotencyKey": "k2"}})
    assert followed == {"data": {"followPerson": {"errors": []}}}
    deleted = await node.ask(DELETE, {"input": {"postId": post_id(1), "idempotencyKey": "k3"}})
    assert deleted == {"data": {"deletePost": {"errors": []}}}
    commands = node.feed.named("PublishPost") + node.profile.named("Follow") + node.feed.named("DeletePost")
    assert [call.request.context.idempotency_key for call in commands] == ["k1", "k2", "k3"]


MUTATIONS: list[tuple[str, dict[str, Any], str, Any]] = [
    ("updateProfile", {"name": "Ann B"}, "person { handle }", {"person": {"handle": "ann"}}),
    ("followPerson", {"personId": "p"}, "person { handle }", {"person": {"handle": "bo"}}),
    ("unfollowPerson", {"personId": "p"}, "person { handle }", {"person": {"handle": "bo"}}),
    ("createPost", {"body": "x"}, "post { body }", {"post": {"body": "x"}}),
    ("editPost", {"postId": "p", "body": "y"}, "post { body }", {"post": {"body": "y"}}),
    ("deletePost", {"postId": "p"}, "deletedPostId", {"deletedPostId": "p"}),
    ("addComment", {"postId": "p", "body": "z"}, "comment { body }", {"comment": {"body": "Comment 1"}}),
    ("deleteComment", {"commentId": "c"}, "deletedCommentId", {"deletedCommentId": "c"}),
    ("react", {"targetId": "p", "emoji": "🎉"}, "target { __typename }", {"target": {"__typename": "Post"}}),
    ("unreact", {"targetId": "c", "emoji": "💬"}, "target { __typename }", {"target": {"__typename": "Comment"}}),
]


ON_POSTS = ("AddComment", "DeleteComment", "React", "Unreact")


def _mutation(name: str, selection: str) -> str:
    kind = name[0].upper() + name[1:]
    return (
        f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {selection} errors {{ code message field }} }} }}"
    )


@pytest.mark.parametrize(("name", "given", "selection", "changed"), MUTATIONS)
async def test_a_mutation_returns_what_it_changed(
    node: Node, name: str, given: dict[str, Any], selection: str, changed: Any
) -> None:
    body = await node.ask(_mutation(name, selection), {"input": given})
    assert body == {"data": {name: {**changed, "errors": []}}}
    [command] = [call for call in node.feed.calls + node.profile.calls if call.method != "SignIn"]
    assert command.request.context.idempotency_key.startswith("stockholm_")


async def test_who_was_erased_is_unfollowed_and_not_shown(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node.profile, "unfollowed", None)

    body = await node.ask(_mutation("unfollowPerson", "person { handle }"), {"input": {"personId": "p"}})

    assert body == {"data": {"unfollowPerson": {"person": None, "errors": []}}}


@pytest.mark.parametrize(("name", "given", "selection", "changed"), MUTATIONS)
async def test_a_mutation_that_is_refused_says_why_in_its_payload(
    node: Node, name: str, given: dict[str, Any], selection: str, changed: Any
) -> None:
    await node.ask("{ viewer { id } }")
    methods = (
        "EditProfile Follow Unfollow PublishPost EditPost DeletePost AddComment DeleteComment React Unreact".split()
    )
    for method in methods:
        node.feed.errors[method] = node.profile.errors[method] = Conflict("Too late.", code="moved", field="post_id")
    body = await node.ask(_mutation(name, selection), {"input": given})
    refused = [{"code": "moved", "message": "Too late.", "field": "postId"}]
    assert body == {"data": {name: {**dict.fromkeys(changed), "errors": refused}}}


async def test_profile_fields_that_are_not_given_are_not_sent(node: Node) -> None:
    await node.ask(_mutation("updateProfile", ""), {"input": {"title": "", "about": None}})
    [call] = node.profile.named("EditProfile")
    assert {field.name for field, _ in call.request.ListFields()} == {"context", "title"}


async def test_a_profile_is_sent_with_all_that_is_given(node: Node) -> None:
    hours = [{"weekday": "SUNDAY", "startMinute": 0, "endMinute": 1440}]
    given = {"managerId": person_id("bo"), "timeZone": "Asia/Tokyo", "workingHours": hours}
    await node.ask(_mutation("updateProfile", ""), {"input": given})
    request = node.profile.named("EditProfile")[0].request
    assert (request.manager_id, request.time_zone) == (person_id("bo"), "Asia/Tokyo")
    assert [(span.weekday, span.start_minute, span.end_minute) for span in request.working_hours.hours] == [
        (7, 0, 1440)
    ]


async def test_hours_that_cannot_be_sent_are_refused_in_the_payload(node: Node) -> None:
    hours = [{"weekday": "SUNDAY", "startMinute": -1, "endMinute": 1440}]
    body = await node.ask(_mutation("updateProfile", ""), {"input": {"workingHours": hours}})
    [error] = body["data"]["updateProfile"]["errors"]
    assert (error["code"], error["field"]) == ("invalid_value", "startMinute")


async def test_an_error_without_a_field_has_none(node: Node) -> None:
    node.feed.errors["PublishPost"] = Forbidden("You may not.", code="role_missing")
    body = await node.ask(CREATE, {"input": {"body": "x"}})
    assert body["data"]["createPost"]["errors"] == [{"code": "role_missing", "message": "You may not.", "field": None}]


async def test_what_nobody_foresaw_is_internal_and_says_no_more(node: Node, caplog: pytest.LogCaptureFixture) -> None:
    node.feed.errors["PublishPost"] = node.feed.errors["GetPost"] = RuntimeError("the secret of the database")
    mutated = await node.ask(CREATE, {"input": {"body": "x"}})
    asked = await node.ask('{ post(id: "x") { id } }')
    assert mutated["data"]["createPost"]["errors"][0]["code"] == "internal"
    assert asked["errors"][0]["extensions"] == {"code": "internal"}
    assert "secret" not in str(mutated) + str(asked)
    assert "secret" in caplog.text


@pytest.mark.parametrize(
    ("query", "variables", "path"),
    [
        (CREATE, {"input": {"body": "a\ud800b"}}, "payload:body"),
        (CREATE, {"input": {"body": "b", "idempotencyKey": "\udfff"}}, "payload:idempotencyKey"),
        (FOLLOW, {"input": {"personId": "\ud800"}}, "payload:personId"),
        ("query($h: String) { person(handle: $h) { id } }", {"h": "\ud800"}, "handle"),
        ("query($i: ID!) { post(id: $i) { id } }", {"i": "\ud800"}, "id"),
        (HOME_FEED, {"after": "\ud800"}, "after"),
    ],
)
async def test_a_lone_surrogate_names_the_field_that_holds_it(
    node: Node, query: str, variables: Any, path: str
) -> None:
    body = await node.ask(query, variables)
    if path.startswith("payload:"):
        [payload] = body["data"].values()
        [error] = payload["errors"]
        assert (error["code"], error["field"]) == ("control_characters", path.removeprefix("payload:"))
    else:
        assert body["errors"][0]["extensions"] == {"code": "control_characters", "field": path}


async def test_a_lone_surrogate_in_the_query_is_a_syntax_error_that_can_be_sent(node: Node) -> None:
    response = await node.post({"query": '{ post(id: "\ud800") { id } }'})
    assert response.status_code == 200
    assert response.json()["errors"][0]["extensions"]["code"] in ("graphql_syntax", "control_characters")


async def test_both_ways_of_executing_answer_the_same() -> None:
    """The schema's own types, through compiled code and through graphql-core alone."""
    from gateway.executor import CompiledExecutor

    query = """{ homeFeed(first: 3) { __typename edges { c: cursor node { ...P author { __typename id handle name region
        title } } } pageInfo { hasNextPage endCursor } } }
        fragment P on Post { id body bodyHtml createdAt editedAt commentCount reactions { emoji count viewerReacted } }"""
    async with open_node() as node:
        compiled = await node.ask(query)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(CompiledExecutor, "_plan", lambda *_: None)
            assert await node.ask(query) == compiled
        metrics = (await node.client.get("/metrics")).text
        assert "samverka_gateway_objects_compiled" in metrics
