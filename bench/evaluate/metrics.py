"""How good a ranking is: nDCG and average precision, as trec_eval computes them.

Gains are what a judge said each document is worth; one that is not judged is worth nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence


def ndcg(ranking: Sequence[str], gains: Mapping[str, float], *, depth: int) -> float:
    """Return the normalised discounted cumulative gain of the first ``depth`` (Järvelin and Kekäläinen, 2002)."""
    best = _discounted(sorted(gains.values(), reverse=True)[:depth])
    return _discounted(gains.get(document, 0.0) for document in ranking[:depth]) / best if best else 0.0


def average_precision(ranking: Sequence[str], gains: Mapping[str, float]) -> float:
    """Return the mean of the precision at each relevant document; one that is missing counts as 0."""
    relevant = {document for document, gain in gains.items() if gain > 0}
    found, precisions = 0, 0.0
    for place, document in enumerate(ranking, start=1):
        if document in relevant:
            found += 1
            precisions += found / place
    return precisions / len(relevant) if relevant else 0.0


def mean(values: Iterable[float]) -> float:
    """Return the mean; 0 of nothing."""
    all_of_them = list(values)
    return math.fsum(all_of_them) / len(all_of_them) if all_of_them else 0.0


def _discounted(gains: Iterable[float]) -> float:
    return math.fsum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))
