"""Documents, read once and remembered: parsed, bounded, validated, and priced.

The bounds on structure are looked at before validation, whose time grows with the square of some of them. What an
operation costs follows from the sizes of its pages, which may be variables: a document remembers its price as a small
tree, and each request works it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    parse,
    specified_rules,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

from gateway import limits
from gateway.errors import as_graphql, blame_request
from gateway.schema.pages import COST
from services.chassis import limits as chassis_limits
from services.chassis.errors import Exhausted, Invalid

_INTROSPECTION = frozenset({"__schema", "__type", "__typename"})
_PAGE_SIZE = "first"
_TOO_LONG = "Document contains more than"
"""How graphql-core begins its words about a bound of the parser."""


class Refused(Exception):
    """The document cannot be executed; ``errors`` say why, safe to be shown."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(errors)
        self.errors = errors
        for error in errors:
            blame_request(error)


@dataclass(slots=True)
class Price:
    """What a selection costs: ``fixed``, and for each page in it its size (or the variable with it) times its own price."""

    fixed: int = 0
    pages: list[tuple[int | str, Price]] = field(default_factory=list)

    def total(self, variables: Mapping[str, Any]) -> int:
        """Return the price with these variables."""
        return self.fixed + sum(_size(size, variables) * price.total(variables) for size, price in self.pages)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document. ``defaults`` are those of its variables that are numbers."""

    kind: OperationType
    price: Price
    defaults: Mapping[str, int]
    only_introspection: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A document that can be executed."""

    parsed: DocumentNode
    operations: Mapping[str, Operation]

    def operation(self, name: str | None) -> Operation:
        """Return the operation of that name, or the only one. Raises Refused."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None and self.operations:
            text = "The document has several operations; name the one to carry out."
            raise Refused(_refusal(Invalid(text, code="operation_name_missing")))
        if name is None or name not in self.operations:
            raise Refused(_refusal(Invalid("The document has no such operation.", code="unknown_operation")))
        return self.operations[name]


class Documents:
    """The documents of one schema, the least recently used ones forgotten."""

    def __init__(self, schema: GraphQLSchema, *, documents_max: int = limits.DOCUMENTS_MAX) -> None:
        self._schema = schema
        self._documents: LRUCache[str, Document] = LRUCache(documents_max)

    def __len__(self) -> int:
        return len(self._documents)

    def read(self, query: str) -> Document:
        """Return the document; Refused if it cannot be parsed, is too large, or does not fit the schema."""
        document = self._documents.get(query)
        if document is None:
            document = self._documents[query] = self._read(query)
        return document

    def _read(self, query: str) -> Document:
        try:
            parsed = parse(query, max_lexical_tokens=limits.TOKENS_MAX, max_comments=limits.COMMENTS_MAX)
            _check_structure(parsed)
            errors = validate_document(self._schema, parsed, tuple(specified_rules))
        except GraphQLSyntaxError as error:
            raise Refused(_too_long() if _TOO_LONG in error.message else error) from None
        except GraphQLError as error:
            raise Refused(error) from None
        except RecursionError:
            raise Refused(_too_deep()) from None
        if errors:
            raise Refused(*errors)
        return Document(parsed, dict(_operations(self._schema, parsed)))


def check_cost(operation: Operation, variables: Mapping[str, Any]) -> None:
    """Raise Refused if the operation asks for too much at once."""
    cost = operation.price.total({**operation.defaults, **variables})
    if cost > limits.COST_MAX:
        text = f"This costs {cost:,} and may cost {limits.COST_MAX:,}; ask for smaller pages or fewer fields."
        raise Refused(_refusal(Exhausted(text, code="query_too_costly")))


def remembered(documents: Documents) -> type[SchemaExtension]:
    """Return the extension that gives Strawberry the documents which ``documents`` has read and validated."""

    class RememberedDocuments(SchemaExtension):
        def on_parse(self) -> Iterator[None]:
            context = self.execution_context
            context.graphql_document = documents.read(context.query or "").parsed
            context.validation_rules = ()  # read has validated it
            yield

    return RememberedDocuments


@dataclass(slots=True)
class _Extent:
    """How large a selection is, its fragments put in. ``repeats`` are fields named again in one selection set."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    repeats: int = 0

    def add(self, other: _Extent) -> None:
        self.depth = max(self.depth, other.depth)
        self.fields += other.fields
        self.aliases += other.aliases
        self.repeats += other.repeats


def _check_structure(document: DocumentNode) -> None:
    fragments = _fragments(document)
    known: dict[str, _Extent] = {}
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
            continue
        extent = _extent(definition.selection_set, fragments, known)
        # A fragment's depth counts where it is put in.
        if extent.depth > limits.DEPTH_MAX and isinstance(definition, OperationDefinitionNode):
            raise _too_deep()
        if extent.fields > limits.FIELDS_MAX or extent.repeats > limits.REPEATS_MAX:
            raise _too_large("query_too_large", f"{limits.FIELDS_MAX} fields, and {limits.REPEATS_MAX} named again")
        if extent.aliases > limits.ALIASES_MAX:
            raise _too_large("query_too_many_aliases", f"{limits.ALIASES_MAX} aliases")


