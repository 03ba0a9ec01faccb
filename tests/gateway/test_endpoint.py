"""What HTTP clients get: statuses, headers and codes, also for requests that nobody should send."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from graphql import get_introspection_query
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import limits
from services.chassis.errors import Forbidden, Unauthenticated, Unavailable
from tests.gateway.fakes.answering import EPOCH
from tests.gateway.fakes.content import post_id
from tests.gateway.fakes.node import Node, open_node

VIEWER = {"query": "{ viewer { handle } }"}
CREATE = {"query": 'mutation { createPost(input: {body: "x"}) { errors { code } } }'}
JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"


def code(response: Any) -> str:
    found: str = response.json()["errors"][0]["extensions"]["code"]
    return found


async def test_an_answer_is_json_that_nobody_keeps(node: Node) -> None:
    response = await node.post(VIEWER)
    assert (response.status_code, response.headers["content-type"]) == (200, JSON)
    assert response.headers["cache-control"] == "no-store"


async def test_a_query_can_be_sent_by_get_and_a_mutation_cannot(node: Node) -> None:
    headers = {"authorization": "Bearer token-of-ann"}
    query = "query($n: Int) { homeFeed(first: $n) { edges { cursor } } }"
    response = await node.client.get("/graphql", params={"query": query, "variables": '{"n": 1}'}, headers=headers)
    assert response.json() == {"data": {"homeFeed": {"edges": [{"cursor": f"{EPOCH}:1"}]}}}
    response = await node.client.get("/graphql", params=CREATE, headers=headers)
    assert (response.status_code, code(response), response.headers["allow"]) == (405, "mutation_by_get", "POST")
    assert not node.feed.named("PublishPost")


async def test_a_browser_gets_graphiql(node: Node) -> None:
    response = await node.client.get("/graphql", headers={"accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 200
    assert "graphiql" in response.text.lower()


@pytest.mark.parametrize("authorization", [None, "", "Bearer ", "Basic YW5uOmFubg==", "Bearer wrong", "wrong"])
async def test_without_a_good_token_there_is_a_401_with_a_code(node: Node, authorization: str | None) -> None:
    headers = {"content-type": JSON} | ({"authorization": authorization} if authorization is not None else {})
    response = await node.client.post("/graphql", content=json.dumps(VIEWER), headers=headers)
    assert response.status_code == 401
    assert code(response) in ("token_missing", "token_malformed", "token_signature")
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["errors"][0]["message"]
    assert not node.profile.calls


async def test_an_unknown_caller_learns_nothing_of_the_schema(node: Node) -> None:
    for query in ("{ nonsense }", "{", "{ viewer { nonsense } }"):
        response = await node.post({"query": query}, token=None)
        assert (response.status_code, code(response)) == (401, "token_missing")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unauthenticated("Old.", code="token_expired"), 401),
        (Forbidden("Elsewhere.", code="home_elsewhere"), 403),
        (Unavailable("No keys.", code="issuer_unreachable"), 503),
    ],
)
async def test_what_the_verifier_says_is_told(node: Node, error: Any, status: int) -> None:
    node.verifier.error = error
    response = await node.post(VIEWER)
    assert (response.status_code, code(response)) == (status, error.code)


async def test_introspection_is_for_everybody_in_development_only() -> None:
    query = {"query": get_introspection_query()}
    async with open_node(env="dev") as node:
        assert (await node.post(query, token=None)).json()["data"]["__schema"]["queryType"]["name"] == "Query"
        mixed = {"query": "{ __schema { queryType { name } } viewer { id } }"}
        assert code(await node.post(mixed, token=None)) == "token_missing"
        hidden = {"query": "{ ...F } fragment F on Query { __typename viewer { id } }"}
        assert code(await node.post(hidden, token=None)) == "token_missing"
    async with open_node(env="prod") as node:
        assert (await node.post(query, token=None)).status_code == 401
        assert (await node.post(query)).json()["data"]["__schema"]["queryType"]["name"] == "Query"


@pytest.mark.parametrize(
    ("content", "media_type", "status", "wanted"),
    [
        (b"{", JSON, 400, "malformed_json"),
        (b"", JSON, 400, "malformed_json"),
        (b"\xff\xfe", JSON, 400, "malformed_json"),
        (b"[" * 100_000, JSON, 400, "malformed_json"),
        (b"null", JSON, 400, "malformed_request"),
        (b'"text"', JSON, 400, "malformed_request"),
        (b"[]", JSON, 400, "batching_off"),
        (b'[{"query": "{ viewer { id } }"}]', JSON, 400, "batching_off"),
        (b"{}", JSON, 400, "query_missing"),
        (b'{"query": 5}', JSON, 400, "query_missing"),
        (b'{"query": " "}', JSON, 400, "query_missing"),
        (b'{"query": "{ a }", "variables": []}', JSON, 400, "malformed_request"),
        (b'{"query": "{ a }", "extensions": 5}', JSON, 400, "malformed_request"),
        (b'{"query": "{ a }", "operationName": 5}', JSON, 400, "malformed_request"),
        (b"{ viewer { id } }", "application/graphql", 415, "unsupported_media_type"),
        (b"query=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"{}", "", 415, "unsupported_media_type"),
        (b" " * (limits.BODY_BYTES_MAX + 1), JSON, 413, "body_too_large"),
    ],
    ids=range(18),
)
async def test_a_body_that_is_no_request_is_refused_with_a_code(
    node: Node, content: bytes, media_type: str, status: int, wanted: str
) -> None:
    headers = {"authorization": "Bearer token-of-ann", "content-type": media_type}
    response = await node.client.post("/graphql", content=content, headers=headers)
    assert (response.status_code, code(response)) == (status, wanted)


async def test_a_body_that_grows_too_large_is_not_read_to_its_end(node: Node) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 65_536

    headers = {"authorization": "Bearer token-of-ann", "content-type": JSON}
    response = await node.client.post("/graphql", content=endless(), headers=headers)
    assert (response.status_code, code(response)) == (413, "body_too_large")
    assert sent <= limits.BODY_BYTES_MAX // 65_536 + 1


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("{", "graphql_syntax"),
        ("{ nonsense }", "graphql_invalid"),
        ("{ viewer }", "graphql_invalid"),
        ("query A { viewer { id } } query B { viewer { id } }", "operation_name_missing"),
        ("fragment F on Person { id }", "graphql_invalid"),
        ("{" * 3_000, "graphql_syntax"),
        ("{ viewer { " + "posts { edges { node { author { " * 20, "graphql_syntax"),
        ("{ post(id: " + "[" * 1_500 + "]" * 1_500 + ") { id } }", "graphql_syntax"),
        ("{ post(id: " + "[" * 900 + "]" * 900 + ") { id } }", "graphql_syntax"),
        ("{ homeFeed(first: " + "9" * 5_000 + ") { edges { cursor } } }", "graphql_invalid"),
        ("{ homeFeed(first: 1.5) { edges { cursor } } }", "graphql_invalid"),
        ("subscription { homeFeedUpdates { cursor } }", "subscription_over_http"),
    ],
    ids=range(12),
)
async def test_a_document_that_cannot_be_executed_has_a_code(node: Node, query: str, wanted: str) -> None:
    response = await node.post({"query": query})
    assert code(response) == wanted
    assert response.status_code in (200, 400)


async def test_a_document_that_cannot_be_executed_is_a_400_for_clients_of_the_newer_media_type(node: Node) -> None:
    assert (await node.post({"query": "{ nonsense }"}, accept=JSON)).status_code == 200
    response = await node.post({"query": "{ nonsense }"}, accept=GRAPHQL_JSON)
    assert (response.status_code, response.headers["content-type"]) == (400, GRAPHQL_JSON)
    assert (await node.post(VIEWER, accept=GRAPHQL_JSON)).status_code == 200


@pytest.mark.parametrize(
    "variables", [{"n": "many"}, {"n": 2**40}, {"n": 1.5}, {"n": [1]}, {"n": {"a": 1}}, {"n": True}, {}]
)
async def test_a_variable_of_another_type_has_a_code(node: Node, variables: Any) -> None:
    query = "query($n: Int!) { homeFeed(first: $n) { edges { cursor } } }"
    response = await node.post({"query": query, "variables": variables})
    assert (response.status_code, code(response)) == (200, "graphql_invalid")


async def test_a_person_is_made_known_once_however_many_ask_at_first(node: Node) -> None:
    node.profile.gates["SignIn"] = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(node.post(VIEWER)) for _ in range(8)]
        async with asyncio.timeout(60):
            while not node.profile.named("SignIn"):
                await asyncio.sleep(0.001)
        node.profile.gates["SignIn"].set()
    assert {task.result().status_code for task in asked} == {200}
    assert len(node.profile.named("SignIn")) == 1
    await node.post(VIEWER, token="token-of-bo")
    assert [call.metadata["authorization"] for call in node.profile.named("SignIn")] == [
        "Bearer token-of-ann",
        "Bearer token-of-bo",
    ]


async def test_who_could_not_be_made_known_is_tried_again(node: Node) -> None:
    node.profile.errors["SignIn"] = Unavailable("Not now.")
    response = await node.post(VIEWER)
    assert (response.status_code, code(response), response.headers["retry-after"]) == (503, "unavailable", "1")
    del node.profile.errors["SignIn"]
    assert (await node.post(VIEWER)).status_code == 200


async def test_a_read_waits_for_the_callers_own_writes_and_nobody_elses(node: Node) -> None:
    await node.post(VIEWER)
    written = await node.post(CREATE)
    position = f"{EPOCH}:{node.feed.sequence}"
    assert written.headers["samverka-position"] == f"{EPOCH}:{max(node.feed.sequence, node.profile.sequence)}"
    await node.post({"query": "{ homeFeed { edges { cursor } } }"})
    assert node.feed.calls[-1].metadata["samverka-after"] == position
    await node.post({"query": "{ homeFeed { edges { cursor } } }"}, token="token-of-bo")
    assert node.feed.calls[-1].metadata["samverka-after"] != f"{EPOCH}:99"


async def test_a_read_waits_for_the_position_that_the_client_names_if_it_is_later(node: Node) -> None:
    for told, waited in ((f"{EPOCH}:99", f"{EPOCH}:99"), (f"{EPOCH}:1", f"{EPOCH}:11")):
        response = await node.post({"query": "{ homeFeed { edges { cursor } } }"}, samverka_after=told)
        assert node.feed.calls[-1].metadata["samverka-after"] == waited
        assert response.headers["samverka-position"] == waited


async def test_a_position_that_is_none_is_refused(node: Node) -> None:
    response = await node.post(VIEWER, samverka_after="yesterday")
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "malformed_position"


async def test_an_answer_that_is_behind_says_so(node: Node) -> None:
    node.feed.trailing = (("samverka-behind", "7"),)
    response = await node.post({"query": "{ homeFeed { edges { cursor } } }"})
    assert response.headers["samverka-behind"] == "7"


async def test_a_person_who_asks_too_much_waits_and_others_do_not(node: Node) -> None:
    for _ in range(limits.REQUESTS_BURST_MAX):
        assert (await node.post({"query": "{ __typename }"})).status_code == 200
    response = await node.post({"query": "{ __typename }"})
    assert (response.status_code, code(response)) == (429, "too_many_requests")
    assert (await node.post({"query": "{ __typename }"}, token="token-of-bo")).status_code == 200
    node.clock.advance(1)
    assert (await node.post({"query": "{ __typename }"})).status_code == 200


async def test_requests_are_counted_by_operation_and_outcome(node: Node) -> None:
    await node.post(VIEWER)
    await node.post(CREATE)
    await node.post(VIEWER, token=None)
    metrics = (await node.client.get("/metrics")).text
    for labels in (
        'operation="query",outcome="ok"',
        'operation="mutation",outcome="ok"',
        'operation="none",outcome="token_missing"',
    ):
        assert f"samverka_gateway_requests_total{{{labels}}} 1.0" in metrics


async def test_a_service_that_never_answers_ends_in_unavailable(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    await node.post(VIEWER)
    monkeypatch.setattr("gateway.endpoint.limits.OPERATION_SECONDS_MAX", 0.05)
    node.feed.gates["ListHomeFeed"] = asyncio.Event()
    response = await node.post({"query": "{ homeFeed { edges { cursor } } }"})
    assert (response.status_code, code(response)) == (503, "deadline")
    node.feed.gates["ListHomeFeed"].set()


async def test_the_trace_goes_on_in_the_service(node: Node) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await node.post({"query": "{ homeFeed { edges { cursor } } }"}, traceparent=parent)
    traceparent = node.feed.calls[-1].metadata["traceparent"]
    assert traceparent.split("-")[1] == parent.split("-")[1]
    assert traceparent != parent


TEXTS = st.text(st.characters(codec=None), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    query=st.sampled_from(
        [
            "query($a: ID!) { post(id: $a) { id } }",
            "query($a: String) { person(handle: $a) { id } }",
            "query($a: Int) { homeFeed(first: $a) { edges { cursor } } }",
            "mutation($a: CreatePostInput!) { createPost(input: $a) { errors { code message field } } }",
            "mutation($a: ReactInput!) { react(input: $a) { errors { code message field } } }",
        ]
    )
    | TEXTS,
    value=VALUES | st.fixed_dictionaries({"body": TEXTS, "idempotencyKey": TEXTS}),
)
def test_whatever_is_sent_is_answered_with_data_or_a_code(query: str, value: Any) -> None:
    async def run() -> None:
        async with open_node() as node:
            response = await node.post({"query": query, "variables": {"a": value}})
            body = response.json()
            assert response.status_code in (200, 400)
            for error in body.get("errors", []):
                assert error["extensions"]["code"] not in ("", "internal")
            for payload in (body.get("data") or {}).values():
                for error in (payload or {}).get("errors", []):
                    assert error["code"] not in ("", "internal")

    asyncio.run(run())


async def test_ids_from_one_answer_work_in_the_next_request(node: Node) -> None:
    page = await node.ask("{ homeFeed(first: 1) { edges { node { id } } } }")
    found = page["data"]["homeFeed"]["edges"][0]["node"]["id"]
    assert found == post_id(1)
    assert (await node.ask("query($id: ID!) { post(id: $id) { id } }", {"id": found}))["data"]["post"]["id"] == found


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [("PUT", "/graphql", 405, "wrong_method"), ("GET", "/nowhere", 404, "not_found"), ("POST", "/", 404, "not_found")],
)
async def test_what_is_asked_elsewhere_or_otherwise_is_told_so_with_a_code(
    node: Node, method: str, path: str, status: int, told: str
) -> None:
    response = await node.client.request(method, path)
    assert (response.status_code, code(response), response.headers["content-type"]) == (status, told, JSON)
