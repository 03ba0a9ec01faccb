"""Whether anything of the erased is left: in what is shown, in the logs, in the files; and whether each region says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from chaos.findings import Finding, Kind
from chaos.residency import entries_with, files, holds
from chaos.shown_erased import ShownErased
from chaos.streams import Entry

CARRIED_OUT = "samverka.network.v1.ErasureCarriedOut"
_ERASURE, _REGION = 1, 2
_BLOCK = ".blk"


def check_shown(shown: ShownErased, remains: Collection[str]) -> Iterator[Finding]:
    """Yield what somebody is shown of ``remains``, the ids of the erased and of all that was theirs."""
    for path, texts in shown.texts.items():
        for left in sorted(texts.intersection(remains)):
            yield Finding(Kind.REMAINS, shown.region, f"{shown.person or 'a stranger'} is shown {left} by {path}")


def check_registers(logs: Mapping[str, Sequence[Entry]], erased: Collection[str]) -> Iterator[Finding]:
    """Yield entries that stand in a register of somebody erased, in any log."""
    for region, entries in logs.items():
        for entry in entries:
            if entry.owner in erased:
                yield Finding(Kind.REMAINS, region, f"the log holds {entry.subject} at {entry.sequence}")


def check_receipts(logs: Mapping[str, Sequence[Entry]], erasures: Collection[str]) -> Iterator[Finding]:
    """Yield receipts that a log lacks, or has more than once: each has to hold every region's, for every erasure."""
    for region, entries in logs.items():
        receipts = (each.fact for each in entries if each.fact is not None and each.fact.kind == CARRIED_OUT)
        told = Counter((receipt.text(_ERASURE), receipt.text(_REGION)) for receipt in receipts)
        for erasure in erasures:
            for other in logs:
                count = told[erasure, other]
                if count != 1:
                    kind = Kind.TWICE if count else Kind.LOST
                    yield Finding(kind, region, f"the log holds {count} receipts of {other} for {erasure}")


def check_files(
    data: Path, regions: Collection[str], texts: Collection[str], *, killed: Mapping[str, int]
) -> Iterator[Finding]:
    """Yield files of a region that hold one of ``texts``, which stand in all that somebody erased has written.

    nats-server marks an entry as deleted before it overwrites it. Whoever kills it in between finds the bytes of that one
    entry in its block until that is compacted. ``killed`` says how often each region's was: it may hold so many.
    """
    for region in regions:
        left = set[bytes]()
        for file in files(data / region):
            for text in texts:
                if file.suffix == _BLOCK:
                    left |= entries_with(file, text.encode())
                elif holds(file, text.encode()):
                    yield Finding(Kind.REMAINS, region, f"{file} holds {text!r}, which only somebody erased wrote")
        if len(left) > killed[region]:
            told = (
                f"its log's blocks hold {len(left)} entries of the erased; its server was killed {killed[region]} times"
            )
            yield Finding(Kind.REMAINS, region, told)
