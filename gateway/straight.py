"""The straight way through a query with one root field: ask for its object, build it, done.

Most of what frontends ask is one page. graphql-core makes an executor for it, collects, resolves, waits and completes in
some thirty calls, twice what building the page takes. What those calls would find out is the same each time, so it is found
out once, with an executor of graphql-core's own, and kept as a route: the resolver, how its arguments are called, and the
compiled plan of what is selected below. What a route does not cover (two root fields, a directive on the root, arguments
that are more than plain scalars, anything below that is not compiled) goes through graphql-core as before, and so does an
object that compiled code gives up on: it is asked for again then. An error of the resolver is told as graphql-core tells it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard, cast

import strawberry
from cachetools import LRUCache
from google.protobuf.message import Message
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLField,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    located_error,
    specified_scalar_types,
)
from graphql.execution.collect_fields import GroupedFieldSet, collect_fields
from graphql.pyutils import Path
from strawberry.execution import optimized_is_awaitable
from strawberry.types.field import StrawberryField

from gateway.arguments import Arguments
from gateway.compiling import Build, NotPlain, Result
from gateway.executor import VARIANTS_MAX, CompiledExecutor, switches_below
from gateway.messages import MessageWriter, build_for

ROUTES_MAX = 1_024
CLASSES_MAX = 4
"""Classes of messages for which one way has code of its own; a field has one class, or as many as it has services."""

_is_awaitable = cast("Callable[[Any], TypeGuard[Awaitable[Any]]]", optimized_is_awaitable)


class _Way:
    """How the object is built for one setting of the switches: by code for any object, or for messages of a class."""

    def __init__(
        self, build: Build, executor: CompiledExecutor, type_: GraphQLObjectType, fields: GroupedFieldSet
    ) -> None:
        self._build = build
        self._executor = executor
        self._type = type_
        self._fields = fields
        self._builds: dict[type, Build] = {}

    def build(self, found: object) -> Result:
        """Return what the client sees; whatever is raised, graphql-core has to say."""
        build = self._builds.get(found.__class__)
        return (build or self._learn(found.__class__))(found)

    def _learn(self, kind: type) -> Build:
        if len(self._builds) >= CLASSES_MAX:
            return self._build
        special = None
        if issubclass(kind, Message):
            special = build_for(kind, MessageWriter(self._executor), self._type, self._fields)
        return self._builds.setdefault(kind, special or self._build)


@dataclass(slots=True)
class _Route:
    """How one operation is answered; ``ways`` has one for each setting of its switches, None where there is none.

    It holds the document: while it lives, no other document can have its identity.
    """

    document: DocumentNode
    operation: OperationDefinitionNode
    node: FieldNode
    definition: GraphQLField
    made_from: StrawberryField
    resolve: Callable[..., Awaitable[Any]]
    arguments: Arguments
    switches: tuple[str, ...]
    info: GraphQLResolveInfo[Any] | None = None
    ways: dict[tuple[object, ...], _Way | None] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.node.alias.value if self.node.alias else self.node.name.value


class StraightWay:
    """The routes of one schema, the least recently used ones forgotten; and how often they served."""

    def __init__(
        self, schema: GraphQLSchema, *, executor: type[CompiledExecutor], info: type[strawberry.Info[Any, Any]]
    ) -> None:
        self._schema = schema
        self._executor = executor
        self._info = info
        self._routes: LRUCache[tuple[int, str | None], tuple[DocumentNode, _Route | None]] = LRUCache(ROUTES_MAX)
        self.answered = 0

    async def answer(
        self, document: DocumentNode, *, operation: str | None, variables: Mapping[str, Any], context: object
    ) -> ExecutionResult | None:
        """Return the answer; None if it has to go through graphql-core."""
        route = self._route(document, operation)
        if route is None:
            return None
        called = route.arguments.read(variables)
        if called is None:
            return None
        setting = tuple(called.variables.get(name) for name in route.switches)
        if setting not in route.ways:
            if len(route.ways) >= VARIANTS_MAX:
                return None
            route.ways[setting] = self._find_way(route, operation, variables)
        way = route.ways[setting]
        if way is None or route.info is None:
            return None
        raw = route.info._replace(variable_values=called.variables, context=context)  # type: ignore[arg-type]
        return await self._resolve(route, way, raw, called.arguments)

    async def _resolve(
        self, route: _Route, way: _Way, raw: GraphQLResolveInfo[Any], arguments: Mapping[str, Any]
    ) -> ExecutionResult | None:
        info = self._info(_raw_info=raw, _field=route.made_from)
        required = isinstance(route.definition.type, GraphQLNonNull)
        try:
            found = await route.resolve(None, info=info, **arguments)
        except Exception as error:
            self.answered += 1
            return ExecutionResult(
                None if required else {route.key: None}, [located_error(error, [route.node], [route.key])]
            )
        if found is None and not required:
            self.answered += 1
            return ExecutionResult({route.key: None}, None)
        try:
            data = {route.key: way.build(found)}
        except Exception:  # whatever it is, graphql-core meets it again and says what is wrong
            return None
        self.answered += 1
        return ExecutionResult(data, None)

    def _route(self, document: DocumentNode, operation: str | None) -> _Route | None:
        known = self._routes.get((id(document), operation))
        if known is None:
            known = self._routes[id(document), operation] = (document, self._find_route(document, operation))
        return known[1]

    def _find_route(self, document: DocumentNode, name: str | None) -> _Route | None:
        operation = _only_operation(document, name)
        query = self._schema.query_type
        if operation is None or query is None or operation.operation is not OperationType.QUERY or operation.directives:
            return None
        selections = operation.selection_set.selections
        node = selections[0]
        if len(selections) != 1 or not isinstance(node, FieldNode) or node.directives:
            return None
        definition = query.fields.get(node.name.value)
        made_from = definition.extensions.get("strawberry-definition") if definition else None
        if definition is None or not isinstance(made_from, StrawberryField) or not _is_simple(made_from, definition):
            return None
        try:
            switches = switches_below(document, node)
        except NotPlain:
            return None
        names = {
            graphql_name: argument.python_name
            for (graphql_name, argument) in zip(definition.args, made_from.arguments, strict=True)
        }
        arguments = Arguments(
            self._schema, operation.variable_definitions or (), definition=definition, node=node, names=names
        )
        resolve = cast("Callable[..., Awaitable[Any]]", made_from.base_resolver)
        return _Route(document, operation, node, definition, made_from, resolve, arguments, switches)

    def _find_way(self, route: _Route, name: str | None, variables: Mapping[str, Any]) -> _Way | None:
        """Return how to build all that graphql-core's own collecting finds below; None if not all of it is plain."""
        executor = self._executor.build(
            self._schema,
            route.document,
            raw_variable_values=dict(variables),
            operation_name=name,
            is_awaitable=_is_awaitable,
        )
        query = self._schema.query_type
        if not isinstance(executor, CompiledExecutor) or query is None:
            return None
        roots = collect_fields(self._schema, executor.fragments, executor.variable_values, query, route.operation)
        group = roots.grouped_field_set[route.key]
        inner = route.definition.type
        kind = inner.of_type if isinstance(inner, GraphQLNonNull) else inner
        if not isinstance(kind, GraphQLObjectType):
            return None
        below = executor.collect_subfields(kind, group)
        plan = executor.plans.find(executor, kind, below.grouped_field_set)
        if plan is None or plan.rest or below.new_defer_usages:
            return None
        path = Path(None, route.key, query.name)
        route.info = executor.build_resolve_info(route.definition, [route.node], query, path)
        return _Way(plan.build, executor, kind, below.grouped_field_set)


def _only_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    operations = [part for part in document.definitions if isinstance(part, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    return next((part for part in operations if part.name and part.name.value == name), None)


def _is_simple(made_from: StrawberryField, definition: GraphQLField) -> bool:
    """Whether calling the resolver with its arguments as they are is all that Strawberry would do."""
    resolver = made_from.base_resolver
    if resolver is None or not resolver.is_async or made_from.extensions or made_from.permission_classes:
        return False
    if type(made_from).get_result is not StrawberryField.get_result:
        return False
    own = resolver.self_parameter is not None and resolver.info_parameter is not None
    if not own or resolver.parent_parameter is not None or resolver.root_parameter is not None:
        return False
    return all(_is_scalar(argument.type) for argument in definition.args.values())


def _is_scalar(type_: GraphQLInputType) -> bool:
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    return isinstance(inner, GraphQLScalarType) and inner.name in specified_scalar_types
