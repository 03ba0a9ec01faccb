"""What is worked out once is what graphql-core works out each time, whichever variables came before."""

from __future__ import annotations

import random
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    build_schema,
    get_argument_values,
    parse,
)
from graphql.execution import values as graphql_values
from graphql.execution.values import get_variable_values
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import arguments as module
from gateway.arguments import CASES_MAX, Arguments

SCHEMA = build_schema(
    """
    type Query {
        page(first: Int = 20, after: String, id: ID, open: Boolean = true, ratio: Float): Int
        strict(first: Int!, id: ID!): Int
    }
    """
)
OPERATIONS = (
    "query($n: Int, $t: String, $i: ID, $b: Boolean, $f: Float) { page(first: $n, after: $t, id: $i, open: $b, ratio: $f) }",
    "query($n: Int = 7, $t: String = null, $i: ID) { page(first: $n, after: $t, id: $i) }",
    "query($n: Int!, $i: ID!) { strict(first: $n, id: $i) }",
    "query($n: Int = 3, $i: ID = 5) { strict(first: $n, id: $i) }",
    'query($n: Int, $t: String!) { page(first: 5, after: "x", id: 9) }',
    "query($n: Int, $t: String, $u: String) { page(first: $n, after: $t, id: null) }",
)
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, 0, 5, -3, 2**31 - 1, 2**31, -(2**31) - 1, 1.0, 1.5, True, False, "", "5", "x", [], [1], {}]
)
INTEGERS = st.sampled_from([None, 0, 5, 2**31 - 1, 2**31, -(2**31) - 1, True, "5", 1.0])
TEXTS = st.sampled_from([None, "", "x", 5])
VARIABLES = st.fixed_dictionaries(
    {}, optional={"n": INTEGERS, "t": TEXTS, "i": TEXTS, "b": VALUES, "f": VALUES, "u": TEXTS, "stray": VALUES}
)


def of(query: str) -> tuple[Arguments, OperationDefinitionNode, FieldNode]:
    operation = parse(query).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    node = operation.selection_set.selections[0]
    assert isinstance(node, FieldNode)
    assert SCHEMA.query_type is not None
    definition = SCHEMA.query_type.fields[node.name.value]
    names = {name: f"py_{name}" for name in definition.args}
    return (
        Arguments(SCHEMA, operation.variable_definitions or (), definition=definition, node=node, names=names),
        operation,
        node,
    )


def expected(operation: OperationDefinitionNode, node: FieldNode, variables: dict[str, Any]) -> Any:
    assert SCHEMA.query_type is not None
    values = get_variable_values(SCHEMA, operation.variable_definitions or (), variables)
    if isinstance(values, list):
        return None
    try:
        found = get_argument_values(SCHEMA.query_type.fields[node.name.value], node, values)
    except GraphQLError:
        return None
    return values.coerced, {f"py_{name}": value for name, value in found.items()}


def typed(value: Any) -> Any:
    """Return ``value`` in a form in which 1, 1.0 and True are three things."""
    return {name: (type(inner), inner) for name, inner in value.items()}


@settings(max_examples=300, deadline=None)
@given(query=st.sampled_from(OPERATIONS), asked=st.lists(VARIABLES, min_size=2, max_size=8))
def test_of_one_operation_many_requests_are_read_as_if_each_were_the_first(
    query: str, asked: list[dict[str, Any]]
) -> None:
    arguments, operation, node = of(query)
    for variables in (*asked, *asked):
        found, wanted = arguments.read(variables), expected(operation, node, variables)
        if wanted is None:
            assert found is None
        else:
            assert found is not None
            assert (typed(found.variables), typed(found.arguments)) == tuple(map(typed, wanted))


def test_what_a_resolver_does_to_its_arguments_is_not_seen_by_the_next() -> None:
    arguments, *_ = of(OPERATIONS[0])
    for first in (1, 2, 3):
        found = arguments.read({"n": first})
        assert found is not None
        assert (found.variables, found.arguments) == ({"n": first}, {"py_first": first, "py_open": True})
        found.variables["t"] = found.arguments["py_after"] = "changed"


def test_only_so_many_cases_are_kept_and_all_are_read_right(monkeypatch: pytest.MonkeyPatch) -> None:
    coerced = []

    def counted(*args: Any) -> Any:
        coerced.append(args)
        return graphql_values.get_variable_values(*args)

    monkeypatch.setattr(module, "get_variable_values", counted)
    arguments, operation, node = of(OPERATIONS[0])
    given_: dict[str, list[Any]] = {"n": [None, 1], "t": [None, "x"], "i": [None, "y"], "b": [None, True]}
    cases = [
        {name: chance.choice(values) for name, values in given_.items() if chance.random() < 0.7}
        for chance in [random.Random(1)]
        for _ in range(200)
    ]
    for variables in cases:
        found = arguments.read(variables)
        assert found is not None
        assert (found.variables, found.arguments) == expected(operation, node, variables)
    settings_ = {tuple((name, value is None) for name, value in sorted(case.items())) for case in cases}
    assert len(settings_) > CASES_MAX
    # What was kept was read without graphql-core, and no more was kept than may be.
    assert CASES_MAX < len(coerced) < len(cases)
    assert len(arguments._cases) == CASES_MAX
