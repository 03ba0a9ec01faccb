"""Run it: ``python -m chaos [--quick] [--seed N]``. Exit code 1 if anything is wrong; the evidence is kept then."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from chaos.findings import shown
from chaos.running import FULL, QUICK, run

_SEEDS = 1_000_000


def main(
    quick: Annotated[bool, typer.Option("--quick", help="Two regions and one that joins, in a minute or two.")] = False,
    seed: Annotated[int | None, typer.Option(help="What decides who writes what and which fault comes when.")] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep everything below DIR, also if nothing is wrong.")
    ] = None,
) -> None:
    """Bring a network up, load it, break it, and check that it holds what it has acknowledged."""
    chosen = secrets.randbelow(_SEEDS) if seed is None else seed
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="samverka-chaos-", dir=keep))
    print(f"seed {chosen}, in {folder}", flush=True)
    report, findings = asyncio.run(
        run(QUICK if quick else FULL, seed=chosen, folder=folder, tell=lambda line: print(line, flush=True))
    )
    for line in [*report.lines(), *shown(findings)]:
        print(line)
    if findings:
        print(f"{len(findings)} findings; the evidence is in {folder}")
        raise typer.Exit(1)
    print("nothing is wrong")
    if keep is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    typer.run(main)
