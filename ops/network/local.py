"""What a running ``samverka up`` is asked by ``samverka network``: to cut and heal links, to let a region join or leave."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ops.control import ask
from ops.options import DATA_DEFAULT, Data, parse_data, parse_region

_End = Annotated[str, typer.Argument(metavar="REGION")]


def cut(
    one: _End,
    other: _End,
    hang: Annotated[
        bool,
        typer.Option("--hang", help="Leave connections open and let nothing pass, as a line does that fell silent."),
    ] = False,
    data: Data = DATA_DEFAULT,
) -> None:
    """Cut the link between two regions of a running `samverka up`."""
    _ask(data, "hang" if hang else "cut", _ends(one, other))


def heal(one: _End, other: _End, data: Data = DATA_DEFAULT) -> None:
    """Heal the link between two regions of a running `samverka up`."""
    _ask(data, "heal", _ends(one, other))


def join(region: str, data: Path) -> None:
    """Have a running `samverka up` run one more region, linked with all others."""
    _ask(data, "add", [region])


def leave(region: str, data: Path) -> None:
    """Have a running `samverka up` run a region no longer."""
    _ask(data, "remove", [region])


def _ends(one: str, other: str) -> Sequence[str]:
    ends = parse_region(one), parse_region(other)
    if one == other:
        raise typer.BadParameter(f"{one} is not linked with itself.", param_hint="region")
    return ends


def _ask(data: Path, verb: str, words: Sequence[str]) -> None:
    print(asyncio.run(ask(parse_data(data), verb, words)))
