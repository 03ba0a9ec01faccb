"""Monitors meet pods, and alerts come when they must and lead to a page that says what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import promql_parser

from deploy.checking.resources import Rendered, Workload
from deploy.checking.rules.running import ROOT
from services.network.domain.alarms import CODES

_SHOWN_METRIC = re.compile(r"^\| `(samverka_\w+)` \| (\w+) \|", re.MULTILINE)
_OWN_METRIC = re.compile(r"\bsamverka_\w+")
_ALARM = re.compile(r'samverka_network_alarms\{code="(\w+)"\}')
_PAGE = re.compile(r"docs/runbooks/[a-z-]+\.md")


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


def alerts_lead_to_runbooks(rendered: Rendered) -> Iterator[str]:
    """Yield the alerts without a page, those that can never come, and those that are there twice."""
    alerts = _alerts(rendered)
    for name, count in Counter(alert["alert"] for alert in alerts).items():
        if count > 1:
            yield f"alert {name} is there {count} times"
    for alert in alerts:
        page, expression = alert["annotations"].get("runbook", ""), alert["expr"]
        if not _PAGE.fullmatch(page) or not (ROOT / page).is_file():
            yield f"alert {alert['alert']}: there is no runbook {page!r}"
        if fault := _fault_of(expression):
            yield f"alert {alert['alert']}: {fault}: {expression.strip()}"
        for metric in sorted(set(_OWN_METRIC.findall(expression)) - shown_metrics()):
            yield f"alert {alert['alert']}: nobody shows the metric {metric}"


def every_alarm_has_an_alert(rendered: Rendered) -> Iterator[str]:
    """Yield the alarms of the code of which no alert tells, and the alerts for alarms that there are not."""
    alerts = _alerts(rendered)
    told = {code for alert in alerts for code in _ALARM.findall(alert["expr"])}
    if alerts:
        yield from (f"no alert tells of the alarm {code}" for code in sorted(set(CODES) - told))
        yield from (f"an alert waits for the alarm {code}, which there is not" for code in sorted(told - set(CODES)))


def shown_metrics() -> set[str]:
    """Return the series of the page about metrics, which a test compares with what a running node shows."""
    shown = set()
    for name, kind in _SHOWN_METRIC.findall((ROOT / "docs" / "metrics.md").read_text()):
        shown |= {f"{name}_{part}" for part in ("bucket", "count", "sum")} if kind == "histogram" else {name}
    return shown


def _alerts(rendered: Rendered) -> list[Mapping[str, Any]]:
    groups = [group for one in rendered.of("PrometheusRule") for group in one.at("spec", "groups", default=())]
    return [rule for group in groups for rule in group["rules"]]


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
