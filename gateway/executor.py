"""Runs the plain part of a selection set as compiled Python, and leaves the rest to graphql-core.

graphql-core completes a page of posts field by field: five hundred calls for twenty posts, although all that happens is
that attributes are read from objects. Here every selection set is looked at once. What is plain (attributes, functions
marked ``computed``, lists and objects of those) becomes Python functions that build the result directly, kept for the
next request with the same document; what is not (arguments, resolvers, abstract types, deferred parts) stays with
graphql-core, field by field. Whatever the compiled code meets that it was not made for, from a null in a non-null field
to an attribute that is missing, it gives up, and graphql-core executes that object from the start: errors, their paths
and the nulls that follow are its own, always.

Plans are kept by the identity of the AST nodes they were made from, so they pay when documents are parsed once and
remembered (``documents.py``). A plan holds its nodes: while it lives, no other node can have their identity.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    SelectionSetNode,
    VariableNode,
)
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.language import DirectiveNode
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.compiling import Build, NotPlain, Result, Writer, returning

PLANS_MAX = 1_024
VARIANTS_MAX = 16
"""Plans for one selection set, one for each combination of the variables in its @skip and @include."""

_SWITCHES = frozenset({"skip", "include"})


class Plan(NamedTuple):
    """How to make one object: what compiled code builds, and the response keys that graphql-core fills in."""

    build: Build
    rest: tuple[str, ...]


@dataclass(slots=True)
class Shape:
    """One selection set on one type: the nodes it was made from, and a plan for each setting of its switches."""

    nodes: tuple[FieldNode, ...]
    switches: tuple[str, ...]
    generic: frozenset[str]
    plans: dict[tuple[object, ...], Plan | None] = field(default_factory=dict)


class Plans:
    """The plans of one schema, the least recently used ones forgotten; and how often they served."""

    def __init__(self, *, plans_max: int = PLANS_MAX) -> None:
        self._shapes: LRUCache[tuple[object, ...], Shape] = LRUCache(plans_max)
        self.objects_compiled = 0
        self.objects_given_up = 0

    def __len__(self) -> int:
        return len(self._shapes)

    def find(self, executor: CompiledExecutor, parent: GraphQLObjectType, fields: GroupedFieldSet) -> Plan | None:
        """Return the plan for ``fields`` on ``parent``; None if nothing in it is plain."""
        nodes = tuple(details.node for group in fields.values() for details in group)
        key = (parent, *map(id, nodes))
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = _shape(nodes, fields, executor.fragment_definitions)
        values = executor.variable_values.coerced
        setting = tuple(values.get(name) for name in shape.switches)
        if setting not in shape.plans:
            if len(shape.plans) >= VARIANTS_MAX:
                return None
            shape.plans[setting] = _compile(executor, parent, fields, shape.generic)
        return shape.plans[setting]


class CompiledExecutor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, with the plain part of every object compiled; made for one schema by ``executor_class``."""

    plans: Plans

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # By the identity of the grouped fields, which graphql-core makes once for all items of a list; they are held
        # here so that no other can take their identity.
        self._found: dict[int, tuple[GroupedFieldSet, Plan | None]] = {}
        middlewares = self.middleware_manager is not None and bool(self.middleware_manager.middlewares)
        self._all_generic = middlewares or self.abort_signal is not None

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> Any:
        """Return the object as a dict, or an awaitable of it, as graphql-core does."""
        plan = None
        if position_context is None and not self._all_generic:
            plan = self._plan(parent_type, grouped_field_set)
        if plan is None:
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        try:
            built = plan.build(source_value)
        except Exception:  # whatever it is, graphql-core meets it again and says what is wrong
            self.plans.objects_given_up += 1
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        self.plans.objects_compiled += 1
        if not plan.rest:
            return built
        rest = {key: grouped_field_set[key] for key in plan.rest}
        filled: Any = super().execute_fields(parent_type, source_value, path, rest, position_context)
        if self.is_awaitable(filled):
            return _merge_later(built, plan.rest, filled)
        return _merge(built, plan.rest, filled)

    def _plan(self, parent_type: GraphQLObjectType, fields: GroupedFieldSet) -> Plan | None:
        found = self._found.get(id(fields))
        if found is None:
            found = self._found[id(fields)] = (fields, self.plans.find(self, parent_type, fields))
        return found[1]


def executor_class(plans: Plans) -> type[CompiledExecutor]:
    """Return the executor for one schema; ``plans`` keeps what it has compiled."""
    return type("SchemaExecutor", (CompiledExecutor,), {"plans": plans})


def _merge(built: Result, rest: Iterable[str], filled: Mapping[str, Any]) -> Result:
    for key in rest:  # built holds a place for each, so the order is that of the document
        if key in filled:
            built[key] = filled[key]
        else:
            del built[key]
    return built


async def _merge_later(built: Result, rest: Iterable[str], filled: Awaitable[Mapping[str, Any]]) -> Result:
    return _merge(built, rest, await filled)


def _shape(
    nodes: tuple[FieldNode, ...], fields: GroupedFieldSet, fragments: Mapping[str, FragmentDefinitionNode]
) -> Shape:
    switches: set[str] = set()
    generic: set[str] = set()
    for key, group in fields.items():
        found: set[str] = set()
        try:
            for details in group:
                _find_switches(details.node.selection_set, fragments, found, set())
        except NotPlain:
            generic.add(key)
        else:
            switches |= found
    return Shape(nodes, tuple(sorted(switches)), frozenset(generic))


def switches_below(document: DocumentNode, node: FieldNode) -> tuple[str, ...]:
    """Return the variables that decide what is selected below ``node``; NotPlain if a directive does something else."""
    fragments = {part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)}
    found: set[str] = set()
    _find_switches(node.selection_set, fragments, found, set())
    return tuple(sorted(found))


def _find_switches(
    selection_set: SelectionSetNode | None,
    fragments: Mapping[str, FragmentDefinitionNode],
    found: set[str],
    visited: set[str],
) -> None:
    """Add the variables that decide what is selected below; NotPlain if a directive does something else."""
    for selection in selection_set.selections if selection_set else ():
        for directive in selection.directives or ():
            found |= _switch_variables(directive)
        if isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name not in visited and name in fragments:
                visited.add(name)
                _find_switches(fragments[name].selection_set, fragments, found, visited)
        else:
            _find_switches(selection.selection_set, fragments, found, visited)  # type: ignore[attr-defined]


def _switch_variables(directive: DirectiveNode) -> set[str]:
    if directive.name.value not in _SWITCHES:
        raise NotPlain
    return {
        argument.value.name.value for argument in directive.arguments or () if isinstance(argument.value, VariableNode)
    }


def _compile(
    executor: CompiledExecutor, parent: GraphQLObjectType, fields: GroupedFieldSet, generic: frozenset[str]
) -> Plan | None:
    writer = Writer(executor)
    rest: list[str] = []
    body: list[str] = []
    entries: dict[str, str] = {}
    for key, group in fields.items():
        mark = len(body)
        try:
            if key in generic:
                raise NotPlain
            entries[key] = writer.write_field(body, parent, group)
        except NotPlain:
            del body[mark:]
            rest.append(key)
            entries[key] = "None"
    if len(rest) == len(fields):
        return None
    name = writer.write_function("source", [*body, returning(entries)])
    try:
        return Plan(writer.load(name), tuple(rest))
    except (SyntaxError, RecursionError, MemoryError):  # deeper than Python's own compiler goes
        return None
