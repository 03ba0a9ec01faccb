"""Facts about network policies: closed unless something opens, at both ends, and what opens adds up."""

from __future__ import annotations

import pytest

from deploy.checking.reaching import Stranger, connects, lets_in, lets_out
from deploy.checking.resources import Rendered, Workload, read_resources

PODS = """
kind: Deployment
metadata: {name: a}
spec: {template: {metadata: {labels: {app: a}}, spec: {containers: [{ports: [{name: web, containerPort: 80}]}]}}}
---
kind: Deployment
metadata: {name: b}
spec: {template: {metadata: {labels: {app: b}}, spec: {containers: [{}]}}}
"""
CLOSED = "{podSelector: {}, policyTypes: [Ingress, Egress]}"
INTO_A = (
    "{podSelector: {matchLabels: {app: a}}, policyTypes: [Ingress],"
    " ingress: [{from: [{podSelector: {matchLabels: {app: b}}}], ports: [{port: web}]}]}"
)
OUT_OF_B = (
    "{podSelector: {matchLabels: {app: b}}, policyTypes: [Egress],"
    " egress: [{to: [{podSelector: {matchLabels: {app: a}}}], ports: [{port: 80}]}]}"
)
FROM_N = (
    "{podSelector: {matchLabels: {app: a}}, policyTypes: [Ingress],"
    " ingress: [{from: [{namespaceSelector: {matchLabels: {n: m}}}]}]}"
)
TO_ANYWHERE = "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 443}]}]}"


def _rendered(*policies: str) -> tuple[Rendered, Workload, Workload]:
    text = PODS + "".join(f"---\nkind: NetworkPolicy\nmetadata: {{name: p}}\nspec: {one}\n" for one in policies)
    rendered = Rendered("any", read_resources(text))
    a, b = rendered.workloads()
    return rendered, a, b


@pytest.mark.parametrize(
    ("policies", "open_"),
    [
        ((), True),
        ((CLOSED,), False),
        ((CLOSED, INTO_A), False),
        ((CLOSED, OUT_OF_B), False),
        ((CLOSED, INTO_A, OUT_OF_B), True),
        ((INTO_A,), True),
    ],
)
def test_both_ends_must_let_a_connection_through(policies: tuple[str, ...], open_: bool) -> None:
    rendered, a, b = _rendered(*policies)
    assert connects(rendered, b, a, 80) is open_


def test_another_port_and_another_source_stay_closed() -> None:
    rendered, a, b = _rendered(CLOSED, INTO_A, OUT_OF_B)
    assert not connects(rendered, b, a, 81)
    assert not connects(rendered, a, b, 80)
    assert not connects(rendered, a, a, 80)


def test_a_namespace_is_let_in_by_its_labels_and_an_address_is_not() -> None:
    rendered, a, b = _rendered(CLOSED, FROM_N)
    assert lets_in(rendered, a, Stranger({"n": "m"}, {}), 80)
    assert not lets_in(rendered, a, Stranger({"n": "x"}, {}), 80)
    assert not lets_in(rendered, a, Stranger({}, {}), 80)
    assert not lets_in(rendered, a, b, 80)


def test_a_rule_without_peers_is_for_everybody() -> None:
    rendered, a, b = _rendered(CLOSED, TO_ANYWHERE)
    assert lets_out(rendered, a, Stranger({}, {}), 443)
    assert lets_out(rendered, a, b, 443)
    assert not lets_out(rendered, a, Stranger({}, {}), 80)


def test_a_selector_that_is_not_read_here_is_not_passed_over() -> None:
    rendered, a, b = _rendered("{podSelector: {matchExpressions: []}, policyTypes: [Ingress]}")
    with pytest.raises(NotImplementedError, match="matchExpressions"):
        lets_in(rendered, a, b, 80)
