"""Networks with a part that is broken on purpose, and the first seed that finds it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any

from google.protobuf.message import Message

from services.chassis.projection import Handler, Projection
from simulation.network import simulate
from simulation.parts import Parts, real_services

SEEDS_UNTIL_FOUND_MAX = 120


def with_projection(service: str, planted: Projection) -> Parts:
    """Return a network one of whose services makes something else of the log."""
    return with_service(service, projection=partial(copy, planted))


def with_handlers(service: str, handlers: Mapping[type[Message], Handler]) -> Parts:
    """Return a network one of whose services applies some kinds of events otherwise."""
    real = real_services()[service].projection()
    return with_projection(service, replace(real, handlers={**real.handlers, **handlers}))


def with_service(service: str, **changes: Any) -> Parts:
    services = real_services()
    services[service] = replace(services[service], **changes)
    return Parts(services=services)


def first_failure(parts: Parts) -> str:
    """Return what the first seed that fails says."""
    for seed in range(SEEDS_UNTIL_FOUND_MAX):
        failure = simulate(seed, parts).failure
        if failure:
            return failure
    raise AssertionError(f"it was not found in {SEEDS_UNTIL_FOUND_MAX} seeds")
