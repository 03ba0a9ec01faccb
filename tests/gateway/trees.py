"""A schema's types that have everything, rows to show as them, good and bad, and random selections of their fields."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterator
from typing import Annotated, Any, NewType

import strawberry
from hypothesis import strategies as st
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from gateway.compiling import computed, one_of_classes

Moment = NewType("Moment", int)
Anything = NewType("Anything", object)
"""A scalar that takes whatever it is given, and makes nothing of an empty text."""


def _moment(value: int) -> str:
    if value < 0:
        raise ValueError("before the beginning")
    return f"t{value}"


@strawberry.enum
class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Row:
    """Something with attributes, as a message is; what is not given is missing."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


class LeafRow(Row):
    pass


class TreeRow(Row):
    pass


def _shout(row: strawberry.Parent[Row]) -> str:
    return str(row.text).upper()


def _maybe(row: strawberry.Parent[Row]) -> str | None:
    text: str | None = row.text
    return text or None


async def _slow(row: strawberry.Parent[Row]) -> str:
    return f"slow {row.text}"


def _scaled(row: strawberry.Parent[Row], by: int = 2) -> int:
    return int(row.number) * by


@strawberry.interface
class Named:
    text: str


@strawberry.type
class Leaf(Named):
    is_type_of = one_of_classes(LeafRow)

    text: str
    number: int
    colour: Colour | None
    moment: Moment | None


@strawberry.type
class Plain:
    """Has no ``is_type_of``: any object will do."""

    text: str
    anything: Anything | None


@strawberry.type
class Tree(Named):
    is_type_of = one_of_classes(TreeRow)

    text: str
    number: int
    maybe_number: int | None
    ratio: float | None
    flag: bool
    key: strawberry.ID
    colour: Colour
    moment: Moment
    texts: list[str]
    maybe_texts: list[str | None] | None
    grid: list[list[int]]
    leaf: Leaf
    maybe_leaf: Leaf | None
    plain: Plain | None
    plains: list[Plain]
    leaves: list[Leaf]
    maybe_leaves: list[Leaf | None] | None
    trees: list[Tree]
    named: list[Named]
    either: EitherType | None
    shout: str = computed(_shout)
    maybe: str | None = computed(_maybe)
    slow: str = strawberry.field(resolver=_slow)
    scaled: int = strawberry.field(resolver=_scaled)


EitherType = Annotated[Leaf | Tree, strawberry.union("Either")]


def config() -> StrawberryConfig:
    """Return the configuration with the scalars of these types."""
    scalars: dict[object, ScalarDefinition] = {
        Moment: strawberry.scalar(name="Moment", serialize=_moment),
        Anything: strawberry.scalar(name="Anything", serialize=lambda value: str(value) or None),
    }
    return StrawberryConfig(scalar_map=scalars)


def leaf_row(text: Any = "leaf", number: Any = 1, **changes: Any) -> LeafRow:
    return LeafRow(**({"text": text, "number": number, "colour": Colour.RED, "moment": 5} | changes))


def tree_row(depth: int = 2, **changes: Any) -> TreeRow:
    below = [tree_row(depth - 1)] if depth else []
    usual: dict[str, Any] = {
        "text": "tree",
        "number": 7,
        "maybe_number": None,
        "ratio": 1.5,
        "flag": True,
        "key": "k",
        "colour": Colour.BLUE,
        "moment": 9,
        "texts": ["a", "b"],
        "maybe_texts": ["a", None],
        "grid": [[1, 2], []],
        "leaf": leaf_row(),
        "maybe_leaf": None,
        "plain": Row(text="plain", anything=b"x"),
        "plains": [Row(text="plain", anything="")],
        "leaves": (leaf_row("one"), leaf_row("two")),
        "maybe_leaves": [leaf_row(), None],
        "trees": below,
        "named": [leaf_row(), *below],
        "either": leaf_row(),
    }
    return TreeRow(**(usual | changes))


def outcome(result: Any) -> Any:
    errors = [
        (error.message, error.path, [tuple(place) for place in error.locations or ()]) for error in result.errors or ()
    ]
    return result.data, list(_order(result.data)), sorted(errors, key=repr)


