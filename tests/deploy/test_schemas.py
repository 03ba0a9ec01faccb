"""Facts about the schemas: what Kubernetes or an operator would refuse is found, and so is what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.checking.crds import MODELS
from deploy.checking.rendering import Overlay
from deploy.checking.resources import Rendered, Resource, read_resources
from deploy.checking.schemas import faults_of, versions
from tests.deploy.planting import Plant, planted

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}]}\n"


def _faults(text: str) -> list[str]:
    (resource,) = read_resources(text)
    return list(faults_of(resource))


def _all(rendered: Rendered) -> Iterator[str]:
    return (fault for resource in rendered.resources for fault in faults_of(resource))


def test_the_oldest_release_is_the_promised_one_and_the_newest_is_newer() -> None:
    oldest, newest = versions()
    assert oldest == "1.30"
    assert tuple(map(int, newest.split(".")[:2])) >= (1, 37)


@pytest.mark.parametrize(
    ("found", "put"),
    [
        ("port: 80", "port: http"),
        ("port: 80", "port: 80, prot: TCP"),
        ("kind: Service", "kind: Servise"),
        ("kind: Service", "kind: Ingress"),
        ("apiVersion: v1", "apiVersion: v2"),
        ("apiVersion: v1", "apiVersion: example.com/v1"),
        ("apiVersion: v1\n", ""),
        ("kind: Service\n", ""),
    ],
)
def test_what_is_no_service_is_found_in_both_releases(found: str, put: str) -> None:
    assert _faults(SERVICE) == []
    faults = _faults(SERVICE.replace(found, put))
    assert all(any(f"in Kubernetes {version}: " in fault for fault in faults) for version in versions()), faults


def test_a_known_kind_of_a_foreign_group_is_found() -> None:
    text = "apiVersion: {}/v1\nkind: NetworkPolicy\nmetadata: {{name: a}}\nspec: {{podSelector: {{}}}}\n"
    assert _faults(text.format("networking.k8s.io")) == []
    assert len(_faults(text.format("networking.example.com"))) == 2


def test_what_only_a_newer_release_knows_is_found() -> None:
    old, new = "policy/v1beta1", "policy/v1"
    text = "apiVersion: {}\nkind: PodDisruptionBudget\nmetadata: {{name: a}}\nspec: {{maxUnavailable: 1}}\n"
    assert _faults(text.format(new)) == []
    assert len(_faults(text.format(old))) == 2


@pytest.mark.parametrize(
    ("plant", "told"),
    [
        (lambda b: b.one("PodMonitor", "samverka")["spec"].update(selectors={}), "spec.selectors: Extra inputs"),
        (lambda b: b.one("PodMonitor", "samverka")["spec"].pop("selector"), "spec.selector: Field required"),
        (
            lambda b: b.one("PodMonitor", "samverka")["spec"]["podMetricsEndpoints"][0].update(interval="30"),
            "spec.podMetricsEndpoints.0.interval: ",
        ),
        (
            lambda b: b.one("PodMonitor", "samverka").update(apiVersion="monitoring.coreos.com/v2"),
            "PodMonitor samverka: apiVersion: ",
        ),
        (
            lambda b: b.one("PrometheusRule", "samverka")["spec"]["groups"][0]["rules"][0].update(wait="5m"),
            "rules.0.wait: Extra inputs",
        ),
        (
            lambda b: b.one("PrometheusRule", "samverka")["spec"]["groups"][0]["rules"][0]["annotations"].pop(
                "runbook"
            ),
            "annotations.runbook: Field required",
        ),
        (lambda b: b.one("Certificate", "nats")["spec"].pop("secretName"), "spec.secretName: Field required"),
        (lambda b: b.one("Certificate", "nats")["spec"].update(usages=["signing"]), "spec.usages.0: "),
    ],
)
def test_what_an_operator_would_refuse_is_found(plant: Plant, told: str, tokyo: Overlay) -> None:
    assert any(told in fault for fault in _all(planted(tokyo.rendered, plant)))


def test_every_model_is_used(tokyo: Overlay) -> None:
    assert {resource.kind for resource in tokyo.rendered.resources} >= MODELS.keys()


def test_the_whole_of_a_resource_is_looked_at_but_for_its_namespace() -> None:
    (one,) = read_resources(SERVICE)
    other = Resource({**one.body, "metadata": {"name": "a", "labels": {"a": 1}}})
    assert list(faults_of(one)) == []
    assert len(list(faults_of(other))) == 2
