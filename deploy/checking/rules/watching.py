"""Monitors meet pods, alarms lead to a page that says what to do, and certificates are for the names that are dialled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import promql_parser

from deploy.checking.resources import Rendered, Workload
from deploy.checking.rules.running import ROOT
from services.network.domain.alarms import CODES

_OWN_METRIC = re.compile(r"\bsamverka_\w+")
_ALARM = re.compile(r'samverka_network_alarms\{code="(\w+)"\}')


def monitors_meet_pods(rendered: Rendered) -> Iterator[str]:
    """Yield the workloads that nobody scrapes though they show metrics, and those that are scraped in vain."""
    for monitor in rendered.of("PodMonitor"):
        selector = monitor.at("spec", "selector", default={})
        ports = {endpoint["port"] for endpoint in monitor.at("spec", "podMetricsEndpoints", default=())}
        for workload in rendered.workloads():
            is_met, shows = _meets(selector, workload), "metrics" in workload.ports
            if is_met != shows:
                yield f"{monitor}: {workload} is {'' if is_met else 'not '}scraped"
            if is_met and not ports <= workload.ports.keys():
                yield f"{monitor}: {workload} has no port {', '.join(sorted(ports - workload.ports.keys()))}"


def alarms_lead_to_runbooks(rendered: Rendered) -> Iterator[str]:
    """Yield the alerts without a page, those that can never come, and alarms of the code for which there is no alert."""
    rules = [
        rule
        for resource in rendered.of("PrometheusRule")
        for group in resource.at("spec", "groups", default=())
        for rule in group["rules"]
    ]
    for name, count in Counter(rule["alert"] for rule in rules).items():
        if count > 1:
            yield f"alert {name} is there {count} times"
    for rule in rules:
        page = rule["annotations"].get("runbook", "")
        if not re.fullmatch(r"docs/runbooks/[a-z-]+\.md", page) or not (ROOT / page).is_file():
            yield f"alert {rule['alert']}: there is no runbook {page!r}"
        if fault := _fault_of(rule["expr"]):
            yield f"alert {rule['alert']}: {fault}: {rule['expr'].strip()}"
        for metric in set(_OWN_METRIC.findall(rule["expr"])) - METRICS:
            yield f"alert {rule['alert']}: nobody shows the metric {metric}"
    if rules:
        told = {code for rule in rules for code in _ALARM.findall(rule["expr"])}
        yield from (f"no alert tells of the alarm {code}" for code in sorted(set(CODES) - told))
        yield from (f"an alert waits for the alarm {code}, which there is not" for code in sorted(told - set(CODES)))


METRICS = frozenset({"samverka_projection_lag_events", "samverka_network_alarms"})
"""Those that alerts are made of; a test looks for each among what a running node shows."""


def _fault_of(expression: str) -> str:
    """Return what Prometheus would have against an expression; empty if it takes it."""
    try:
        promql_parser.parse(expression)
    except ValueError as error:
        return str(error)
    return ""


def _meets(selector: dict[str, object], workload: Workload) -> bool:
    labels = workload.labels
    wanted = selector.get("matchLabels") or {}
    if not isinstance(wanted, dict) or not wanted.items() <= labels.items():
        return False
    expressions = selector.get("matchExpressions") or []
    return isinstance(expressions, list) and all(
        one["operator"] == "NotIn" and labels.get(one["key"]) not in one["values"] for one in expressions
    )
