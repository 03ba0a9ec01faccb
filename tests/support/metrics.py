"""Reads metrics as Prometheus does."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

BUCKET = "le"


def families(text: str) -> Iterator[Metric]:
    yield from text_string_to_metric_families(text)


def value(text: str, sample: str, **labels: str) -> float:
    """Return the value of the one sample of that name and with those labels; 0 if there is none."""
    found = [
        each.value
        for family in families(text)
        for each in family.samples
        if (each.name, each.labels) == (sample, labels)
    ]
    assert len(found) < 2
    return found[0] if found else 0.0
