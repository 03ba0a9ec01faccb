"""Questions in the contract with frontends: what each field is answered with, and by how many calls."""

from __future__ import annotations

from typing import Any

import pytest

from samverka.feed.v1 import feed_service_pb2 as feed_service
from samverka.feed.v1.feed_events_pb2 import POST_KIND_QUESTION, POST_KIND_UNSPECIFIED
from services.chassis.errors import Conflict, NotFound
from tests.gateway.fakes.content import GROUP_ID, comment, post_id
from tests.gateway.fakes.node import Node

WHOLE = "kind title topics answerCount helpfulCount viewerMarkedHelpful"
HOW = {
    "kind": "QUESTION",
    "title": "How?",
    "topics": ["chess", "go"],
    "answerCount": 2,
    "helpfulCount": 3,
    "viewerMarkedHelpful": True,
}
NOTE: dict[str, Any] = {
    "kind": "NOTE",
    "title": None,
    "topics": [],
    "answerCount": 0,
    "helpfulCount": 0,
    "viewerMarkedHelpful": False,
}


async def test_questions_are_one_call_that_names_what_is_wanted(node: Node) -> None:
    query = """
        query($g: ID) { questions(filter: UNANSWERED, topic: "go", groupId: $g, first: 2) { edges { node { %s } } } }
    """
    body = await node.ask(query % WHOLE, {"g": GROUP_ID})
    assert body == {"data": {"questions": {"edges": [{"node": HOW}]}}}
    [call] = node.feed.calls
    asked = (call.request.filter, call.request.topic, call.request.group_id, call.request.first)
    assert asked == (feed_service.QUESTION_FILTER_UNANSWERED, "go", GROUP_ID, 2)


async def test_all_questions_are_asked_for_without_a_filter(node: Node) -> None:
    await node.ask("{ questions { edges { cursor } } }")
    [call] = node.feed.calls
    assert (call.request.filter, call.request.topic, call.request.group_id) == (0, "", "")


async def test_what_is_no_question_is_a_note_without_an_accepted_answer(node: Node) -> None:
    body = await node.ask(f"{{ homeFeed(first: 1) {{ edges {{ node {{ {WHOLE} acceptedAnswer {{ id }} }} }} }} }}")
    assert body["data"]["homeFeed"]["edges"][0]["node"] == {**NOTE, "acceptedAnswer": None}
    assert [call.method for call in node.feed.calls] == ["ListHomeFeed"]


async def test_the_accepted_answer_is_fetched_where_there_is_one(node: Node) -> None:
    query = "{ questions { edges { node { acceptedAnswer { id answer helpfulCount viewerMarkedHelpful } } } } }"
    body = await node.ask(query)
    answer = {"id": comment(1).id, "answer": False, "helpfulCount": 0, "viewerMarkedHelpful": False}
    assert body["data"]["questions"]["edges"][0]["node"]["acceptedAnswer"] == answer
    assert [call.method for call in node.feed.calls] == ["ListQuestions", "GetComment"]


async def test_an_accepted_answer_that_is_gone_since_is_null_with_an_error(node: Node) -> None:
    node.feed.errors["GetComment"] = NotFound("There is no such comment.", code="comment_not_found")
    body = await node.ask("{ questions { edges { node { acceptedAnswer { id } } } } }")
    assert body["data"]["questions"]["edges"][0]["node"] == {"acceptedAnswer": None}
    assert body["errors"][0]["extensions"]["code"] == "comment_not_found"


async def test_mentions_are_one_call(node: Node) -> None:
    body = await node.ask("{ mentions(first: 2) { edges { node { post { id } comment { id } } } } }")
    assert [edge["node"] for edge in body["data"]["mentions"]["edges"]] == [
        {"post": {"id": post_id(2)}, "comment": {"id": comment(1).id}},
        {"post": {"id": post_id(1)}, "comment": None},
    ]
    assert [call.method for call in node.feed.calls] == ["ListMentions"]


async def test_a_question_is_published_and_answered_as_it_was_asked(node: Node) -> None:
    create = "mutation($input: CreatePostInput!) { createPost(input: $input) { errors { code } } }"
    await node.ask(create, {"input": {"body": "x", "kind": "QUESTION", "title": "How?"}})
    await node.ask(create, {"input": {"body": "x"}})
    asked = [(call.request.kind, call.request.title) for call in node.feed.named("PublishPost")]
    assert asked == [(POST_KIND_QUESTION, "How?"), (POST_KIND_UNSPECIFIED, "")]

    add = "mutation($input: AddCommentInput!) { addComment(input: $input) { errors { code } } }"
    as_asked: tuple[dict[str, Any], ...] = ({"answer": True}, {})
    for given in as_asked:
        await node.ask(add, {"input": {"postId": "p", "body": "x", **given}})
    assert [call.request.answer for call in node.feed.named("AddComment")] == [True, False]

    edit = "mutation($input: EditPostInput!) { editPost(input: $input) { errors { code } } }"
    as_titled: tuple[dict[str, Any], ...] = ({"title": "Why?"}, {})
    for given in as_titled:
        await node.ask(edit, {"input": {"postId": "p", "body": "x", **given}})
    assert [call.request.HasField("title") for call in node.feed.named("EditPost")] == [True, False]


MUTATIONS: list[tuple[str, dict[str, Any], str, Any]] = [
    (
        "acceptAnswer",
        {"commentId": "c"},
        "post { title } moderation { state }",
        {"post": {"title": "How?"}, "moderation": None},
    ),
    (
        "unacceptAnswer",
        {"postId": "p"},
        "post { title } moderation { state }",
        {"post": {"title": "How?"}, "moderation": {"state": "PENDING"}},
    ),
    ("markHelpful", {"targetId": post_id(1)}, "target { __typename }", {"target": {"__typename": "Post"}}),
    ("unmarkHelpful", {"targetId": post_id(1)}, "target { __typename }", {"target": {"__typename": "Post"}}),
]


def _mutation(name: str, selection: str) -> str:
    kind = name[0].upper() + name[1:]
    return f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {selection} errors {{ code field }} }} }}"


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
    node.feed.errors[name[0].upper() + name[1:]] = Conflict("Too late.", code="moved", field="post_id")
    body = await node.ask(_mutation(name, selection), {"input": given})
    assert body == {"data": {name: {**dict.fromkeys(changed), "errors": [{"code": "moved", "field": "postId"}]}}}
