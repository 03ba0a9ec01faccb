"""Adding a region to the description and taking one out; everything else in the file stays as it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import tomlkit
from tomlkit.items import AoT, Array, Table

from ops.failure import Failure
from ops.network.description import parse_network

_HEAD = """\
# The network: its regions, and where each is dialled by the others. The later region of a link dials the earlier one, so
# new regions go last. `samverka network plan DIR` shows what a change here leads to, `samverka network write DIR` does it.
"""


def new_text(network: str) -> str:
    """Return the beginning of a description that has no regions yet."""
    return f"{_HEAD}name = {tomlkit.string(network).as_string()}\n"


def with_region(text: str, name: str, settings: Mapping[str, str | bool], *, links: Sequence[str] = ()) -> str:
    """Return the description with a region more, at the end; DescriptionFault, Failure.

    ``links`` are the regions that it shares with. They are needed if the description lists its links, and only then.
    """
    document = tomlkit.parse(text)
    listed: Any = document.get("links")
    if listed is not None and not links:
        raise Failure(f"The description lists its links: say whom {name} shares with.")
    if links and listed is None:
        raise Failure("The description lists no links: everybody shares with everybody.")
    _append_region(document, {"name": name, **settings})
    if listed is not None:
        listed.extend([other, name] for other in links)
    return _checked(document)


def _append_region(document: tomlkit.TOMLDocument, entry: Mapping[str, str | bool]) -> None:
    regions = document.get("regions")
    if isinstance(regions, Array):
        regions.append(entry)
        return
    table = tomlkit.table()
    table.update(entry)
    above: tomlkit.TOMLDocument | Table = regions[-1] if isinstance(regions, AoT) else document
    above.add(tomlkit.nl())
    if isinstance(regions, AoT):
        regions.append(table)
    else:
        document.append("regions", tomlkit.aot())
        cast("AoT", document["regions"]).append(table)


def without_region(text: str, name: str) -> str:
    """Return the description without a region and its links; DescriptionFault, Failure if it has no such region."""
    document = tomlkit.parse(text)
    regions: Any = document["regions"]
    index = next((index for index, region in enumerate(regions) if region["name"] == name), None)
    if index is None:
        raise Failure(f"The description has no region {name}.")
    if len(regions) == 1:
        raise Failure(f"{name} is the last region.")
    del regions[index]
    links: Any = document.get("links", [])
    for position in reversed([position for position, pair in enumerate(links) if name in pair]):
        del links[position]
    return _checked(document)


def _checked(document: tomlkit.TOMLDocument) -> str:
    text = tomlkit.dumps(document)
    parse_network(text)
    return text
