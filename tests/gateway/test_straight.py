"""The straight way answers what graphql-core would, for random documents, and is taken where it should be."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, parse, validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.executor import Plans, executor_class
from gateway.schema import GatewaySchema
from tests.gateway.trees import BAD, Leaf, Tree, TreeRow, config, outcome, selections, tree_row

Info = strawberry.Info[Any, None]


class Asked:
    """A context: what the resolvers give, and what they were asked."""

    def __init__(self, row: TreeRow) -> None:
        self.row = row
        self.calls: list[dict[str, Any]] = []


@strawberry.input
class Wish:
    text: str


@strawberry.type
class Query:
    @strawberry.field
    async def tree(self, info: Info, first: int | None = 20, for_key: strawberry.ID | None = None) -> Tree:
        context: Asked = info.context
        selected = [getattr(field, "name", "") for field in info.selected_fields]
        context.calls.append({"first": first, "for_key": for_key, "selected": selected})
        return context.row  # type: ignore[return-value]

    @strawberry.field
    async def maybe_tree(self, info: Info, there: bool, tall: float = 1.0) -> Tree | None:
        context: Asked = info.context
        context.calls.append({"there": there, "tall": tall})
        return context.row if there else None  # type: ignore[return-value]

    @strawberry.field
    async def broken(self, info: Info) -> Tree:
        raise ValueError("it broke")

    @strawberry.field
    async def maybe_broken(self, info: Info) -> Tree | None:
        raise GraphQLError("it broke", extensions={"code": "broken"})

    @strawberry.field
    async def never(self, info: Info) -> Tree:
        return None  # type: ignore[return-value]

    @strawberry.field
    async def wished(self, info: Info, wish: Wish) -> Tree:
        tree: Tree = info.context.row
        return tree

    @strawberry.field
    def at_once(self, info: Info) -> Tree:
        tree: Tree = info.context.row
        return tree


def make(*, compiled: bool) -> GatewaySchema:
    schema = GatewaySchema(
        query=Query, types=[Leaf, Tree], config=config(), executor=executor_class(Plans()) if compiled else None
    )
    schema.process_errors = lambda *_: None  # type: ignore[method-assign]
    return schema


GENERIC = make(compiled=False)
STRAIGHT = make(compiled=True)


async def run(schema: GatewaySchema, query: str, row: TreeRow, variables: dict[str, Any] | None = None) -> Any:
    document = parse(query)
    assert not validate(schema._schema, document)
    asked = Asked(row)
    result = await schema.run(document, operation=None, variables=variables or {}, context=asked)  # type: ignore[arg-type]
    extensions = [error.extensions for error in result.errors or ()]
    return outcome(result), extensions, asked.calls


async def compare(query: str, bad: dict[str, Any] | None = None, variables: dict[str, Any] | None = None) -> bool:
    """See that both ways give the same; return whether the straight one was taken."""
    before = answered()
    expected = await run(GENERIC, query, tree_row(**(bad or {})), variables)
    found = await run(STRAIGHT, query, tree_row(**(bad or {})), variables)
    straight = answered() > before
    assert found[:2] == expected[:2]
    # What is given up on is asked for once more.
    assert found[2] == expected[2] or (not straight and found[2] == expected[2] * 2)
    return straight


def answered() -> int:
    assert STRAIGHT.straight is not None
    return STRAIGHT.straight.answered


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    selected=selections(),
    shared=selections(depth=1),
    bad=st.sampled_from(BAD),
    yes=st.booleans(),
    root=st.sampled_from(
        ["tree", "tree(first: 3)", "tree(first: $n, forKey: $key)", "maybeTree(there: $yes)", "atOnce"]
    ),
    variables=st.sampled_from([{}, {"n": 5}, {"n": None, "key": "k"}, {"n": 2**40}, {"key": 5}]),
)
def test_random_documents_have_the_same_answers_and_the_resolvers_the_same_questions(
    selected: str, shared: str, bad: dict[str, Any], yes: bool, root: str, variables: dict[str, Any]
) -> None:
    shared = shared.replace("...Shared", "__typename ")
    query = f"""query($yes: Boolean! = {str(yes).lower()}, $no: Boolean! = false, $n: Int, $key: ID) {{
        it: {root} {{ t: text @include(if: $yes) @skip(if: $no) n: number @skip(if: $yes) ...Shared {selected[1:]}
    }} fragment Shared on Tree {shared}"""

    async def both() -> None:
        for given_ in (variables, variables | {"yes": not yes}):
            await compare_unused(query, bad, given_)

    asyncio.run(both())


async def compare_unused(query: str, bad: dict[str, Any], variables: dict[str, Any]) -> None:
    """Compare without validation, which would refuse a variable that this document does not use."""
    document = parse(query)
    results = []
    for schema in (GENERIC, STRAIGHT):
        asked = Asked(tree_row(**bad))
        done = await schema.run(document, operation=None, variables=variables, context=asked)  # type: ignore[arg-type]
        results.append((outcome(done), asked.calls))
    (expected, questions), (found, others) = results
    assert found == expected
    assert others in (questions, questions * 2)


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ tree { text leaf { number } } }", {}),
        ("query($first: Int) { t: tree(first: $first) { text } }", {"first": 3}),
        ("query($first: Int = 7) { tree(first: $first) { text } }", {}),
        ("query($there: Boolean!) { maybeTree(there: $there) { text } }", {"there": False}),
        ("query($a: Boolean!) { tree { ...F } } fragment F on Tree { text @skip(if: $a) number }", {"a": True}),
        ("{ broken { text } }", {}),
        ("{ maybeBroken { text } }", {}),
    ],
)
async def test_one_plain_root_field_goes_straight(query: str, variables: dict[str, Any]) -> None:
    assert await compare(query, variables=variables)


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ tree { text } maybeTree(there: true) { text } }", {}),
        ("query($a: Boolean!) { tree @skip(if: $a) { text } }", {"a": True}),
        ("{ ... on Query { tree { text } } }", {}),
        ('{ wished(wish: {text: "x"}) { text } }', {}),
        ("{ atOnce { text } }", {}),
        ("{ tree { text slow } }", {}),
        ("{ never { text } }", {}),
        ("{ __typename }", {}),
        ("query($first: Int) { tree(first: $first) { text } }", {"first": "three"}),
        ("query($there: Boolean!) { maybeTree(there: $there) { text } }", {}),
    ],
)
async def test_all_else_goes_through_graphql_core(query: str, variables: dict[str, Any]) -> None:
    assert not await compare(query, variables=variables)


async def test_a_bad_object_is_told_by_graphql_core() -> None:
    assert not await compare("{ tree { text number } }", {"number": 2**31})


async def test_one_of_several_operations_is_taken_by_its_name() -> None:
    document = parse("query A { tree(first: 1) { text } } query B { tree(first: 2) { number } }")
    for name, data in (("A", {"tree": {"text": "tree"}}), ("B", {"tree": {"number": 7}})):
        asked = Asked(tree_row())
        result = await STRAIGHT.run(document, operation=name, variables={}, context=asked)  # type: ignore[arg-type]
        assert result.data == data
    refused = await STRAIGHT.run(document, operation=None, variables={}, context=asked)  # type: ignore[arg-type]
    assert refused.errors
