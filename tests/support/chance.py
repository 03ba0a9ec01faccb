"""Chance for property tests: a seed that Hypothesis chooses, so that an example is as reproducible as its number."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

CHANCE = st.integers(0, 2**32 - 1).map(Random)
