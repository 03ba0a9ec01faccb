"""Hold search against what people judged: ``python -m bench.evaluate <folder> [name …]``."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bench.evaluate.community import read_community
from bench.evaluate.experts import find_experts, together
from bench.evaluate.finding import find_answers, find_documents
from bench.evaluate.judged import read_cisi, read_cranfield
from bench.report import Figure, show, write
from services.chassis.server import run

EXPERTS = {f"{name}-experts": name for name in ("beer", "french-meta")}
COMPANY = ("beer", "bicycles-meta", "french-meta")
"""Communities that are three offices of one company."""
NAMES = ("cranfield", "cisi", "beer", *EXPERTS, "company-experts")


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
    return figures + await _experts(data / "stackexchange", names, folder)


async def _experts(communities: Path, names: Sequence[str], folder: Path) -> list[Figure]:
    figures: list[Figure] = []
    for asked, name in EXPERTS.items():
        if asked in names:
            figures += await find_experts(folder, read_community(communities / name), name=name)
    if "company-experts" in names:
        company = together({name: read_community(communities / name) for name in COMPANY})
        figures += await find_experts(folder, company, name="all three")
    return figures


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds relevance/ and stackexchange/.")],
    names: Annotated[list[str] | None, typer.Argument(help=f"Which: {', '.join(NAMES)}; all if none is named.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the figures here too.")] = None,
) -> None:
    """Measure how well documents that were judged are found, answers by their questions' titles, and who answers later."""
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
