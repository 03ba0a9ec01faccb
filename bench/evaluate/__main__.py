"""Hold search against what people judged: ``python -m bench.evaluate <folder> [name …]``."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bench.evaluate.community import read_community
from bench.evaluate.finding import find_answers, find_documents
from bench.evaluate.judged import read_cisi, read_cranfield
from bench.report import Figure, show, write
from services.chassis.server import run

NAMES = ("cranfield", "cisi", "beer")


async def evaluate(data: Path, names: Sequence[str], folder: Path) -> list[Figure]:
    """Return the figures of what is named, from the data below a path."""
    figures: list[Figure] = []
    if "cranfield" in names:
        collection = read_cranfield(data / "relevance" / "cranfield")
        figures += await find_documents(folder, collection, name="cranfield")
    if "cisi" in names:
        figures += await find_documents(folder, read_cisi(data / "relevance" / "cisi"), name="cisi")
    if "beer" in names:
        figures += await find_answers(folder, read_community(data / "stackexchange" / "beer"), name="beer")
    return figures


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds relevance/ and stackexchange/.")],
    names: Annotated[list[str] | None, typer.Argument(help=f"Which: {', '.join(NAMES)}; all if none is named.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the figures here too.")] = None,
) -> None:
    """Measure how well search finds documents that were judged, and answers by the titles of their questions."""
    unknown = set(names or ()) - set(NAMES)
    if unknown:
        raise typer.BadParameter(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    folder = Path(tempfile.mkdtemp(prefix="samverka-evaluate-"))
    try:
        figures: list[Figure] = []

        async def measure() -> None:
            figures.extend(await evaluate(data, names or NAMES, folder))

        run(measure())
    finally:
        shutil.rmtree(folder)
    show(figures)
    if json is not None:
        write(figures, json)


if __name__ == "__main__":
    typer.run(main)
