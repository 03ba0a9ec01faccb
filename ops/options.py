"""What the operator writes after a command, parsed once: wrong words end the command with exit code 2."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ops.dirs import DataDir
from ops.plan import REGIONS_MAX
from services.chassis.ids import is_region

REPLICAS_MAX = 8
TOKEN_HOURS_MAX = 24 * 30
PORT_MAX = 65_535

Data = Annotated[Path, typer.Option("--data", envvar="SAMVERKA_DATA", metavar="DIR", help="Where all state is kept.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
DATA_DEFAULT = Path("data")
NATS_URL_DEFAULT = "nats://127.0.0.1:4222"


def parse_data(path: Path) -> DataDir:
    """Return the data directory at ``path``, which need not be there yet."""
    if path.exists() and not path.is_dir():
        raise typer.BadParameter(f"{path} is not a directory.", param_hint="--data")
    return DataDir.at(path)


def parse_region(name: str) -> str:
    """Return ``name`` if it can be a region."""
    if not is_region(name):
        raise typer.BadParameter(
            f"{name!r} is no region: lower-case letters, digits and hyphens, at most 32, a letter first.",
            param_hint="region",
        )
    return name


def parse_regions(text: str) -> Sequence[str]:
    """Return the regions of a comma-separated list, in its order."""
    regions = [parse_region(part.strip()) for part in text.split(",")]
    if len(regions) > REGIONS_MAX:
        raise typer.BadParameter(f"At most {REGIONS_MAX} regions run on one machine.", param_hint="--regions")
    if len(set(regions)) < len(regions):
        raise typer.BadParameter("A region is named twice.", param_hint="--regions")
    return regions


def check_ports(first: int, count: int) -> None:
    """See that each of ``count`` gateways has a port, from ``first`` up."""
    if first + count - 1 > PORT_MAX:
        raise typer.BadParameter(f"There is no port {first + count - 1}.", param_hint="--port")
