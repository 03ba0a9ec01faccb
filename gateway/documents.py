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
from gateway.structure import INTROSPECTION, check_structure, fragments_of, too_deep, too_long
from services.chassis import limits as chassis_limits
from services.chassis.errors import Exhausted, Invalid

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
    """One operation of the document ``parsed``. ``defaults`` are those of its variables that are numbers."""

    parsed: DocumentNode
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
            raise Refused(as_graphql(Invalid(text, code="operation_name_missing")))
        if name is None or name not in self.operations:
            raise Refused(as_graphql(Invalid("The document has no such operation.", code="unknown_operation")))
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
            check_structure(parsed)
            errors = validate_document(self._schema, parsed, tuple(specified_rules))
        except GraphQLSyntaxError as error:
            raise Refused(too_long() if _TOO_LONG in error.message else error) from None
        except GraphQLError as error:
            raise Refused(error) from None
        except RecursionError:
            raise Refused(too_deep()) from None
        if errors:
            raise Refused(*errors)
        return Document(parsed, dict(_operations(self._schema, parsed)))


def check_cost(operation: Operation, variables: Mapping[str, Any]) -> None:
    """Raise Refused if the operation asks for too much at once."""
    cost = operation.price.total({**operation.defaults, **variables})
    if cost > limits.COST_MAX:
        text = f"This costs {cost:,} and may cost {limits.COST_MAX:,}; ask for smaller pages or fewer fields."
        raise Refused(as_graphql(Exhausted(text, code="query_too_costly")))


def remembered(documents: Documents) -> type[SchemaExtension]:
    """Return the extension that gives Strawberry the documents which ``documents`` has read and validated."""

    class RememberedDocuments(SchemaExtension):
        def on_parse(self) -> Iterator[None]:
            context = self.execution_context
            context.graphql_document = documents.read(context.query or "").parsed
            context.validation_rules = ()  # read has validated it
            yield

    return RememberedDocuments


def _operations(schema: GraphQLSchema, document: DocumentNode) -> Iterator[tuple[str, Operation]]:
    pricing = _Pricing(schema, fragments_of(document))
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
                    document,
                    definition.operation,
                    pricing.price(definition.selection_set, root),
                    defaults,
                    definition.operation is OperationType.QUERY and fields <= INTROSPECTION,
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
        if name in INTROSPECTION:
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
