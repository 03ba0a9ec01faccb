"""What to watch is what wakes somebody: the page, the alerts and the metrics name the same."""

from __future__ import annotations

import re

import yaml

from deploy.checking.rules.running import ROOT
from deploy.checking.rules.watching import shown_metrics

ALERTS = ROOT / "deploy" / "k8s" / "components" / "prometheus-operator" / "alerts.yaml"
PAGE = ROOT / "docs" / "runbooks" / "what-to-watch.md"


def test_the_page_names_each_alert_with_its_runbook() -> None:
    [group] = yaml.safe_load(ALERTS.read_text())["spec"]["groups"]
    alerts = {rule["alert"]: rule["annotations"]["runbook"].rpartition("/")[2] for rule in group["rules"]}
    rows = re.findall(r"^\| `(Samverka\w+)` .*\]\(([\w.-]+)\) \|$", PAGE.read_text(), re.MULTILINE)
    assert dict(rows) == alerts


def test_alerts_wait_for_codes_that_there_are() -> None:
    [group] = yaml.safe_load(ALERTS.read_text())["spec"]["groups"]
    documented = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "api.md").read_text()))
    waited_for = [
        code
        for rule in group["rules"]
        for codes in re.findall(r'(?:code|outcome)=~"([a-z_|]+)"', rule["expr"])
        for code in codes.split("|")
    ]
    assert "issuer_unreachable" in waited_for
    assert set(waited_for) <= documented


def test_runbooks_ask_for_metrics_that_are_shown() -> None:
    for page in PAGE.parent.glob("*.md"):
        named = re.findall(r"\bsamverka_(?:gateway|projection|network|policy|store)_\w+", page.read_text())
        assert set(named) <= shown_metrics(), page.name
