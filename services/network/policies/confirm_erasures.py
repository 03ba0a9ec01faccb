"""Whenever the log and every service of the region have forgotten a person: write the region's receipt."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import orjson
from opentelemetry.metrics import Meter

from samverka.network.v1.network_events_pb2 import ErasureOrdered, PersonForgotten
from services.chassis.clock import Clock
from services.chassis.deciding import Decider, region_intent
from services.chassis.policies import Pending, PolicyRunner
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection
from services.network.commands.confirm_erasure import ConfirmErasure, confirm_erasure
from services.network.domain.erasures import HOLDERS


def confirming_policy(*, runner: ProjectionRunner, decider: Decider, clock: Clock, meter: Meter) -> PolicyRunner:
    """Return the policy that writes the receipts of the runner's region."""

    async def carry_out(pending: Pending) -> None:
        command = ConfirmErasure(region_intent(runner.region), runner.region, pending.id)
        await confirm_erasure(command, decider=decider)

    return PolicyRunner(
        name="erasure receipts",
        runner=runner,
        woken_by=(ErasureOrdered, PersonForgotten),
        pending=partial(unconfirmed, region=runner.region),
        carry_out=carry_out,
        clock=clock,
        meter=meter,
    )


def unconfirmed(db: Connection, after: int, most: int, *, region: str) -> Sequence[Pending]:
    """Return the erasures without a receipt of ``region`` of whom everybody there has said that they have forgotten."""
    rows = db.execute(
        """
        select sequence, id from erasures e
        where sequence > :after
            and not exists (select 1 from erasure_receipts where erasure_id = e.id and region = :region)
            and not exists (
                select 1 from json_each(:holders) wanted
                where not exists (select 1 from erasure_holders h where h.person = e.person and h.holder = wanted.value)
            )
        order by sequence limit :most
        """,
        {"after": after, "most": most, "region": region, "holders": orjson.dumps(HOLDERS).decode()},
    )
    return [Pending(int(str(sequence)), str(erasure_id)) for sequence, erasure_id in rows]
