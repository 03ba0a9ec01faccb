"""Whatever a stranger sends, the answer is an error with a code: never a 500, never a trace of our insides."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
    build_schema,
    get_named_type,
    is_leaf_type,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.network import ANSWER_SECONDS_MAX, HOME_FEED, Client, Network, wait_until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]
INSIDES = ("Traceback", 'File "', "site-packages", "apsw", "grpc", "sqlite", "Errno")
ALLOWED_SECONDS_MAX = 60.0
UNKNOWN_POST = "stockholm_01ARZ3NDEKTSV4RRFFQ69G5FAV"
bad_input = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


def expect_no_insides(response: httpx.Response) -> None:
    assert response.status_code < 500, response.text
    assert not [word for word in INSIDES if word in response.text], response.text


def expect_codes(answer: dict[str, Any]) -> None:
    """Every error of an answer, and of every payload in it, has a stable code that is not "internal"."""
    for error in answer.get("errors", ()):
        assert error["extensions"]["code"] not in ("", "internal"), error
    for payload in (answer.get("data") or {}).values():
        for error in (payload or {}).get("errors") or ():
            assert error["code"] not in ("", "internal"), error


SCHEMA = build_schema((Path(__file__).parents[2] / "gateway" / "schema.graphql").read_text())
FIELDS = {
    f"{operation} {name}": field
    for operation, root in (("query", SCHEMA.query_type), ("mutation", SCHEMA.mutation_type))
    for name, field in (root.fields if root else {}).items()
}
"""Each root field that is asked by HTTP, under what it is asked as."""
texts = st.one_of(
    st.text(max_size=40), st.sampled_from(["", " \n", "\x00", "\x1b[0m", "\ud800", "a" * 20_001, "é" * 9])
)
ids = st.one_of(texts, st.sampled_from([UNKNOWN_POST, "tokyo_01ARZ3NDEKTSV4RRFFQ69G5FAV", "stockholm_", "../etc"]))
times = st.one_of(texts, st.sampled_from(["2026-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]))
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "String": texts,
    "ID": ids,
    "DateTime": times,
    "Int": st.integers(-(2**31), 2**31 - 1),
    "Boolean": st.booleans(),
}


def anything_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return values that GraphQL may take for the type, good and bad; of what may be null, null as well."""
    if not isinstance(kind, GraphQLNonNull):
        return st.none() | anything_of(GraphQLNonNull(kind))
    inner = kind.of_type
    if isinstance(inner, GraphQLList):
        return st.lists(anything_of(inner.of_type), max_size=3)
    if isinstance(inner, GraphQLEnumType):
        return st.sampled_from(sorted(inner.values))
    if isinstance(inner, GraphQLInputObjectType):
        return anything_for(inner.fields)
    return SCALARS[inner.name]


