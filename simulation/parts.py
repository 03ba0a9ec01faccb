"""What a simulated network is made of. A test puts a broken part in its place, and sees it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.chassis.deciding import Decider
from services.chassis.projection import Projection, ProjectionRunner
from services.feed.projections import feed_projection
from services.feed.rpc import FeedRpc
from services.feed.watching import HomeFeedWatch
from services.profile.projections import profile_projection
from services.profile.rpc import ProfileRpc
from simulation.lines import Line

MakeRpc = Callable[[str, Decider, ProjectionRunner], Any]


@dataclass(frozen=True, slots=True)
class Service:
    """A projection, and what answers over it in a region."""

    projection: Callable[[], Projection]
    rpc: MakeRpc


def feed_rpc(region: str, decider: Decider, runner: ProjectionRunner) -> FeedRpc:
    home = HomeFeedWatch(runner=runner)
    runner.listeners.append(home.note)
    return FeedRpc(region=region, decider=decider, runner=runner, home=home)


def profile_rpc(region: str, decider: Decider, runner: ProjectionRunner) -> ProfileRpc:
    return ProfileRpc(region=region, decider=decider, runner=runner)


def real_services() -> dict[str, Service]:
    return {"profile": Service(profile_projection, profile_rpc), "feed": Service(feed_projection, feed_rpc)}


@dataclass(frozen=True, slots=True)
class Parts:
    services: Mapping[str, Service] = field(default_factory=real_services)
    line: type[Line] = Line
