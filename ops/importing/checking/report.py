"""Whether every region shows what the source holds: a table for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.importing.checking.contents import Contents, differences
from ops.importing.limits import DIFFERENCES_LISTED_MAX


def as_json(source: Contents, shown: Mapping[str, Contents]) -> str:
    """Return one JSON object: whether all are equal, the figures of the source and of each region, what differs in it."""
    return orjson.dumps(
        {
            "equal": all(contents == source for contents in shown.values()),
            "source": source.figures(),
            "regions": {
                region: {
                    "equal": contents == source,
                    "figures": contents.figures(),
                    "differences": list(islice(differences(source, contents), DIFFERENCES_LISTED_MAX)),
                }
                for region, contents in shown.items()
            },
        },
        option=orjson.OPT_INDENT_2,
    ).decode()


def show(console: Console, source: Contents, shown: Mapping[str, Contents], *, title: str) -> None:
    """Print the figures beside each other, and the first differences of each region."""
    table = Table("", "source", *shown, title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    read = [source.figures(), *(contents.figures() for contents in shown.values())]
    for figure in read[0]:
        table.add_row(figure, *(f"{figures[figure]:,}" for figures in read))
    verdicts = ("equal" if contents == source else "differs" for contents in shown.values())
    table.add_row("person by person, question by question", "", *verdicts)
    console.print(table)
    for region, contents in shown.items():
        for line in islice(differences(source, contents), DIFFERENCES_LISTED_MAX):
            console.print(Text(f"{region}: {line}"), soft_wrap=True)
