"""What a resolver is called with, worked out once for all requests that give the same variables.

graphql-core coerces every variable and every argument anew, a tenth of what a page costs here. For a built-in scalar whose
value is already what it has to be, coercion changes nothing, so the outcome depends on nothing but which variables are
given and which of those are null. For each such case graphql-core is asked once, and its answer kept with places for the
values. A value that is not of exactly its class (a string for an Int, an integer for an ID) is left to graphql-core.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    VariableDefinitionNode,
    VariableNode,
    get_argument_values,
    type_from_ast,
)
from graphql.execution.values import get_variable_values
from graphql.type import GraphQLBoolean, GraphQLID, GraphQLInt
from graphql.type.scalars import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT

CASES_MAX = 16
"""Outcomes kept for one operation; it has one for each set of variables that is given."""

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Called:
    """The variables as they are coerced, and the arguments under the resolver's own names for them."""

    variables: dict[str, Any]
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Case:
    """What is the same in all requests with these variables given, and which values are to be put where."""

    called: Called
    variables: tuple[str, ...]
    arguments: tuple[tuple[str, str], ...]


class Arguments:
    """Makes the arguments of one field from the variables of its operation."""

    def __init__(
        self,
        schema: GraphQLSchema,
        declared: Sequence[VariableDefinitionNode],
        *,
        definition: GraphQLField,
        node: FieldNode,
        names: Mapping[str, str],
    ) -> None:
        self._schema = schema
        self._declared = declared
        self._definition = definition
        self._node = node
        self._names = names
        self._fits = tuple((variable.variable.name.value, _fitting(schema, variable)) for variable in declared)
        self._cases: dict[tuple[object, ...], _Case] = {}

    def read(self, variables: Mapping[str, Any]) -> Called | None:
        """Return what the resolver is called with; None if graphql-core has something to say against it."""
        given = []
        for name, fits in self._fits:
            value = variables.get(name, _ABSENT)
            if value is not None and value is not _ABSENT:
                if not fits(value):
                    return self._coerce(variables)
                value = True
            given.append(value)
        setting = tuple(given)
        case = self._cases.get(setting)
        if case is None:
            return self._learn(setting, variables)
        coerced, arguments = case.called.variables.copy(), case.called.arguments.copy()
        for name in case.variables:
            coerced[name] = variables[name]
        for argument, name in case.arguments:
            arguments[argument] = variables[name]
        return Called(coerced, arguments)

    def _learn(self, setting: tuple[object, ...], variables: Mapping[str, Any]) -> Called | None:
        called = self._coerce(variables)
        if called is not None and len(self._cases) < CASES_MAX:
            given = {name for (name, _), value in zip(self._fits, setting, strict=True) if value is True}
            bound = [
                (self._names[argument.name.value], argument.value.name.value)
                for argument in self._node.arguments or ()
                if isinstance(argument.value, VariableNode) and argument.value.name.value in given
            ]
            kept = Called(called.variables.copy(), called.arguments.copy())
            self._cases[setting] = _Case(kept, tuple(given), tuple(bound))
        return called

    def _coerce(self, variables: Mapping[str, Any]) -> Called | None:
        values = get_variable_values(self._schema, self._declared, dict(variables))
        if isinstance(values, list):
            return None
        try:
            found = get_argument_values(self._definition, self._node, values)
        except GraphQLError:
            return None
        return Called(values.coerced, {self._names[name]: value for name, value in found.items()})


def _fitting(schema: GraphQLSchema, variable: VariableDefinitionNode) -> Callable[[Any], bool]:
    """Return whether a value of the variable's type is certain to be coerced to itself."""
    type_ = type_from_ast(schema, variable.type)
    return _FITTING.get(id(type_.of_type if isinstance(type_, GraphQLNonNull) else type_), _never)


def _is_text(value: Any) -> bool:
    return value.__class__ is str


def _is_int(value: Any) -> bool:
    return value.__class__ is int and GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT


def _is_bool(value: Any) -> bool:
    return value.__class__ is bool


def _never(_: Any) -> bool:
    return False


_FITTING: dict[int, Callable[[Any], bool]] = {
    id(GraphQLString): _is_text,
    id(GraphQLID): _is_text,
    id(GraphQLInt): _is_int,
    id(GraphQLBoolean): _is_bool,
}
