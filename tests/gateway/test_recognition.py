"""Recognition in the contract with frontends: what each field is answered with, and by how many calls."""

from __future__ import annotations

from typing import Any

import pytest

from samverka.feed.v1.feed_service_pb2 import GetPostResponse
from samverka.recognition.v1 import recognition_events_pb2 as events
from samverka.recognition.v1.recognition_service_pb2 import GetBadgeResponse
from services.chassis.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from services.chassis.ids import derive
from tests.gateway.fakes.answering import EPOCH, REGION
from tests.gateway.fakes.content import post, post_id
from tests.gateway.fakes.node import Node
from tests.gateway.fakes.profile import person_id
from tests.gateway.fakes.recognition import badge, recognition
from tests.gateway.running import run_server
from tests.gateway.test_sockets import opened

BADGE = "id name criteria kind region value monthlyLimit awarderIds retired viewerAwarded"
HAND = {
    "id": badge().id,
    "name": "Hand",
    "criteria": "For *help*.",
    "kind": "PEER",
    "region": "stockholm",
    "value": "Care",
    "monthlyLimit": 3,
    "awarderIds": [],
    "retired": False,
    "viewerAwarded": 1,
}
GIVEN = f"id giver {{ handle }} receivers {{ handle }} message messageHtml value visibility givenAt badge {{ {BADGE} }}"
THANKS = {
    "id": recognition(2).id,
    "giver": {"handle": "ann"},
    "receivers": [{"handle": "bo"}],
    "message": "Thank *you*",
    "messageHtml": "<p>Thank <em>you</em></p>\n",
    "value": None,
    "visibility": "PUBLIC",
    "givenAt": "2023-11-14T22:13:20.123Z",
    "badge": None,
}
AWARD = {**THANKS, "id": recognition(1).id, "value": "Care", "visibility": "PRIVATE", "badge": HAND}
STATEMENT = f"""query($of: ID) {{
    reviewStatement(personId: $of, from: "2023-01-01T01:00:00+01:00", to: "2024-01-01T00:00:00Z", first: 2) {{
        person {{ handle }} from to total thanks badges {{ count badge {{ name }} }} values {{ value count }}
        evidence {{ edges {{ node {{ {GIVEN} }} }} }} }} }}"""


async def test_a_page_of_recognition_is_one_call_and_reads_as_promised(node: Node) -> None:
    query = f"query($of: ID) {{ recognitions(personId: $of, first: 5) {{ edges {{ cursor node {{ {GIVEN} }} }} }} }}"

    body = await node.ask(query, {"of": person_id("bo")})

    edges = body["data"]["recognitions"]["edges"]
    assert edges == [{"cursor": f"{EPOCH}:2", "node": THANKS}, {"cursor": f"{EPOCH}:1", "node": AWARD}]
    [call] = node.recognition.calls
    assert (call.method, call.request.person_id, call.request.first) == ("ListRecognitions", person_id("bo"), 5)


async def test_who_somebody_is_comes_along_and_the_rest_is_fetched(node: Node) -> None:
    body = await node.ask("{ recognitions { edges { node { giver { id name region } receivers { title } } } } }")

    [first, _] = (edge["node"] for edge in body["data"]["recognitions"]["edges"])
    assert first["giver"] == {"id": person_id("ann"), "name": "Ann", "region": "stockholm"}
    assert first["receivers"] == [{"title": "bo's title"}]


async def test_badges_are_one_call(node: Node) -> None:
    body = await node.ask(f"{{ badges(retiredToo: true) {{ edges {{ node {{ {BADGE} }} }} }} }}")

    assert [edge["node"] for edge in body["data"]["badges"]["edges"]] == [HAND]
    [call] = node.recognition.calls
    assert (call.method, call.request.retired_too) == ("ListBadges", True)


async def test_a_badge_without_limit_or_value_has_null(node: Node) -> None:
    node.feed.errors["GetPost"] = NotFound("None.", code="post_not_found", field="post_id")
    node.recognition.answers["GetBadge"] = lambda request: _badge_answer(monthly_limit=0, value="")

    body = await node.ask(
        "query($id: ID!) { node(id: $id) { ... on Badge { monthlyLimit value } } }", {"id": badge().id}
    )

    assert body["data"]["node"] == {"monthlyLimit": None, "value": None}


