"""How large a document is, found out before it is validated: validation takes the square of some of these numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from gateway import limits
from gateway.errors import as_graphql
from services.chassis.errors import Exhausted

INTROSPECTION = frozenset({"__schema", "__type", "__typename"})


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


def check_structure(document: DocumentNode) -> None:
    """Raise GraphQLError if the document is deeper or larger than it may be."""
    fragments = fragments_of(document)
    known: dict[str, _Extent] = {}
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
            continue
        extent = _extent(definition.selection_set, fragments, known)
        # A fragment's depth counts where it is put in.
        if extent.depth > limits.DEPTH_MAX and isinstance(definition, OperationDefinitionNode):
            raise too_deep()
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
            below.depth = 1 if selection.name.value in INTROSPECTION else below.depth + 1
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


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """Return the fragments of a document by name."""
    return {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }


def too_deep() -> GraphQLError:
    """Return what is said of a document that is too deep, also to be parsed."""
    return as_graphql(Exhausted(f"A document is at most {limits.DEPTH_MAX} fields deep.", code="query_too_deep"))


def too_long() -> GraphQLError:
    """Return what is said of a document that has too many tokens."""
    return _too_large("query_too_long", f"{limits.TOKENS_MAX:,} tokens and {limits.COMMENTS_MAX} comments")


def _too_large(code: str, bound: str) -> GraphQLError:
    return as_graphql(Exhausted(f"A document has at most {bound}.", code=code))
