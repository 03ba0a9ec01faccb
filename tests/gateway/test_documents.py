"""Documents are bounded, priced and remembered."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import get_introspection_query

from gateway import limits
from gateway.documents import Documents, Refused, check_cost
from gateway.schema import make_schema
from tests.gateway.fakes.node import Node


@pytest.fixture(scope="module")
def documents() -> Documents:
    return Documents(make_schema()._schema, documents_max=8)


def refusal(documents: Documents, query: str, variables: dict[str, Any] | None = None) -> str:
    """Return the code that the query is refused with; empty if it is not."""
    try:
        check_cost(documents.read(query).operation(None), variables or {})
    except Refused as refused:
        return str((refused.errors[0].extensions or {})["code"])
    return ""


def price(documents: Documents, query: str, variables: dict[str, Any] | None = None) -> int:
    operation = documents.read(query).operation(None)
    return operation.price.total({**operation.defaults, **(variables or {})})


def test_the_usual_introspection_is_allowed(documents: Documents) -> None:
    assert refusal(documents, get_introspection_query()) == ""


def test_a_page_costs_its_size_times_what_is_asked_for_each_item(documents: Documents) -> None:
    each = 4  # edges, node, id, body
    assert price(documents, "{ homeFeed(first: 7) { edges { node { id body } } } }") == 10 + 7 * each
    assert price(documents, "{ homeFeed { edges { node { id body } } } }") == 10 + 20 * each


@pytest.mark.parametrize(
    ("declared", "variables", "size"),
    [
        ("$n: Int", {"n": 5}, 5),
        ("$n: Int = 9", {}, 9),
        ("$n: Int = 9", {"n": 5}, 5),
        ("$n: Int", {}, 20),
        ("$n: Int", {"n": None}, 20),
        ("$n: Int", {"n": -3}, 1),
        ("$n: Int", {"n": 10**6}, 100),
        ("$n: Int", {"n": "x"}, 20),
    ],
)
def test_the_size_of_a_page_may_be_a_variable(
    documents: Documents, declared: str, variables: dict[str, Any], size: int
) -> None:
    query = f"query({declared}) {{ homeFeed(first: $n) {{ edges {{ cursor }} }} }}"
    assert price(documents, query, variables) == 10 + size * 2


def test_pages_in_pages_multiply_also_through_fragments(documents: Documents) -> None:
    query = """{ homeFeed(first: 3) { edges { ...E } } }
        fragment E on PostEdge { node { ... { comments(first: 5) { edges { cursor } } } } }"""
    assert price(documents, query) == 10 + 3 * (2 + 10 + 5 * 2)


def test_what_costs_too_much_is_refused_and_says_how_much(documents: Documents) -> None:
    query = "query($n: Int) { homeFeed(first: 100) { edges { node { comments(first: $n) { edges { cursor } } } } } }"
    assert refusal(documents, query, {"n": 10}) == ""
    with pytest.raises(Refused) as refused:
        check_cost(documents.read(query).operation(None), {"n": 100})
    assert "21,210" in refused.value.errors[0].message
    assert refusal(documents, query, {"n": 100}) == "query_too_costly"


def test_the_whole_home_feed_page_is_allowed_with_every_author_fetched(documents: Documents) -> None:
    person = "id handle name region title about joinedAt followerCount"
    assert (
        refusal(documents, f"{{ homeFeed(first: 50) {{ edges {{ node {{ id body author {{ {person} }} }} }} }} }}")
        == ""
    )


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ viewer { " + "posts { edges { node { author { " * 3 + "id" + " } } } }" * 3 + " } }", "query_too_deep"),
        (
            "{ " + " ".join(f"a{n}: viewer {{ id }}" for n in range(limits.ALIASES_MAX + 1)) + " }",
            "query_too_many_aliases",
        ),
        ("{ viewer { " + "id " * (limits.REPEATS_MAX + 2) + "} }", "query_too_large"),
        (
            "{ viewer { " + " ".join("... { id handle name about region }" for _ in range(100)) + " } }",
            "query_too_large",
        ),
        ("{ __schema { " + "types { name } " * 100 + "} }", "query_too_large"),
        ("{ viewer { " + "# " + "x\n#" * (limits.COMMENTS_MAX + 1) + "\n id } }", "query_too_long"),
        ("{ viewer { " + "id " * limits.TOKENS_MAX + "} }", "query_too_long"),
    ],
    ids=["depth", "aliases", "repeats", "fields", "introspection", "comments", "tokens"],
)
def test_a_document_beyond_a_bound_is_refused(documents: Documents, query: str, code: str) -> None:
    assert refusal(documents, query) == code


def test_fragments_that_double_at_every_level_are_refused_before_they_are_put_in(documents: Documents) -> None:
    levels = "".join(f"fragment F{n} on Person {{ ...F{n + 1} ...F{n + 1} }} " for n in range(60))
    query = "{ viewer { ...F0 } } " + levels + "fragment F60 on Person { id }"
    assert refusal(documents, query) == "query_too_large"


def test_fragments_in_a_circle_are_refused(documents: Documents) -> None:
    assert refusal(documents, "{ viewer { ...A } } fragment A on Person { ...B } fragment B on Person { ...A }") == (
        "graphql_invalid"
    )


def test_documents_are_read_once_and_the_memory_of_them_is_bounded(documents: Documents) -> None:
    first = documents.read("{ viewer { id } }")
    assert documents.read("{ viewer { id } }") is first
    for number in range(20):
        documents.read(f"{{ a{number}: viewer {{ id }} }}")
    assert len(documents) == 8
    assert documents.read("{ viewer { id } }") is not first


async def test_over_http_the_bounds_are_told_with_their_code(node: Node) -> None:
    query = "{ homeFeed(first: 100) { edges { node { comments(first: 100) { edges { cursor } } } } } }"
    body = await node.ask(query)
    assert body["errors"][0]["extensions"] == {"code": "query_too_costly"}
    assert not node.feed.calls
