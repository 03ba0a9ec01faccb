"""Writes the plain part of a selection set as Python functions; ``executor`` runs them.

Names from a document reach the source text only as ``repr`` of a string; everything else is passed in by reference.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import strawberry
from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
    Undefined,
    is_leaf_type,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList, GroupedFieldSet
from strawberry.types.field import StrawberryField

PLAIN_CLASSES_MAX = 1_024
INT_MAX = 2**31 - 1
"""The largest Int of GraphQL."""

_COMPUTED = "samverka.computed"
_INT_MIN = -(2**31)

Source = Any
Result = dict[str, Any]
Build = Callable[[Source], Result]


class Executing(Protocol):
    """What of an executor is needed here."""

    @property
    def is_awaitable(self) -> Callable[[Any], bool]: ...

    def collect_subfields(
        self, return_type: GraphQLObjectType, field_details_list: FieldDetailsList
    ) -> CollectedFields: ...


def computed(resolver: Callable[[Any], Any], *, description: str | None = None, name: str | None = None) -> Any:
    """Return a field whose value follows from its object alone: ``resolver`` is pure, synchronous and takes the object.

    It may be called twice for one object (compiled code that gives up is followed by graphql-core).
    """
    return strawberry.field(resolver=resolver, description=description, name=name, metadata={_COMPUTED: resolver})


def one_of_classes(*classes: type) -> Callable[[object, object], bool]:
    """Return an ``is_type_of`` for objects of exactly these classes, which compiled code can ask as well."""

    def is_type_of(value: object, _info: object) -> bool:
        return value.__class__ in classes

    is_type_of.classes = frozenset(classes)  # type: ignore[attr-defined]
    return is_type_of


class NotPlain(Exception):
    """This part of a selection set is for graphql-core."""


class GiveUp(Exception):
    """The compiled code met what it was not made for."""


def definition_of(parent: GraphQLObjectType, group: FieldDetailsList) -> GraphQLField | None:
    """Return the field that is selected; None for __typename. Raises NotPlain."""
    for details in group:
        if details.defer_usage or details.fragment_variable_values:
            raise NotPlain
    name = group[0].node.name.value
    if name == "__typename":
        return None
    definition: GraphQLField | None = parent.fields.get(name)
    if definition is None or definition.args:
        raise NotPlain
    return definition


def attribute_of(definition: GraphQLField) -> str:
    """Return the attribute of its object that the field shows; empty if it is computed. Raises NotPlain."""
    made_from = _made_from(definition)
    if _COMPUTED in made_from.metadata:
        return ""
    overridden = type(made_from).get_result is not StrawberryField.get_result
    if not made_from.is_basic_field or overridden or made_from.default_resolver is not getattr:
        raise NotPlain
    attribute = made_from.python_name
    if not attribute.isidentifier() or keyword.iskeyword(attribute):
        raise NotPlain
    return attribute


def _made_from(definition: GraphQLField) -> StrawberryField:
    made_from = definition.extensions.get("strawberry-definition")
    if not isinstance(made_from, StrawberryField) or made_from.extensions:
        raise NotPlain
    return made_from


def object_of(entries: Mapping[str, str]) -> str:
    """Return the expression for an object of the expressions for its response keys."""
    return "{" + ", ".join(f"{key!r}: {expression}" for key, expression in entries.items()) + "}"


def returning(entries: Mapping[str, str]) -> str:
    """Return the line that makes such an object."""
    return f"return {object_of(entries)}"


class Writer:
    """Writes one Python function for each object in a selection set.

    Names from the document reach the source text only as ``repr`` of a string; all else is passed in by reference.
    """

    def __init__(self, executor: Executing) -> None:
        self._executor = executor
        self._lines: list[str] = []
        self._plain: set[type] = set()
        self._sequences: set[type] = {list, tuple}
        self._names: dict[str, Any] = {
            "GiveUp": GiveUp,
            "plain": self._plain,
            "admit": _admitting(self._plain, executor.is_awaitable),
            "sequences": self._sequences,
            "admit_items": _admitting_items(self._sequences),
        }
        self._count = 0

    def load(self, name: str) -> Build:
        """Compile what was written, and return its function ``name``."""
        code = compile("\n".join(self._lines), "<selection set>", "exec")
        exec(code, self._names)  # noqa: S102
        build: Build = self._names[name]
        return build

    def write_function(self, parameter: str, body: Sequence[str]) -> str:
        """Write a function with these lines, and return its name."""
        name = self._new_name("f")
        self._lines.append(f"def {name}({parameter}):")
        self._lines.extend(f"    {line}" for line in body)
        return name

    def write_field(self, body: list[str], parent: GraphQLObjectType, group: FieldDetailsList) -> str:
        """Add to ``body`` the lines that make the field's value from ``source``, and return the expression for it.

        Raises NotPlain if it cannot be done.
        """
        definition = definition_of(parent, group)
        if definition is None:
            return repr(parent.name)
        variable = self._new_name("v")
        body.append(f"{variable} = {self._read(definition)}")
        self._write_value(body, variable, definition.type, group)
        return variable

    def _read(self, definition: GraphQLField) -> str:
        """Return the expression for the field's raw value."""
        made_from = _made_from(definition)
        function = made_from.metadata.get(_COMPUTED)
        return f"{self._pass_in('computed', function)}(source)" if function else f"source.{attribute_of(definition)}"

    def _write_value(self, body: list[str], variable: str, type_: GraphQLOutputType, group: FieldDetailsList) -> None:
        """Add the lines that turn the raw value in ``variable`` into what the client sees."""
        required = isinstance(type_, GraphQLNonNull)
        inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        conditions = [] if required else [f"{variable} is not None"]
        if is_leaf_type(inner):
            wrong = _NOT_AS_IT_IS.get(id(inner))
            conditions += [f"({wrong.replace('value', variable)})"] if wrong else []
            expression = f"{self._serialise(inner)}({variable})"
        elif isinstance(inner, GraphQLList):
            expression = self._list(variable, inner, group)
        elif isinstance(inner, GraphQLObjectType):
            expression = f"{self._object(inner, group)}({variable})"
        else:
            raise NotPlain
        # A null in a required field makes the function called give up.
        condition = f"if {' and '.join(conditions)}: " if conditions else ""
        body.append(f"{condition}{variable} = {expression}")

    def _serialise(self, type_: GraphQLLeafType) -> str:
        return self._pass_in("leaf", _serialising(type_, self._plain, self._executor.is_awaitable))

    def _list(self, variable: str, type_: GraphQLList[GraphQLOutputType], group: FieldDetailsList) -> str:
        item = type_.of_type
        if isinstance(item, GraphQLNonNull) and isinstance(item.of_type, GraphQLObjectType):
            function = self._object(item.of_type, group)  # one call less than through a function for the item
        else:
            body: list[str] = []
            self._write_value(body, "item", item, group)
            function = self.write_function("item", [*body, "return item"])
        items = f"({variable} if {variable}.__class__ in sequences else admit_items({variable}))"
        return f"[{function}(item) for item in {items}]"

    def _object(self, type_: GraphQLObjectType, group: FieldDetailsList) -> str:
        body = [self._check_class(type_)]
        entries = {key: self.write_field(body, type_, fields) for key, fields in self._below(type_, group).items()}
        return self.write_function("source", [*body, returning(entries)])

    def _below(self, type_: GraphQLObjectType, group: FieldDetailsList) -> GroupedFieldSet:
        collected = self._executor.collect_subfields(type_, group)
        if collected.new_defer_usages:
            raise NotPlain
        return collected.grouped_field_set

    def _check_class(self, type_: GraphQLObjectType) -> str:
        if type_.is_type_of is None:
            return "if source.__class__ not in plain: admit(source)"
        classes = getattr(type_.is_type_of, "classes", None)
        if classes is None:
            raise NotPlain
        return f"if source.__class__ not in {self._pass_in('classes', classes)}: raise GiveUp"

    def _pass_in(self, stem: str, value: object) -> str:
        name = self._new_name(stem)
        self._names[name] = value
        return name

    def _new_name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._count}"