async def test_a_statement_is_one_call_about_oneself_unless_another_is_named(node: Node) -> None:
    body = await node.ask(STATEMENT)
    await node.ask(STATEMENT, {"of": person_id("bo")})

    assert body["data"]["reviewStatement"] == {
        "person": {"handle": "bo"},
        "from": "2023-01-01T00:00:00.000Z",
        "to": "2024-01-01T00:00:00.000Z",
        "total": 2,
        "thanks": 1,
        "badges": [{"count": 1, "badge": {"name": "Hand"}}],
        "values": [{"value": "Care", "count": 1}],
        "evidence": {"edges": [{"node": THANKS}, {"node": AWARD}]},
    }
    asked = [call.request for call in node.recognition.named("GetReviewStatement")]
    assert [request.person_id for request in asked] == [person_id("ann"), person_id("bo")]
    assert (asked[0].from_ms, asked[0].to_ms, asked[0].first) == (1_672_531_200_000, 1_704_067_200_000, 2)


@pytest.mark.parametrize("moment", ["yesterday", "2024-01-01", "2024-01-01T00:00:00", ""])
async def test_a_moment_without_a_time_zone_is_none(node: Node, moment: str) -> None:
    query = "query($to: DateTime!) { reviewStatement(from: $to, to: $to) { total } }"

    body = await node.ask(query, {"to": moment})

    assert body["errors"][0]["extensions"]["code"] == "graphql_invalid"
    assert not node.recognition.calls


async def test_what_one_may_not_read_is_null_with_its_code(node: Node) -> None:
    node.recognition.errors["GetReviewStatement"] = Forbidden("Not you.", code="not_manager", field="person_id")

    body = await node.ask(STATEMENT, {"of": person_id("bo")})

    assert body["errors"][0]["extensions"] == {"code": "not_manager", "field": "personId"}


async def test_a_time_that_cannot_be_is_told_by_the_name_of_its_argument(node: Node) -> None:
    node.recognition.errors["GetReviewStatement"] = Invalid("Too early.", code="out_of_range", field="to_ms")

    body = await node.ask(STATEMENT)

    assert body["errors"][0]["extensions"] == {"code": "out_of_range", "field": "to"}


async def test_an_empty_id_is_neither_everybodys_nor_ones_own(node: Node) -> None:
    body = await node.ask("query($of: ID) { recognitions(personId: $of) { edges { cursor } } }", {"of": ""})
    await node.ask(STATEMENT, {"of": ""})

    assert body["errors"][0]["extensions"] == {"code": "malformed_id", "field": "personId"}
    assert not node.recognition.named("ListRecognitions")
    [stated] = node.recognition.named("GetReviewStatement")
    assert stated.request.person_id == "", "which the service takes for no id"


async def test_a_recognition_and_a_badge_are_nodes(node: Node) -> None:
    node.feed.errors["GetPost"] = NotFound("None.", code="post_not_found", field="post_id")
    query = "query($id: ID!) { node(id: $id) { __typename id } }"
    for kind, its_id in (("Recognition", recognition(1).id), ("Badge", badge().id)):
        assert (await node.ask(query, {"id": its_id}))["data"]["node"] == {"__typename": kind, "id": its_id}


async def test_praise_shows_its_recognition_and_another_post_asks_for_none(node: Node) -> None:
    query = "query($id: ID!) { node(id: $id) { ... on Post { recognition { id } } } }"
    assert (await node.ask(query, {"id": post_id(1)}))["data"]["node"] == {"recognition": None}
    asked = len(node.recognition.named("GetRecognition"))  # by its id, the node could be a recognition
    praise = post(1)
    praise.recognition_id = recognition(1).id
    node.feed.answers["GetPost"] = lambda request: GetPostResponse(post=praise)

    body = await node.ask(query, {"id": post_id(1)})

    assert body["data"]["node"] == {"recognition": {"id": recognition(1).id}}
    wanted = [call.request.recognition_id for call in node.recognition.named("GetRecognition")[asked:]]
    assert wanted == [post_id(1), recognition(1).id]


MUTATIONS: list[tuple[str, dict[str, Any], str, dict[str, Any], str]] = [
    (
        "giveThanks",
        {"receiverIds": [person_id("bo")], "message": "m", "value": "v", "visibility": "PRIVATE"},
        f"recognition {{ {GIVEN} }}",
        {"recognition": THANKS},
        "GiveThanks",
    ),
    (
        "awardBadge",
        {"badgeId": badge().id, "receiverId": person_id("bo"), "message": "m"},
        f"recognition {{ {GIVEN} }}",
        {"recognition": AWARD},
        "AwardBadge",
    ),
    (
        "withdrawRecognition",
        {"recognitionId": recognition(1).id},
        "withdrawnRecognitionId",
        {"withdrawnRecognitionId": recognition(1).id},
        "WithdrawRecognition",
    ),
    (
        "defineBadge",
        {"name": "n", "criteria": "c", "kind": "OFFICIAL", "monthlyLimit": 4, "awarderIds": [person_id("bo")]},
        f"badge {{ {BADGE} }}",
        {"badge": HAND},
        "DefineBadge",
    ),
    (
        "retireBadge",
        {"badgeId": badge().id},
        f"badge {{ {BADGE} }}",
        {"badge": {**HAND, "retired": True}},
        "RetireBadge",
    ),
]


