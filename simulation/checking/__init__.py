"""What must hold when everything is healed and delivered, one file a promise; each raises Violation."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from simulation.checking.agreement import check_agreement
from simulation.checking.clocks import check_clock
from simulation.checking.decisions import settle_decisions
from simulation.checking.erasures import check_nothing_is_left
from simulation.checking.gifts import settle_gifts
from simulation.checking.logs import check_logs
from simulation.checking.positions import check_positions, check_reports
from simulation.checking.refusals import check_refused
from simulation.checking.residency import check_residency
from simulation.checking.seeing import check_seeing
from simulation.checking.tables import check_reference
from simulation.forging import Forgery
from simulation.reference import Reference
from simulation.regions import Region


async def check(
    regions: Mapping[str, Region], reference: Reference, *, liars: Collection[str], forged: Sequence[Forgery]
) -> None:
    """Compare everything with everything; ``forged`` is what the ``liars`` put into their logs."""
    logs = {name: await region.entries() for name, region in regions.items()}
    honest = {name: log for name, log in logs.items() if name not in liars}
    check_logs(logs, reference)
    settle_decisions(logs, reference)
    settle_gifts(logs, reference)
    for name, region in regions.items():
        await check_seeing(region, reference)
        if name in honest:
            check_clock(region, logs[name])
        tables = reference.tables(name, regions=regions, services=region.services)
        for replica in region.replicas:
            check_reference(region, replica, tables)
            check_refused(region, replica, reference, liars=liars, forged=forged)
            check_positions(region, replica, honest, exact=not reference.erased)
            check_reports(region, replica, reference, honest)
            check_nothing_is_left(region, replica, reference)
            check_residency(region, replica, logs[name], reference)
    check_agreement(regions)
