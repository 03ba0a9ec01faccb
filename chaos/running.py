"""One run from beginning to end: bring up, write, break, heal, wait, check."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import orjson

from chaos.checking import Checker
from chaos.client import NotAnswered
from chaos.crowd import Crowd
from chaos.faults import Step, full_plan, quick_plan
from chaos.findings import Finding, Kind
from chaos.journal import Journal, open_journal
from chaos.report import Report
from chaos.samverka import CannotGoOn, Network
from chaos.streams import LogSilent, count_by_origin
from chaos.weather import Size, Weather

Plan = Callable[[Sequence[str], str, Random], list[Step]]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Form:
    """How large a run is."""

    regions: Sequence[str]
    joining: str
    size: Size
    plan: Plan


QUICK = Form(
    ("stockholm", "tokyo"),
    "austin",
    Size(people=2, leavers=1, writes=4, flooders=2, backlog_events=300, cut_off_seconds_min=0.0),
    quick_plan,
)
FULL = Form(
    ("stockholm", "tokyo", "austin"),
    "nairobi",
    Size(people=3, leavers=1, writes=15, flooders=16, backlog_events=20_000, cut_off_seconds_min=120.0),
    full_plan,
)


async def run(form: Form, *, seed: int, folder: Path, tell: Tell) -> tuple[Report, list[Finding]]:
    """Run once; all data, what the network said, the journal and the findings are in ``folder`` afterwards."""
    chance = Random(seed)
    network = Network(folder, regions=form.regions, joining=[form.joining], chance=chance)
    report = Report(seed, network.regions)
    with open_journal(folder / "journal.jsonl") as journal:
        findings = await _run(form, network, journal, report, chance=chance, tell=tell)
    (folder / "findings.json").write_bytes(
        orjson.dumps([str(finding) for finding in findings], option=orjson.OPT_INDENT_2)
    )
    return report, findings


async def _run(
    form: Form, network: Network, journal: Journal, report: Report, *, chance: Random, tell: Tell
) -> list[Finding]:
    clock = asyncio.get_running_loop()
    begun = clock.time()
    crowd = Crowd(network, journal, chance=chance)
    weather = Weather(network, crowd, form.size)
    checker = Checker(network, crowd, journal)
    try:
        await network.start()
        tell(f"{', '.join(form.regions)} are up")
        await _break_everything(form, network, crowd, weather, report, chance=chance, tell=tell)
        report.equal_seconds, findings = await checker.wait_equal(since_seconds=weather.healed_at_seconds)
        tell(f"{report.equal_seconds:.1f} s after the last heal: {'they differ' if findings else 'all regions agree'}")
        report.events = {region: (await count_by_origin(network.log(region)))[region] for region in network.regions}
        if not findings:
            await checker.check()
        return [*crowd.findings(), *checker.findings, *findings]
    except (TimeoutError, NotAnswered, CannotGoOn, LogSilent) as stalled:
        return [*crowd.findings(), *checker.findings, Finding(Kind.STALLED, ", ".join(network.regions), repr(stalled))]
    finally:
        _sum_up(report, crowd, journal, weather, seconds=clock.time() - begun)
        await crowd.close()
        await network.stop()


async def _break_everything(
    form: Form, network: Network, crowd: Crowd, weather: Weather, report: Report, *, chance: Random, tell: Tell
) -> None:
    """Have everybody write while one thing after another breaks; at the end a last link is healed when all is written."""
    await asyncio.gather(
        *(crowd.settle(region, people=form.size.people, leavers=form.size.leavers) for region in form.regions)
    )
    await crowd.appoint(form.regions[0])
    moderating = [*form.regions[1:], form.regions[0]]
    await asyncio.gather(*map(crowd.gather, form.regions, moderating))
    for region in form.regions:
        crowd.begin(region)
    await crowd.everybody_gets_on(form.size.writes)
    for step in form.plan(form.regions, form.joining, chance):
        tell(f"{len(crowd.people)} people, {sum(person.acknowledged for person in crowd.people):,} writes; {step}")
        await weather.carry_out(step)
        report.faults += 1 + bool(step.also) + bool(step.erased)
    await crowd.wait_forgotten()
    last = network.regions[:2]
    await weather.cut(last)
    await crowd.everybody_gets_on(form.size.writes)
    await crowd.stop()
    await weather.heal(last)


def _sum_up(report: Report, crowd: Crowd, journal: Journal, weather: Weather, *, seconds: float) -> None:
    report.acknowledged = len(journal)
    report.erased = len(crowd.erased)
    report.repeated = sum(entry.attempts > 1 for entry in journal.entries)
    report.refused = sum(person.refused.total() for person in crowd.people)
    report.seconds = seconds
    report.catch_ups = weather.catch_ups
    report.codes = dict(crowd.codes())
