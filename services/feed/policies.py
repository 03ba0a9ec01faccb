"""The feed's policies: whenever a moderator asks for something, then the group's home decides."""

from __future__ import annotations

from functools import partial

from opentelemetry.metrics import Meter

from samverka.feed.v1.feed_events_pb2 import ModerationRequested
from services.chassis.clock import Clock
from services.chassis.deciding import Decider
from services.chassis.policies import Pending, PolicyRunner
from services.chassis.projection import ProjectionRunner
from services.feed.commands.decide_moderation import DecideModeration, decide_moderation
from services.feed.moderating import find_request, pending_requests


def moderation_policy(*, decider: Decider, runner: ProjectionRunner, clock: Clock, meter: Meter) -> PolicyRunner:
    """Return the policy that decides the requests for groups that are at home in the runner's region."""

    async def carry_out(pending: Pending) -> None:
        request = runner.store.read_now(lambda db: find_request(db, pending.id))
        if request is not None:
            await decide_moderation(DecideModeration(request), decider=decider)

    return PolicyRunner(
        name="moderation",
        runner=runner,
        woken_by=(ModerationRequested,),
        pending=partial(pending_requests, region=runner.region),
        carry_out=carry_out,
        clock=clock,
        meter=meter,
    )