def mutation(name: str, selection: str) -> str:
    kind = name[0].upper() + name[1:]
    return f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {selection} errors {{ code field }} }} }}"


@pytest.mark.parametrize(("name", "given", "selection", "changed", "method"), MUTATIONS)
async def test_a_mutation_is_one_command_and_shows_what_came_of_it(
    node: Node, name: str, given: dict[str, Any], selection: str, changed: dict[str, Any], method: str
) -> None:
    body = await node.ask(mutation(name, selection), {"input": {**given, "idempotencyKey": "k1"}})

    assert body == {"data": {name: {**changed, "errors": []}}}
    [call] = node.recognition.calls
    assert (call.method, call.request.context.idempotency_key) == (method, "k1")


@pytest.mark.parametrize(("name", "given", "selection", "changed", "method"), MUTATIONS)
async def test_a_mutation_that_is_refused_says_why_in_its_payload(
    node: Node, name: str, given: dict[str, Any], selection: str, changed: dict[str, Any], method: str
) -> None:
    node.recognition.errors[method] = Conflict("Too late.", code="moved", field="badge_id")

    body = await node.ask(mutation(name, selection), {"input": given})

    refused = [{"code": "moved", "field": "badgeId"}]
    assert body == {"data": {name: {**dict.fromkeys(changed), "errors": refused}}}


async def test_what_is_given_is_sent(node: Node) -> None:
    for name, given, selection, _, _ in MUTATIONS:
        await node.ask(mutation(name, selection), {"input": given})

    thanks, award, _, defined, _ = (call.request for call in node.recognition.calls)
    assert (list(thanks.receiver_ids), thanks.message, thanks.value) == ([person_id("bo")], "m", "v")
    assert (thanks.visibility, award.visibility) == (events.VISIBILITY_PRIVATE, events.VISIBILITY_PUBLIC)
    assert (award.badge_id, award.receiver_id) == (badge().id, person_id("bo"))
    assert (defined.kind, defined.monthly_limit) == (events.BADGE_KIND_OFFICIAL, 4)
    assert list(defined.awarder_ids) == [person_id("bo")]


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("defineBadge", {"name": "n", "criteria": "c", "kind": "PEER", "monthlyLimit": -1}, "monthlyLimit"),
        ("giveThanks", {"receiverIds": ["\ud800"], "message": "m"}, "receiverIds"),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_its_field(
    node: Node, name: str, given: dict[str, Any], field: str
) -> None:
    body = await node.ask(mutation(name, ""), {"input": given})
    [error] = body["data"][name]["errors"]
    assert (error["code"], error["field"]) == ("invalid_value", field)


async def test_what_concerns_the_viewer_comes_as_it_arrives(node: Node) -> None:
    updates = (
        "subscription($after: String) { recognitionUpdates(after: $after) { cursor recognitionId recognition { id } } }"
    )
    its_id = derive(REGION, "recognition", "2")
    async with run_server(node.app) as port, opened(f"ws://127.0.0.1:{port}/graphql") as socket:
        await socket.sign_in()
        await socket.subscribe(updates, variables={"after": f"{EPOCH}:1"})
        for withdrawn in (False, True):
            node.recognition.arriving.put_nowait(withdrawn)
            shown = (await socket.receive())["payload"]["data"]["recognitionUpdates"]
            assert shown == {
                "cursor": f"{EPOCH}:2",
                "recognitionId": its_id,
                "recognition": None if withdrawn else {"id": its_id},
            }
        assert node.recognition.named("WatchRecognitions")[0].request.after == f"{EPOCH}:1"


async def test_watching_from_now_on_begins_where_the_service_says_and_goes_on_from_there(node: Node) -> None:
    """Not at the latest of a list, behind which there may be what was withdrawn long ago."""
    async with run_server(node.app) as port, opened(f"ws://127.0.0.1:{port}/graphql") as socket:
        await socket.sign_in()
        await socket.subscribe("subscription { recognitionUpdates { recognitionId } }")
        node.recognition.arriving.put_nowait(Unavailable("Restarted."))
        node.recognition.arriving.put_nowait(True)
        await socket.receive()

    assert [call.method for call in node.recognition.calls] == ["WatchRecognitions"] * 2
    assert [call.request.after for call in node.recognition.calls] == ["", f"{EPOCH}:1"]


def _badge_answer(**changes: Any) -> Any:
    return GetBadgeResponse(badge=badge(**changes))
