"""What a simulated network is made of. A test puts a broken part in its place, and sees it found.

A service is a projection and what runs over it, put together here as its own ``app.py`` does. A new one is a line in
``real_services``.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from opentelemetry.metrics import NoOpMeter

from services.chassis.deciding import Decider
from services.chassis.eventlog.port import EventLog
from services.chassis.ids import Entropy
from services.chassis.policies import PolicyRunner
from services.chassis.projection import Projection, ProjectionRunner
from services.chassis.store import Connection
from services.feed.moderating import pending_requests
from services.feed.policies import moderation_policy
from services.feed.projections import feed_projection
from services.feed.rpc import FeedRpc
from services.feed.watching import FeedWatch
from services.network.membership import Membership
from services.network.policies.compare_tails import TailComparing
from services.network.policies.confirm_erasures import confirming_policy
from services.network.policies.keep_sources import SourceKeeping
from services.network.policies.purge_erased import Purging
from services.network.policies.report_progress import Reporting
from services.network.projections import network_projection
from services.network.rpc import NetworkRpc
from services.network.watching import NetworkWatch
from services.profile.projections import profile_projection
from services.profile.rpc import ProfileRpc
from services.recognition.projections import recognition_projection
from services.recognition.rpc import RecognitionRpc
from services.recognition.watching import RecognitionWatch
from services.search.projections import search_projection
from simulation.clocks import SkewedClock
from simulation.keeping import LogKeeper
from simulation.lines import Line

METER = NoOpMeter("simulation")


@dataclass(frozen=True, slots=True)
class Base:
    """What a service of a region stands on."""

    region: str
    decider: Decider
    runner: ProjectionRunner
    log: EventLog
    clock: SkewedClock
    keeper: LogKeeper
    membership: Membership
    entropy: Entropy


@dataclass(frozen=True, slots=True)
class Running:
    """What answers, what goes on beside it, and whether some of that is still to be done."""

    rpc: Any
    tasks: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    is_pending: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Service:
    projection: Callable[[], Projection]
    run: Callable[[Base], Running]


def run_profile(base: Base) -> Running:
    return Running(ProfileRpc(region=base.region, decider=base.decider, runner=base.runner))


def run_feed(base: Base, policy: Callable[..., PolicyRunner] = moderation_policy) -> Running:
    home = FeedWatch(runner=base.runner)
    deciding = policy(decider=base.decider, runner=base.runner, clock=base.clock, meter=METER)
    base.runner.listeners += [home.note, deciding.note]
    return Running(
        FeedRpc(region=base.region, decider=base.decider, runner=base.runner, watch=home),
        tasks=[deciding.run],
        is_pending=lambda: bool(
            base.runner.store.read_now(partial(pending_requests, after=0, most=1, region=base.region))
        ),
    )


def run_network(base: Base) -> Running:
    sources = SourceKeeping(
        keeper=base.keeper, membership=base.membership, clock=base.clock, entropy=base.entropy
    )  # never run: the lines are simulated, and so is what keeps them
    watch = NetworkWatch(runner=base.runner, sources=sources, clock=base.clock)
    purging = Purging(runner=base.runner, decider=base.decider, keeper=base.keeper)
    confirming = confirming_policy(runner=base.runner, decider=base.decider, clock=base.clock, meter=METER)
    reporting = Reporting(runner=base.runner, decider=base.decider, membership=base.membership, clock=base.clock)
    comparing = TailComparing(runner=base.runner, log=base.log, decider=base.decider)
    base.runner.listeners += [purging.note, confirming.note, watch.note]
    rpc = NetworkRpc(
        region=base.region,
        decider=base.decider,
        log=base.log,
        store=base.runner.store,
        membership=base.membership,
        watch=watch,
    )
    return Running(
        rpc,
        tasks=[purging.run, confirming.run, reporting.run, comparing.run],
        is_pending=lambda: base.runner.store.read_now(partial(owes_the_others, region=base.region)),
    )


def run_recognition(base: Base) -> Running:
    watch = RecognitionWatch(runner=base.runner, clock=base.clock)
    base.runner.listeners.append(watch.note)
    return Running(
        RecognitionRpc(region=base.region, decider=base.decider, runner=base.runner, watch=watch, clock=base.clock)
    )


def run_search(base: Base) -> Running:
    """Run its rows alone: the index is made of them, is nobody else's, and is tried where it is."""
    return Running(rpc=None)


def owes_the_others(db: Connection, region: str) -> bool:
    """Whether an erasure is not confirmed, or content has come behind the last report: a stuck one takes its time."""
    unreported = """
        select 1 from content where sequence > coalesce((select applied from reports where region = ?), 0)
    """
    return _lacks_receipts(db, region) or db.execute(unreported, (region,)).fetchone() is not None


def _lacks_receipts(db: Connection, region: str) -> bool:
    lacking = "select 1 from erasures where id not in (select erasure_id from erasure_receipts where region = ?)"
    return db.execute(lacking, (region,)).fetchone() is not None


def real_services() -> dict[str, Service]:
    return {
        "profile": Service(profile_projection, run_profile),
        "feed": Service(feed_projection, run_feed),
        "network": Service(network_projection, run_network),
        "recognition": Service(recognition_projection, run_recognition),
        "search": Service(search_projection, run_search),
    }


@dataclass(frozen=True, slots=True)
class Parts:
    services: Mapping[str, Service] = field(default_factory=real_services)
    line: type[Line] = Line
