"""What was forged was refused, or is the word of the erased, and nothing else; the ledger says who sent it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.chassis.eventlog.subjects import stream_name
from services.chassis.trust import refusals
from simulation.forging import Forgery
from simulation.reference import Reference
from simulation.regions import Region
from simulation.replicas import Replica
from simulation.trace import Violation

_ERASED = "erased"


def check_refused(
    region: Region, replica: Replica, reference: Reference, *, liars: Collection[str], forged: Sequence[Forgery]
) -> None:
    """A forgery in a register that was purged since, or in the name of who was erased, may have been met before, or not."""
    who = f"{replica.projection.service} of {region.name}"
    ledger = replica.store.read_now(refusals)
    if replica.runner.refused_events != sum(row[3] for row in ledger):
        raise Violation(f"{who} refused {replica.runner.refused_events} events, and its ledger has {ledger}")
    of_liars = [row for row in ledger if row[2] != _ERASED]
    if any(row[2] == _ERASED and row[1] not in reference.erased for row in ledger):
        raise Violation(f"{who} took somebody for erased: {ledger}")
    refused = sum(row[3] for row in of_liars)
    expected = [forgery for forgery in forged if forgery.is_refused_by(replica.projection.service, region.name)]
    kept = [forgery for forgery in expected if reference.erased.keys().isdisjoint((forgery.owner, forgery.actor))]
    if not len(kept) <= refused <= len(expected):
        raise Violation(f"{who} refused {refused} events, not {len(expected)}: {ledger}")
    if not {row[0] for row in of_liars} <= {*liars, *map(stream_name, liars)}:
        raise Violation(f"the ledger of {who} has {ledger}, where only {liars} lied")
