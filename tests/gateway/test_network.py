"""The contract with frontends about the network: what each field is answered with, and by how many calls."""

from __future__ import annotations

import pytest

from services.chassis.errors import Forbidden, Invalid, NotFound
from tests.gateway.fakes.content import post_id
from tests.gateway.fakes.node import Node
from tests.gateway.fakes.profile import person_id

NETWORK = """
{ network {
    region
    peers { region state lastContactAt eventsBehind heldSequence holdsOfOurs reportedAt refusedEvents }
    alarms { code region message }
    refusals { origin actor reason events }
} }
"""
ERASE = """
mutation($input: RequestErasureInput!) {
  requestErasure(input: $input) { erasure { id personId orderedAt regions { region state at } } errors { code field } }
}
"""


async def test_the_network_reads_as_promised(node: Node) -> None:
    body = await node.ask(NETWORK)

    austin, tokyo = body["data"]["network"]["peers"]
    assert austin == {
        "region": "austin",
        "state": "CONNECTED",
        "lastContactAt": "2023-11-14T22:13:20.000Z",
        "eventsBehind": 3,
        "heldSequence": 2**40,
        "holdsOfOurs": 7,
        "reportedAt": "2023-11-14T22:13:20.001Z",
        "refusedEvents": 1,
    }
    assert (tokyo["state"], tokyo["lastContactAt"], tokyo["eventsBehind"]) == ("NEVER", None, None)
    assert body["data"]["network"]["alarms"] == [
        {"code": "link_silent", "region": "tokyo", "message": "Nothing was heard from tokyo."}
    ]
    assert body["data"]["network"]["refusals"][0]["reason"] == "owner"
    assert [call.method for call in node.network.calls] == ["GetNetwork"]


async def test_an_erasure_is_ordered_under_the_clients_key_and_shows_every_region(node: Node) -> None:
    body = await node.ask(ERASE, {"input": {"personId": person_id("ann"), "idempotencyKey": "k1"}})

    erasure = body["data"]["requestErasure"]["erasure"]
    assert body["data"]["requestErasure"]["errors"] == []
    assert erasure["personId"] == person_id("ann")
    assert erasure["regions"] == [
        {"region": "stockholm", "state": "DONE", "at": "2023-11-14T22:13:20.001Z"},
        {"region": "tokyo", "state": "WAITING", "at": None},
    ]
    [call] = node.network.calls
    assert (call.request.person_id, call.request.context.idempotency_key) == (person_id("ann"), "k1")


@pytest.mark.parametrize(
    "error",
    [
        Forbidden("Not you.", field="person_id"),
        Invalid("Elsewhere.", code="home_elsewhere", field="person_id"),
        NotFound("Nobody.", code="person_not_found", field="person_id"),
    ],
    ids=lambda error: error.code,
)
async def test_why_nobody_was_erased_is_part_of_the_answer(node: Node, error: Forbidden) -> None:
    node.network.errors["OrderErasure"] = error

    body = await node.ask(ERASE, {"input": {"personId": person_id("bo")}})

    assert body["data"]["requestErasure"] == {"erasure": None, "errors": [{"code": error.code, "field": "personId"}]}


async def test_an_erasure_is_found_by_its_id(node: Node) -> None:
    body = await node.ask("query($id: ID!) { erasure(id: $id) { id } }", {"id": person_id("x")})

    assert body["data"]["erasure"]["id"]
    assert node.network.calls[0].request.erasure_id == person_id("x")


async def test_an_erasure_that_is_not_there_names_the_argument(node: Node) -> None:
    node.network.errors["GetErasure"] = NotFound("None.", code="erasure_not_found", field="erasure_id")

    body = await node.ask("query($id: ID!) { erasure(id: $id) { id } }", {"id": person_id("x")})

    assert body["data"] == {"erasure": None}
    assert body["errors"][0]["extensions"] == {"code": "erasure_not_found", "field": "id"}


async def test_delivery_is_asked_for_only_where_it_is_selected(node: Node) -> None:
    without = await node.ask("query($id: ID!) { post(id: $id) { id } }", {"id": post_id(1)})
    assert "errors" not in without
    assert not node.feed.named("GetDelivery")

    body = await node.ask("query($id: ID!) { post(id: $id) { delivery { region state at } } }", {"id": post_id(1)})

    assert body["data"]["post"]["delivery"] == [
        {"region": "austin", "state": "ARRIVED", "at": "2023-11-14T22:13:20.000Z"},
        {"region": "tokyo", "state": "WAITING", "at": None},
    ]
    assert [call.request.post_id for call in node.feed.named("GetDelivery")] == [post_id(1)]