def _extent(
    selection_set: SelectionSetNode | None, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, _Extent]
) -> _Extent:
    extent = _Extent()
    names: set[str] = set()
    for selection in selection_set.selections if selection_set else ():
        if isinstance(selection, FieldNode):
            below = _extent(selection.selection_set, fragments, known)
            # Validation has a bound of its own for introspection, whose usual query is deep.
            below.depth = 1 if selection.name.value in _INTROSPECTION else below.depth + 1
            name = (selection.alias or selection.name).value
            extent.add(_Extent(fields=1, aliases=selection.alias is not None, repeats=name in names))
            names.add(name)
        elif isinstance(selection, InlineFragmentNode):
            below = _extent(selection.selection_set, fragments, known)
        else:
            below = _fragment_extent(selection, fragments, known)
        extent.add(below)
    return extent


def _fragment_extent(
    spread: SelectionNode, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, _Extent]
) -> _Extent:
    """Return the extent of a fragment, worked out once: put in everywhere, a short document can be very large."""
    if not isinstance(spread, FragmentSpreadNode):
        return _Extent()
    name = spread.name.value
    if name not in known:
        known[name] = _Extent()  # for a fragment that contains itself, which validation refuses
        if name in fragments:
            known[name] = _extent(fragments[name].selection_set, fragments, known)
    return known[name]


def _operations(schema: GraphQLSchema, document: DocumentNode) -> Iterator[tuple[str, Operation]]:
    pricing = _Pricing(schema, _fragments(document))
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            root = schema.get_root_type(definition.operation)
            if root is None:  # validation has refused it
                continue
            defaults = {
                variable.variable.name.value: int(variable.default_value.value)
                for variable in definition.variable_definitions or ()
                if isinstance(variable.default_value, IntValueNode)
            }
            fields = set(pricing.root_fields(definition.selection_set))
            yield (
                definition.name.value if definition.name else "",
                Operation(
                    definition.operation,
                    pricing.price(definition.selection_set, root),
                    defaults,
                    definition.operation is OperationType.QUERY and fields <= _INTROSPECTION,
                ),
            )


class _Pricing:
    """Works out prices in one document, whose structure has been bounded."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments

    def root_fields(self, selection_set: SelectionSetNode) -> Iterator[str]:
        for node, _ in self._fields(selection_set, None):
            yield node.name.value

    def price(self, selection_set: SelectionSetNode | None, parent: GraphQLCompositeType) -> Price:
        price = Price()
        for node, on in self._fields(selection_set, parent):
            self._add(price, node, on or parent)
        return price

    def _add(self, price: Price, node: FieldNode, parent: GraphQLCompositeType) -> None:
        name = node.name.value
        if name in _INTROSPECTION:
            price.fixed += 1 if name == "__typename" else limits.COST_OF_INTROSPECTION
            return
        definition = self._schema.get_field(parent, name)
        if definition is None:  # validation has refused it
            return
        made_from = definition.extensions.get("strawberry-definition")
        price.fixed += made_from.metadata.get(COST, 1) if made_from is not None else 1
        inner = get_named_type(definition.type)
        if not is_composite_type(inner):
            return
        below = self.price(node.selection_set, inner)
        if _PAGE_SIZE in definition.args:
            price.pages.append((_asked_size(node), below))
        else:
            price.fixed += below.fixed
            price.pages += below.pages

    def _fields(
        self, selection_set: SelectionSetNode | None, on: GraphQLCompositeType | None
    ) -> Iterator[tuple[FieldNode, GraphQLCompositeType | None]]:
        for selection in selection_set.selections if selection_set else ():
            if isinstance(selection, FieldNode):
                yield selection, on
                continue
            fragment = self._fragments[selection.name.value] if isinstance(selection, FragmentSpreadNode) else selection
            if not isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode):
                continue
            condition = fragment.type_condition
            type_ = self._schema.get_type(condition.name.value) if condition else on
            yield from self._fields(fragment.selection_set, type_ if is_composite_type(type_) else on)


def _asked_size(node: FieldNode) -> int | str:
    given: ValueNode | None = next(
        (argument.value for argument in node.arguments or () if argument.name.value == _PAGE_SIZE), None
    )
    if isinstance(given, VariableNode):
        return given.name.value
    return int(given.value) if isinstance(given, IntValueNode) else chassis_limits.PAGE_ITEMS_DEFAULT


def _size(size: int | str, variables: Mapping[str, Any]) -> int:
    asked = variables.get(size) if isinstance(size, str) else size
    if not isinstance(asked, int):
        return chassis_limits.PAGE_ITEMS_DEFAULT
    return min(max(1, asked), chassis_limits.PAGE_ITEMS_MAX)  # beyond that it is refused by who makes the page


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }


def _too_deep() -> GraphQLError:
    return _refusal(Exhausted(f"A document is at most {limits.DEPTH_MAX} fields deep.", code="query_too_deep"))


def _too_long() -> GraphQLError:
    return _too_large("query_too_long", f"{limits.TOKENS_MAX:,} tokens and {limits.COMMENTS_MAX} comments")


def _too_large(code: str, bound: str) -> GraphQLError:
    return _refusal(Exhausted(f"A document has at most {bound}.", code=code))


def _refusal(error: Invalid | Exhausted) -> GraphQLError:
    return as_graphql(error)
