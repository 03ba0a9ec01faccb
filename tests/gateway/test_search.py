"""Searching in the contract with frontends: one call, and each field as promised."""

from __future__ import annotations

import pytest

from samverka.search.v1 import search_views_pb2 as search_views
from services.chassis.errors import Invalid
from tests.gateway.fakes.answering import EPOCH
from tests.gateway.fakes.content import GROUP_ID, post_id
from tests.gateway.fakes.node import Node
from tests.gateway.fakes.profile import person_id

SEARCH = """
    query($text: String!, $first: Int, $after: String) { search(query: $text, first: $first, after: $after) {
        edges { cursor node {
            kind id title postId createdAt snippet { text matched } author { id handle name } group { id name }
        } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount coverage { region sequence asOf }
    } }
"""


async def test_a_page_of_hits_is_one_call_and_reads_as_promised(node: Node) -> None:
    body = await node.ask(SEARCH, {"text": "bus", "first": 2, "after": "x"})
    found = body["data"]["search"]
    common = {
        "snippet": [{"text": "By ", "matched": False}, {"text": "bus", "matched": True}],
        "author": {"id": person_id("bo"), "handle": "bo", "name": "Bo"},
        "group": {"id": GROUP_ID, "name": "Chess"},
    }
    question = {"kind": "QUESTION", "id": post_id(1), "title": "How?", "postId": None}
    answer = {"kind": "ANSWER", "id": post_id(2), "title": None, "postId": post_id(1)}
    assert [edge["node"] for edge in found["edges"]] == [
        {**question, **common, "createdAt": "2023-11-14T22:13:20.001Z"},
        {**answer, **common, "createdAt": "2023-11-14T22:13:20.002Z"},
    ]
    assert found["edges"][0]["cursor"] == f"{EPOCH}:after-1"
    assert found["pageInfo"]["endCursor"] == f"{EPOCH}:after-2"
    assert found["totalCount"] == 3_000_000_000
    assert found["coverage"] == [
        {"region": "stockholm", "sequence": 7, "asOf": "2023-11-14T22:13:20.123Z"},
        {"region": "tokyo", "sequence": 9, "asOf": None},
    ]
    (call,) = node.search.calls
    assert (call.method, call.request.query, call.request.first, call.request.after) == ("Search", "bus", 2, "x")


async def test_a_group_whose_founder_was_erased_has_no_author(node: Node) -> None:
    group = search_views.Hit(kind=search_views.HIT_KIND_GROUP, id=GROUP_ID, title="Chess")
    node.search.hits = search_views.HitConnection(edges=[search_views.HitEdge(node=group)])
    body = await node.ask('{ search(query: "chess") { edges { node { kind id title author { name } } } } }')
    assert [edge["node"] for edge in body["data"]["search"]["edges"]] == [
        {"kind": "GROUP", "id": GROUP_ID, "title": "Chess", "author": None}
    ]


async def test_an_error_of_the_query_is_told_with_its_code(node: Node) -> None:
    node.search.errors["Search"] = Invalid("Never closed at character 3.", code="unclosed_phrase", field="query")
    body = await node.ask(SEARCH, {"text": 'a "b'})
    assert body["data"] == {"search": None}
    assert body["errors"][0]["message"] == "Never closed at character 3."
    assert body["errors"][0]["extensions"] == {"code": "unclosed_phrase", "field": "query"}


async def test_suggestions_are_one_call(node: Node) -> None:
    body = await node.ask('{ complete(prefix: "bo", first: 5) { kind text id handle region } }')
    assert body["data"]["complete"] == [
        {"kind": "PERSON", "text": "Bo", "id": person_id("bo"), "handle": "bo", "region": "stockholm"},
        {"kind": "TOPIC", "text": "boats", "id": None, "handle": None, "region": None},
    ]
    (call,) = node.search.calls
    assert (call.method, call.request.prefix, call.request.first) == ("Complete", "bo", 5)


@pytest.mark.parametrize(
    "asked", ['search(query: "a", first: 101) { totalCount }', 'complete(prefix: "a", first: 0) { text }']
)
async def test_a_page_that_is_too_large_or_none_is_refused_before_anybody_is_asked(node: Node, asked: str) -> None:
    body = await node.ask(f"{{ {asked} }}")
    assert body["errors"][0]["extensions"] == {"code": "page_size", "field": "first"}
    assert node.search.calls == []