_NOT_AS_IT_IS = {
    id(GraphQLString): "value.__class__ is not str",
    id(GraphQLID): "value.__class__ is not str",
    id(GraphQLBoolean): "value.__class__ is not bool",
    id(GraphQLInt): f"value.__class__ is not int or not {_INT_MIN} <= value <= {INT_MAX}",
    id(GraphQLFloat): "value.__class__ is not float or value - value != 0.0",  # the difference is 0 unless inf or nan
}
"""For the built-in scalars: the condition under which a value is not yet what the client sees."""


def _admitting(plain: set[type], is_awaitable: Callable[[Any], bool]) -> Callable[[object], None]:
    """Return a function that adds a value's class to ``plain``, or gives up on one that needs graphql-core's care."""

    def admit(value: object) -> None:
        if value is None or value is Undefined or isinstance(value, Exception) or is_awaitable(value):
            raise GiveUp
        if len(plain) >= PLAIN_CLASSES_MAX or hasattr(value, "gi_code"):  # one generator may be awaitable, another not
            raise GiveUp
        plain.add(value.__class__)

    return admit


def _serialising(
    type_: GraphQLLeafType, plain: set[type], is_awaitable: Callable[[Any], bool]
) -> Callable[[object], object]:
    """Return the function that serialises a raw value of ``type_``, and gives up where graphql-core would complain."""
    coerce = type_.coerce_output_value
    admit = _admitting(plain, is_awaitable)

    def serialise(value: object) -> object:
        if value.__class__ not in plain:
            admit(value)
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise GiveUp
        return coerced

    return serialise


def _admitting_items(sequences: set[type]) -> Callable[[object], object]:
    """Return a function that adds a list's class to ``sequences``, or gives up on what is no sequence and nothing else.

    Other iterables may have to be awaited, or be used up by looking.
    """

    def admit_items(value: object) -> object:
        if not isinstance(value, Sequence) or isinstance(value, str | bytes | bytearray | memoryview):
            raise GiveUp
        if hasattr(value, "__aiter__") or len(sequences) >= PLAIN_CLASSES_MAX:
            raise GiveUp
        sequences.add(value.__class__)
        return value

    return admit_items
