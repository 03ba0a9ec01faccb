"""``samverka token``: a bearer token of the development issuer, whether or not anything runs."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass

from ops.dirs import DataDir, make_private
from ops.failure import Failure
from ops.plan import issuer_url
from ops.ports import FreePorts, issuer_port
from services.chassis.auth.issuer import KeyFileFault, mint
from services.chassis.clock import Clock

AUDIENCE = "samverka"
"""What services and gateways that ``up`` starts take tokens for."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a token is for; ``name`` empty is the handle."""

    region: str
    handle: str
    name: str = ""
    roles: Collection[str] = ("member",)


def make_token(data: DataDir, bearer: Bearer, *, lifetime_seconds: int, clock: Clock) -> str:
    """Return a token that the network on ``data`` takes; its issuer's key and port are made if missing.

    Raises Invalid (services.chassis.errors) for a handle or a role that there is not, Failure.
    """
    make_private(data.issuer_key.parent)
    port = issuer_port(data.issuer_port, FreePorts(chance=random.SystemRandom()))
    try:
        return mint(
            data.issuer_key,
            issuer=issuer_url(port),
            audience=AUDIENCE,
            region=bearer.region,
            handle=bearer.handle,
            name=bearer.name,
            roles=bearer.roles,
            clock=clock,
            lifetime_seconds=lifetime_seconds,
        )
    except KeyFileFault as fault:
        raise Failure(str(fault)) from fault
