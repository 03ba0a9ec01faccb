"""Writes the plain part of a selection set for a protobuf message of one class, of which its descriptor knows everything.

What ``compiling`` writes looks at each object and each value, for it could be anything. A message cannot: a string field
holds a string, a field of messages holds messages of one class, and none of them is ever None. So nothing of that is looked
at, and what stands inside an object is made where it stands instead of in a function of its own, in two thirds of the time.
What a descriptor cannot promise, such as a field that is computed, is written as for any other object.
"""

from __future__ import annotations

from typing import Final, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet

from gateway.compiling import INT_MAX, Build, NotPlain, Writer, attribute_of, definition_of, object_of, returning

Bindings = dict[str, str]
"""Names for objects inside of an object, and the expressions for them, in the order in which they are made."""

_INT32: Final = frozenset({FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_SINT32, FieldDescriptor.TYPE_SFIXED32})
_AS_IT_IS: Final = {
    id(GraphQLString): frozenset({FieldDescriptor.TYPE_STRING}),
    id(GraphQLID): frozenset({FieldDescriptor.TYPE_STRING}),
    id(GraphQLBoolean): frozenset({FieldDescriptor.TYPE_BOOL}),
    id(GraphQLInt): _INT32,
}
"""For the built-in scalars: the fields whose values are what the client sees."""
_COUNTS: Final = frozenset({FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_UINT64, FieldDescriptor.TYPE_FIXED32})
"""What an Int shows as it is, unless it is too large."""


def build_for(
    message: type[Message], writer: MessageWriter, type_: GraphQLObjectType, fields: GroupedFieldSet
) -> Build | None:
    """Return what builds ``fields`` of messages of that class as objects of ``type_``; None if not all of it is plain."""
    try:
        return writer.load(writer.write_message(cast("Descriptor", message.DESCRIPTOR), type_, fields))
    except (NotPlain, SyntaxError, RecursionError, MemoryError):
        return None


class MessageWriter(Writer):
    """Writes one function for a message, and for each part of it that is not certain another."""

    def write_message(self, message: Descriptor, type_: GraphQLObjectType, fields: GroupedFieldSet) -> str:
        """Write the function for such a message, and return its name. Raises NotPlain."""
        bindings: Bindings = {}
        entries = self._entries(message, type_, fields, "source", bindings)
        lines = [f"{name} = {expression}" for name, expression in bindings.items()]
        return self.write_function("source", [*lines, returning(entries)])

    def _entries(
        self, message: Descriptor, type_: GraphQLObjectType, fields: GroupedFieldSet, source: str, bindings: Bindings
    ) -> dict[str, str]:
        return {key: self._expression(message, type_, group, source, bindings) for key, group in fields.items()}

    def _expression(
        self, message: Descriptor, parent: GraphQLObjectType, group: FieldDetailsList, source: str, bindings: Bindings
    ) -> str:
        definition = definition_of(parent, group)
        if definition is None:
            return repr(parent.name)
        attribute = attribute_of(definition)
        field = message.fields_by_name.get(attribute)
        certain = (
            None if field is None else self._certain(field, definition.type, group, f"{source}.{attribute}", bindings)
        )
        return certain or self._uncertain(parent, group, source)

    def _uncertain(self, parent: GraphQLObjectType, group: FieldDetailsList, source: str) -> str:
        body: list[str] = []
        value = self.write_field(body, parent, group)
        return f"{self.write_function('source', [*body, f'return {value}'])}({source})"

    def _certain(
        self, field: FieldDescriptor, type_: GraphQLOutputType, group: FieldDetailsList, read: str, bindings: Bindings
    ) -> str | None:
        """Return the expression for what ``read`` gives; None if the descriptor does not promise that it is right."""
        inner = _inner(type_)
        if isinstance(inner, GraphQLList) != field.is_repeated:
            return None
        shown = _inner(inner.of_type) if isinstance(inner, GraphQLList) else inner
        if field.type in _AS_IT_IS.get(id(shown), ()):
            return f"list({read})" if field.is_repeated else read
        if shown is GraphQLInt and field.type in _COUNTS and not field.is_repeated:
            count = self._new_name("count")
            return f"({count} if ({count} := {read}) <= {INT_MAX} else {self._serialise(shown)}({count}))"
        message = field.message_type
        if message is None or not isinstance(shown, GraphQLObjectType) or not _is_shown_as(message, shown):
            return None
        item = self._new_name("item")
        if not field.is_repeated:
            bindings[item] = read
            return object_of(self._entries(message, shown, self._below(shown, group), item, bindings))
        inside: Bindings = {}
        entries = object_of(self._entries(message, shown, self._below(shown, group), item, inside))
        clauses = "".join(f" for {name} in ({expression},)" for name, expression in inside.items())
        return f"[{entries} for {item} in {read}{clauses}]"


def _inner(type_: GraphQLOutputType) -> GraphQLOutputType:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_


def _is_shown_as(message: Descriptor, type_: GraphQLObjectType) -> bool:
    """Whether each such message is shown as an object of that type."""
    if message.GetOptions().map_entry:
        return False
    return type_.is_type_of is None or GetMessageClass(message) in getattr(type_.is_type_of, "classes", ())