def anything_for(arguments: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    needed = {name: anything_of(each.type) for name, each in arguments.items() if is_required(each)}
    rest = {name: anything_of(each.type) for name, each in arguments.items() if not is_required(each)}
    return st.fixed_dictionaries(needed, optional=rest)


def is_required(argument: GraphQLArgument | GraphQLInputField) -> bool:
    return isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined


def asking_for(asked_as: str) -> str:
    """Return a document that gives every argument of a root field from a variable, and asks for its payload's errors."""
    field = FIELDS[asked_as]
    operation, name = asked_as.split()
    declared = ", ".join(f"${argument}: {each.type}" for argument, each in field.args.items())
    given = ", ".join(f"{argument}: ${argument}" for argument in field.args)
    kind = get_named_type(field.type)
    told = "" if is_leaf_type(kind) else "{ errors { code field } }" if operation == "mutation" else "{ __typename }"
    return f"{operation}{f' ({declared})' if declared else ''} {{ {name}{f'({given})' if given else ''} {told} }}"


@pytest.mark.parametrize("asked_as", FIELDS)
async def test_anything_in_any_argument_of_any_field_gives_an_object_or_a_code(network: Network, asked_as: str) -> None:
    query = asking_for(asked_as)
    examples: list[dict[str, Any]] = []

    @bad_input
    @given(anything_for(FIELDS[asked_as].args))
    def collect(variables: dict[str, Any]) -> None:
        examples.append(variables)

    collect()
    async with network.client("fuzz") as client:
        for variables in examples:
            body = json.dumps({"query": query, "variables": variables})  # escapes lone surrogates as JSON may
            response = await answered(client, body)
            expect_no_insides(response)
            expect_codes(response.json())


async def answered(client: Client, body: str) -> httpx.Response:
    """Return what becomes of a request once so many of them are allowed."""
    found: list[httpx.Response] = []

    async def is_let_in() -> bool:
        sent = await client.http.post("/graphql", content=body, headers={"content-type": "application/json"})
        found[:] = [sent]
        return "too_many_requests" not in sent.text

    await wait_until(is_let_in, seconds=ALLOWED_SECONDS_MAX)
    return found[0]


@pytest.mark.parametrize(
    ("body", "code"),
    [("", "empty"), ("   ", "empty"), ("a\x00b", "control_characters"), ("x" * 20_001, "too_long")],
    ids=["empty", "blank", "control", "long"],
)
async def test_a_body_that_is_no_post_is_told_why(network: Network, body: str, code: str) -> None:
    async with network.client("anna") as anna:
        errors = (await anna.create_post(body, f"bad-{code}"))["errors"]

    assert [(error["code"], error["field"]) for error in errors] == [(code, "body")]


async def test_a_body_of_exactly_the_limit_is_a_post(network: Network) -> None:
    async with network.client("anna") as anna:
        assert (await anna.create_post("å" * 20_000, "limit"))["errors"] == []


@pytest.mark.parametrize(
    ("first", "after", "code"),
    [
        (101, None, "page_size"),
        (-1, None, "page_size"),
        (2**31 - 1, None, "page_size"),
        (10, "nonsense", "malformed_cursor"),
        (10, "x:99999999999999999999", "malformed_cursor"),
        (10, "another-life:5", "expired_cursor"),
        (10, "\x00", "malformed_cursor"),
    ],
)
async def test_a_page_that_cannot_be_is_told_why(network: Network, first: int, after: str | None, code: str) -> None:
    async with network.client("anna") as anna:
        answer = await anna.answer(HOME_FEED, first=first, after=after)

    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_bad_tokens_of_every_kind_are_refused_with_a_code(network: Network) -> None:
    good = network.token("anna")
    header, claims, signature = good.split(".")
    bad = {
        "": "token_missing",
        "nonsense": "token_malformed",
        f"{header}.{claims}": "token_malformed",
        f"{header}.{claims}.": "token_signature",
        f"{header}.{part({'sub': 'root', 'iss': 'me'})}.{signature}": None,
        f"{part({'alg': 'none'})}.{claims}.": "token_algorithm",
        f"{part({'alg': 'HS256', 'kid': 'x'})}.{claims}.{signature}": "token_algorithm",
        "a" * 20_000: None,
    }
    for token, code in bad.items():
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with httpx.AsyncClient(base_url=network.url, headers=headers, timeout=ANSWER_SECONDS_MAX) as http:
            response = await http.post("/graphql", json={"query": "{ viewer { id } }"})
        expect_no_insides(response)
        if token and len(token) > 10_000 and response.headers["content-type"].startswith("text/"):
            continue  # too large for a header: refused before anything reads it
        found = response.json()["errors"][0]["extensions"]["code"]
        assert found == code or (code is None and found.startswith("token_")), (token[:40], found)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"query": 5}', b'{"query": "{"}', b'{"query": "\\ud800"}', b"\xff\xfe", b"[" * 5_000],
)
async def test_what_is_no_request_is_told_so(network: Network, content: bytes) -> None:
    async with network.client("anna") as anna:
        headers = {"content-type": "application/json"}
        response = await anna.http.post("/graphql", content=content, headers=headers)

    expect_no_insides(response)
    assert response.status_code in (200, 400), "the protocol answers a document that does not parse with 200"
    assert response.json()["errors"][0]["extensions"]["code"]


async def test_a_document_that_is_too_deep_or_too_wide_is_refused(network: Network) -> None:
    deep = (
        "{ homeFeed { edges { node { author { posts { edges { node { author { posts { edges { node " + "{ author " * 9
    )
    wide = "{ " + " ".join(f"a{n}: viewer {{ id }}" for n in range(500)) + " }"
    costly = (
        "{ homeFeed(first: 100) { edges { node { comments(first: 100) { edges { node "
        "{ author { posts(first: 100) { edges { node { id } } } } } } } } } } }"
    )
    async with network.client("anna") as anna:
        for query in (deep + "{ id }" + " }" * 20, wide, costly):
            answer = await anna.answer(query)
            assert answer.get("data") is None
            expect_codes(answer)


async def test_the_same_answer_meets_a_stranger_and_an_unknown_post(network: Network) -> None:
    """What is not there and what is not theirs look alike wherever the difference would tell something."""
    async with network.client("anna") as anna:
        answer = await anna.answer("query ($id: ID!) { post(id: $id) { id } }", id=UNKNOWN_POST)

    assert answer["data"]["post"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["post_not_found"]


async def test_the_expectations_above_can_fail() -> None:
    with pytest.raises(AssertionError):
        expect_codes({"errors": [{"extensions": {"code": "internal"}}]})
    with pytest.raises(AssertionError):
        expect_codes({"data": {"createPost": {"errors": [{"code": ""}]}}})
    with pytest.raises(AssertionError):
        expect_no_insides(httpx.Response(500))
    with pytest.raises(AssertionError):
        expect_no_insides(httpx.Response(200, text='File "x.py", line 3'))
