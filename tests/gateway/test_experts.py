"""Experts in the contract with frontends: one call, and each field as promised."""

from __future__ import annotations

from tests.gateway.fakes.content import post_id
from tests.gateway.fakes.node import Node
from tests.gateway.fakes.profile import person_id

EXPERTS = """
    query($awake: Boolean!, $first: Int) { experts(about: "boats", awakeNow: $awake, first: $first) {
        experts {
            person { id handle name region } skill { text matched } recognitions { badgeId name count latestId }
            recentAnswerCount atWork nextAtWork
            answers { count acceptedCount helpfulCount bestId postId title latestAt }
        }
        coverage { region sequence asOf }
    } }
"""


async def test_experts_are_one_call_and_read_as_promised(node: Node) -> None:
    body = await node.ask(EXPERTS, {"awake": True, "first": 3})
    bo, al = body["data"]["experts"]["experts"]
    assert bo == {
        "person": {"id": person_id("bo"), "handle": "bo", "name": "Bo", "region": "stockholm"},
        "skill": [{"text": "boats", "matched": True}],
        "answers": {
            "count": 3,
            "acceptedCount": 1,
            "helpfulCount": 7,
            "bestId": post_id(2),
            "postId": post_id(1),
            "title": "How?",
            "latestAt": "2023-11-14T22:13:20.002Z",
        },
        "recognitions": [{"badgeId": None, "name": "Care", "count": 2, "latestId": post_id(3)}],
        "recentAnswerCount": 4,
        "atWork": False,
        "nextAtWork": "2023-11-14T22:13:20.123Z",
    }
    assert al == {
        "person": {"id": person_id("al"), "handle": "al", "name": "Al", "region": "tokyo"},
        "skill": [],
        "answers": None,
        "recognitions": [],
        "recentAnswerCount": 0,
        "atWork": None,
        "nextAtWork": None,
    }
    assert body["data"]["experts"]["coverage"] == [
        {"region": "stockholm", "sequence": 7, "asOf": "2023-11-14T22:13:20.123Z"}
    ]
    (call,) = node.search.calls
    assert (call.method, call.request.about, call.request.awake_now, call.request.first) == (
        "FindExperts",
        "boats",
        True,
        3,
    )


async def test_five_are_asked_for_awake_or_not_if_nothing_else_is_said(node: Node) -> None:
    await node.ask('{ experts(about: "boats") { coverage { region } } }')
    (call,) = node.search.calls
    assert (call.request.awake_now, call.request.first) == (False, 5)


async def test_none_are_not_asked_for(node: Node) -> None:
    body = await node.ask(EXPERTS, {"awake": False, "first": 0})
    assert body["errors"][0]["extensions"] == {"code": "page_size", "field": "first"}
    assert node.search.calls == []