def _order(value: Any) -> Iterator[str]:
    """Yield the keys of ``value`` in the order they stand in, all the way down."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _order(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _order(inner)


LEAVES = ["text", "number", "maybeNumber", "ratio", "flag", "key", "colour", "moment", "texts", "maybeTexts", "grid"]
LEAVES += ["shout", "maybe", "slow", "scaled", "scaled(by: 3)", "__typename"]
OBJECTS = {
    "plain": "Plain",
    "plains": "Plain",
    "leaf": "Leaf",
    "maybeLeaf": "Leaf",
    "leaves": "Leaf",
    "maybeLeaves": "Leaf",
    "trees": "Tree",
}
ABSTRACT = {"named": "Named", "either": "Either"}
DIRECTIVES = [
    "",
    "",
    "",
    "@include(if: $yes)",
    "@skip(if: $yes)",
    "@include(if: true)",
    "@skip(if: $no) @include(if: $yes)",
]
PARTS = {"Tree": LEAVES, "Leaf": ["text", "number", "colour", "moment", "__typename"], "Named": ["text", "__typename"]}
PARTS["Plain"] = ["text", "anything", "__typename"]
PARTS["Either"] = ["__typename"]


@st.composite
def selections(draw: st.DrawFn, kind: str = "Tree", depth: int = 3) -> str:
    """Return a selection set on ``kind``; aliases keep fields of the same name from being merged in conflict."""
    parts = [draw(_selection(kind, depth)) for _ in range(draw(st.integers(1, 4)))]
    return "{ " + " ".join(parts) + " }"


@st.composite
def _selection(draw: st.DrawFn, kind: str, depth: int) -> str:
    directive = draw(st.sampled_from(DIRECTIVES))
    shapes = ["leaf"] if depth == 0 else ["leaf", "leaf", "object", "inline", "spread"]
    shape = draw(st.sampled_from(shapes))
    if shape == "inline":
        condition = draw(st.sampled_from([f"on {kind}", ""]))
        return f"... {condition} {directive} {draw(selections(kind, 0))}"
    if shape == "spread" and kind == "Tree":
        return f"...Shared {directive}"
    if shape == "object" and kind == "Tree":
        name, below = draw(st.sampled_from(sorted((OBJECTS | ABSTRACT).items())))
        alias = draw(st.sampled_from(["", "", f"x{draw(st.integers(0, 99))}: "]))
        return f"{alias}{name} {directive} {draw(selections(below, depth - 1))}"
    name = draw(st.sampled_from(PARTS[kind]))
    alias = f"a{LEAVES.index(name) if name in LEAVES else 0}: " if "(" in name or draw(st.booleans()) else ""
    return f"{alias}{name} {directive}"


BAD: list[dict[str, Any]] = [
    {},
    {"text": None},
    {"text": 5},
    {"text": ValueError("bad text")},
    {"number": 2**31},
    {"number": True},
    {"number": "7"},
    {"number": None},
    {"maybe_number": 2**40},
    {"maybe_number": 3},
    {"ratio": math.inf},
    {"ratio": 3},
    {"flag": 1},
    {"key": 12},
    {"colour": "purple"},
    {"moment": -1},
    {"moment": None},
    {"texts": None},
    {"texts": ["a", None]},
    {"texts": "abc"},
    {"texts": {"a": 1}},
    {"maybe_texts": [1, None, "x"]},
    {"grid": [[1], None]},
    {"leaf": None},
    {"leaf": leaf_row(number=2**31)},
    {"leaf": Row(text="of another class", number=1)},
    {"maybe_leaf": leaf_row(moment=-1)},
    {"maybe_leaf": RuntimeError("no leaf")},
    {"leaves": [leaf_row(), None]},
    {"leaves": [leaf_row(), leaf_row(text=None)]},
    {"leaves": iter(())},
    {"maybe_leaves": [leaf_row(moment=-1), leaf_row(), ValueError("item")]},
    {"trees": [tree_row(0, text=None)]},
    {"named": [leaf_row(), Row(text="nobody")]},
    {"either": tree_row(0)},
    {"plain": ValueError("no plain")},
    {"plains": [ValueError("no plain")]},
    {"plains": [None]},
    {"plain": Row(text="plain", anything=ValueError("nothing"))},
    {"plain": Row(text="plain", anything=None)},
    {"either": Row()},
]
