"""Instruments that are read when somebody looks, whoever exports them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from services.chassis.durations import Durations


def watch(meter: Meter, name: str, text: str, read: Callable[[], float], *, unit: str = "") -> None:
    """Show the number that ``read`` returns whenever somebody looks, from any thread."""
    _watch(meter, name, text, lambda: [Observation(read())], unit)


def watch_each(
    meter: Meter, name: str, text: str, read: Callable[[], Mapping[str, float]], *, label: str, unit: str = ""
) -> None:
    """Show the numbers that ``read`` returns, each under its key as the ``label``: of those there must be a bound."""
    _watch(meter, name, text, lambda: [Observation(value, {label: key}) for key, value in read().items()], unit)


def watch_counts(meter: Meter, name: str, text: str, durations: Durations) -> None:
    """Show how many ``durations`` has recorded, as a counter of its own."""

    def callback(_: CallbackOptions) -> list[Observation]:
        return [Observation(count, labels) for count, labels in durations.counts()]

    meter.create_observable_counter(name, [callback], description=text)


def _watch(meter: Meter, name: str, text: str, observe: Callable[[], list[Observation]], unit: str) -> None:
    def callback(_: CallbackOptions) -> list[Observation]:
        return observe()

    meter.create_observable_gauge(name, [callback], unit=unit, description=text)
