"""The balance at the end of an import: a table for people, JSON for programs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.importing.balance import Balance, Tally

_LINES_SHOWN = 12
"""Line numbers written out for each reason; ``--json`` lists all."""


def as_json(balance: Balance, *, source: str, region: str, seconds: float) -> str:
    """Return the balance as one JSON object.

    ``records`` and ``total`` count by kind, ``made`` the people made for the import, ``refusals`` lists each refused
    record with file and line; ``refusals_unlisted`` of them were too many to list.
    """
    total = balance.total()
    return orjson.dumps(
        {
            "source": source,
            "region": region,
            "seconds": round(seconds, 3),
            "records_per_second": round(total.read / seconds, 1) if seconds else 0.0,
            "balanced": not balance.faults(),
            "faults": balance.faults(),
            "total": _counts(total),
            "records": {kind: _counts(tally) for kind, tally in balance.tallies.items()},
            "made": dict(balance.made),
            "refusals": [asdict(refusal) for refusal in balance.refusals],
            "refusals_unlisted": total.refused - len(balance.refusals),
        },
        option=orjson.OPT_INDENT_2,
    ).decode()


def _counts(tally: Tally) -> dict[str, object]:
    return {
        "read": tally.read,
        "imported": tally.imported,
        "skipped": dict(tally.skipped),
        "refused": tally.refused,
    }


def show(console: Console, balance: Balance, *, source: str, region: str, seconds: float) -> None:
    """Print the balance, the reasons, and where the refused records stand."""
    console.print(_table(balance, title=f"{source} → {region}"))
    made = ", ".join(f"{count} {made_for.replace('_', ' ')}" for made_for, count in balance.made.items())
    if made:
        console.print(f"People made for the import: {made}.")
    _show_refusals(console, balance)
    read = balance.total().read
    console.print(f"{read:,} records in {seconds:.1f} s ({read / max(seconds, 1e-9):,.0f} records/s).")


def _table(balance: Balance, *, title: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("records")
    for heading in ("read", "imported", "skipped", "refused"):
        table.add_column(heading, justify="right")
    table.add_column("skipped because")
    for kind, tally in balance.tallies.items():
        table.add_row(kind, *_cells(tally))
    table.add_section()
    table.add_row("total", *_cells(balance.total())[:4], "")
    return table


def _cells(tally: Tally) -> tuple[str, ...]:
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(tally.skipped.items()))
    counts = (tally.read, tally.imported, tally.skipped.total(), tally.refused)
    return (*(f"{count:,}" for count in counts), reasons)


def _show_refusals(console: Console, balance: Balance) -> None:
    lines: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for refusal in balance.refusals:
        lines[refusal.file, refusal.kind, refusal.code].append(refusal.line)
    for (file, kind, code), at in sorted(lines.items()):
        shown = ", ".join(map(str, sorted(at)[:_LINES_SHOWN]))
        more = f" and {len(at) - _LINES_SHOWN:,} more (--json lists all)" if len(at) > _LINES_SHOWN else ""
        console.print(Text(f"refused {kind}, {code}: {file} line {shown}{more}"), soft_wrap=True)
