"""Whatever a stranger sends, the answer is an error with a code: never a 500, never a trace of our insides."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.network import HOME_FEED, Network

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]
INSIDES = ("Traceback", 'File "', "site-packages", "apsw", "grpc", "sqlite", "Errno")
UNKNOWN_POST = "stockholm_01ARZ3NDEKTSV4RRFFQ69G5FAV"
bad_input = settings(
    max_examples=60,
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


MUTATIONS = {
    "createPost": "body: $text, idempotencyKey: $key",
    "editPost": "postId: $id, body: $text, idempotencyKey: $key",
    "deletePost": "postId: $id, idempotencyKey: $key",
    "addComment": "postId: $id, body: $text, idempotencyKey: $key",
    "deleteComment": "commentId: $id, idempotencyKey: $key",
    "react": "targetId: $id, emoji: $text, idempotencyKey: $key",
    "unreact": "targetId: $id, emoji: $text, idempotencyKey: $key",
    "followPerson": "personId: $id, idempotencyKey: $key",
    "unfollowPerson": "personId: $id, idempotencyKey: $key",
    "updateProfile": "name: $text, title: $text, about: $text, idempotencyKey: $key",
}
texts = st.one_of(
    st.text(max_size=40), st.sampled_from(["", " \n", "\x00", "\x1b[0m", "\ud800", "a" * 20_001, "é" * 9])
)
ids = st.one_of(texts, st.sampled_from([UNKNOWN_POST, "tokyo_01ARZ3NDEKTSV4RRFFQ69G5FAV", "stockholm_", "../etc"]))


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_any_text_in_any_field_gives_an_object_or_a_code(network: Network, mutation: str) -> None:
    variables = [f"${name}: {kind}" for name, kind in (("id", "ID!"), ("text", "String!"), ("key", "String"))]
    used = [declared for declared in variables if declared.partition(":")[0] in MUTATIONS[mutation]]
    query = (
        f"mutation ({', '.join(used)}) {{ {mutation}(input: {{{MUTATIONS[mutation]}}}) {{ errors {{ code field }} }} }}"
    )
    examples: list[dict[str, str]] = []

    @bad_input
    @given(id=ids, text=texts, key=texts)
    def collect(id: str, text: str, key: str) -> None:
        examples.append({"id": id, "text": text, "key": key})

    collect()
    async with network.client("fuzz") as client:
        for variables_sent in examples:
            body = json.dumps({"query": query, "variables": variables_sent})  # escapes lone surrogates as JSON may
            response = await client.http.post("/graphql", content=body, headers={"content-type": "application/json"})
            expect_no_insides(response)
            expect_codes(response.json())


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
        async with httpx.AsyncClient(base_url=network.url, headers=headers) as http:
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
