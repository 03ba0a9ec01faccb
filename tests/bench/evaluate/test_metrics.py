"""The metrics are what they are by hand."""

from __future__ import annotations

import math

import pytest

from bench.evaluate.metrics import average_precision, mean, ndcg

GAINS = {"a": 3.0, "b": 2.0, "c": 1.0}


def test_gains_are_discounted_by_the_logarithm_of_their_place() -> None:
    best = 3 + 2 / math.log2(3) + 1 / 2
    assert ndcg(["x", "a", "y", "b"], GAINS, depth=10) == pytest.approx((3 / math.log2(3) + 2 / math.log2(5)) / best)
    assert ndcg(["x", "a", "y", "b"], GAINS, depth=2) == pytest.approx(3 / math.log2(3) / (3 + 2 / math.log2(3)))
    assert ndcg(["c", "b", "a"], GAINS, depth=10) == pytest.approx((1 + 2 / math.log2(3) + 3 / 2) / best)


def test_the_best_ranking_is_worth_one_and_one_without_anything_relevant_nothing() -> None:
    assert ndcg(["a", "b", "c", "x"], GAINS, depth=10) == 1
    assert ndcg(["a", "b"], GAINS, depth=2) == 1
    assert ndcg(["x", "y"], GAINS, depth=10) == ndcg([], GAINS, depth=10) == ndcg(["x"], {}, depth=10) == 0


def test_average_precision_counts_what_is_missing() -> None:
    assert average_precision(["a", "x", "b", "y"], GAINS) == pytest.approx((1 + 2 / 3) / 3)
    assert average_precision(["x", "c"], GAINS) == pytest.approx(1 / 2 / 3)
    assert average_precision(["a", "b", "c"], GAINS) == 1
    assert average_precision(["a"], {"a": 0.0}) == average_precision(["a"], {}) == 0


def test_a_mean_of_nothing_is_nothing() -> None:
    assert (mean([]), mean([1.0, 0.0])) == (0.0, 0.5)
