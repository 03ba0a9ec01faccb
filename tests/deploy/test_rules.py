"""Facts about the rules: the manifests keep them, and whoever breaks one is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from deploy.checking.rendering import Overlay
from deploy.checking.rules import (
    closing,
    ending,
    hardening,
    imaging,
    log,
    mounting,
    naming,
    probing,
    running,
    scaling,
    selecting,
    watching,
)
from deploy.checking.running import REGION_RULES, RULES, faults_of_overlay
from tests.deploy.planting import Bodies, Plant, planted

Rule = Callable[..., Iterator[str]]


def test_every_overlay_is_as_it_must_be(overlays: dict[str, Overlay]) -> None:
    assert overlays.keys() == {"austin", "single", "stockholm", "tokyo"}
    assert [fault for overlay in overlays.values() for fault in faults_of_overlay(overlay)] == []


def _twice(bodies: Bodies) -> None:
    bodies.resources.append(bodies.one("Service", "gateway"))


def _secret(bodies: Bodies) -> None:
    bodies.resources.append(bodies.one("Secret", "services-key"))


def _without(kind: str, *names: str) -> Plant:
    return lambda bodies: bodies.drop(kind, *names)


def _selector(bodies: Bodies, kind: str, name: str) -> dict[str, Any]:
    selector = bodies.one(kind, name)["spec"]["selector"]
    labels: dict[str, Any] = selector.get("matchLabels", selector)
    return labels


def _label(bodies: Bodies, name: str) -> None:
    del bodies.one("StatefulSet", name)["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/part-of"]


def _rules(bodies: Bodies) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = bodies.one("PrometheusRule", "samverka")["spec"]["groups"][0]["rules"]
    return rules


def _policy(bodies: Bodies, name: str) -> dict[str, Any]:
    spec: dict[str, Any] = bodies.one("NetworkPolicy", name)["spec"]
    return spec


def _config(bodies: Bodies, found: str, put: str) -> None:
    data = bodies.one("ConfigMap", "nats-config")["data"]
    assert found in data["nats.conf"]
    data["nats.conf"] = data["nats.conf"].replace(found, put)


NAME = "app.kubernetes.io/name"
MISTAKES: list[tuple[Rule, Plant, str]] = [
    (naming.everything_is_named, _twice, "Service gateway is there 2 times"),
    (
        naming.everything_is_named,
        lambda b: b.one("Service", "gateway")["metadata"].update(name="Gate"),
        "the name is no DNS label",
    ),
    (
        naming.everything_is_in_one_namespace,
        lambda b: b.one("Service", "gateway")["metadata"].update(namespace="default"),
        "Service gateway is in the namespace 'default'",
    ),
    (naming.everything_is_in_one_namespace, _without("Namespace", "samverka-tokyo"), "there are 0 namespaces"),
    (naming.pods_say_what_they_are_of, lambda b: _label(b, "feed"), "StatefulSet feed: its pods lack the label"),
    (naming.no_secret_is_committed, _secret, "Secret services-key stands in the overlay"),
    (
        selecting.workloads_select_their_own_pods,
        lambda b: _selector(b, "StatefulSet", "feed").update({NAME: "profile"}),
        "StatefulSet feed: its selector",
    ),
    (
        selecting.workloads_select_their_own_pods,
        lambda b: b.pod("feed")["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"].update({NAME: "x"}),
        "it is spread over kubernetes.io/hostname by other labels",
    ),
    (
        selecting.services_lead_to_pods,
        lambda b: _selector(b, "Service", "gateway").update({NAME: "gate"}),
        "Service gateway: its selector does not meet",
    ),
    (
        selecting.services_lead_to_pods,
        lambda b: b.one("Service", "gateway")["spec"]["ports"][0].update(targetPort="web"),
        "Deployment gateway has no port 'web'",
    ),
    (
        selecting.services_lead_to_pods,
        lambda b: b.one("Service", "feed")["spec"]["ports"][0].update(port=80),
        "port 80 is headless, and StatefulSet feed listens on 50051",
    ),
    (
        selecting.stateful_sets_have_a_headless_service,
        lambda b: b.one("StatefulSet", "feed")["spec"].update(serviceName="feeds"),
        "there is no headless Service 'feeds'",
    ),
    (
        selecting.stateful_sets_have_a_headless_service,
        lambda b: b.one("StatefulSet", "feed")["spec"].update(serviceName="profile"),
        "Service profile leads to other pods",
    ),
    (
        selecting.stateful_sets_have_a_headless_service,
        lambda b: b.one("Service", "feed")["spec"].pop("clusterIP"),
        "there is no headless Service 'feed'",
    ),
    (scaling.every_workload_has_one_budget, _without("PodDisruptionBudget", "nats"), "nats has 0 PodDisruptionBudgets"),
    (
        scaling.every_workload_has_one_budget,
        lambda b: _selector(b, "PodDisruptionBudget", "nats").update({NAME: "feed"}),
        "StatefulSet feed has 2 PodDisruptionBudgets",
    ),
    (
        scaling.every_workload_has_one_budget,
        lambda b: b.one("PodDisruptionBudget", "nats")["spec"].update(maxUnavailable=2),
        "allows more than one pod to be missing",
    ),
    (
        scaling.replicas_are_said_by_one,
        lambda b: b.one("StatefulSet", "feed")["spec"].update(replicas=2),
        "StatefulSet feed: its replicas are said 2 times",
    ),
    (
        scaling.replicas_are_said_by_one,
        lambda b: b.one("HorizontalPodAutoscaler", "feed")["spec"]["scaleTargetRef"].update(kind="Deployment"),
        "HorizontalPodAutoscaler feed scales what is not there",
    ),
    (
        scaling.replicas_are_said_by_one,
        lambda b: b.container("feed")["resources"]["requests"].pop("cpu"),
        "is scaled by its CPU and requests none",
    ),
    (
        scaling.replicas_are_said_by_one,
        lambda b: b.one("HorizontalPodAutoscaler", "feed")["spec"].update(minReplicas=1),
        "lets a single replica be all there is",
    ),
    (
        scaling.replicas_are_spread,
        lambda b: b.pod("nats").pop("topologySpreadConstraints"),
        "StatefulSet nats is not spread",
    ),
    (
        mounting.mounts_and_volumes_are_pairs,
        lambda b: b.container("feed")["volumeMounts"][0].update(name="data"),
        "it mounts 'data', which is no volume",
    ),
    (
        mounting.mounts_and_volumes_are_pairs,
        lambda b: b.container("network")["volumeMounts"].pop(),
        "nobody mounts the volume",
    ),
    (
        mounting.mounts_and_volumes_are_pairs,
        lambda b: b.container("nats")["volumeMounts"][-1].update(mountPath="/etc/samverka/tls/links"),
        "the mount at /etc/samverka/tls/links lies in another",
    ),
    (
        mounting.references_lead_to_keys,
        lambda b: next(v for v in b.pod("feed")["volumes"] if v["name"] == "key")["secret"].update(secretName="keys"),
        "there is no Secret 'keys'",
    ),
    (
        mounting.references_lead_to_keys,
        lambda b: b.one("ConfigMap", "nats-config")["data"].update(
            {"nats": b.one("ConfigMap", "nats-config")["data"].pop("nats.conf")}
        ),
        "ConfigMap 'nats-config' has no key 'nats.conf'",
    ),
    (
        mounting.references_lead_to_keys,
        lambda b: next(v for v in b.pod("nats")["volumes"] if v["name"] == "tls")["secret"]["items"][0].update(
            key="crt"
        ),
        "Secret 'nats-certificate' has no key 'crt'",
    ),
    (
        mounting.references_lead_to_keys,
        lambda b: b.container("feed")["envFrom"][0]["configMapRef"].update(name="region"),
        "its environment comes from",
    ),
    (running.every_module_is_run_once, _without("StatefulSet", "profile"), "services.profile is run by 0 workloads"),
    (
        running.every_module_is_run_once,
        lambda b: b.container("feed").update(args=["services.feeds"]),
        "'services.feeds' is no module that can be run",
    ),
    (
        running.every_module_is_run_once,
        lambda b: b.pod("feed")["containers"].append({"name": "beside"}),
        "a pod has one container",
    ),
    (
        running.settings_are_told,
        lambda b: b.tell("feed", "SAMVERKA_NATS_URLS", "nats://nats:4222"),
        "no setting of services.feed is SAMVERKA_NATS_URLS",
    ),
    (
        running.settings_are_told,
        lambda b: b.container("gateway").update(
            env=[told for told in b.container("gateway")["env"] if told["name"] != "SAMVERKA_PROFILE_TARGET"]
        ),
        "SAMVERKA_PROFILE_TARGET is not told",
    ),
    (
        running.settings_are_told,
        lambda b: b.one("ConfigMap", "region")["data"].update(SAMVERKA_AUTH_ISSUER="http://login.example.com"),
        "SAMVERKA_AUTH_ISSUER: Value error, must begin with https://",
    ),
    (
        running.settings_are_told,
        lambda b: b.tell("feed", "SAMVERKA_LOG_REPLICAS", "2"),
        "SAMVERKA_LOG_REPLICAS: Value error, must be 1, 3 or 5",
    ),
    (
        running.files_and_data_are_mounted,
        lambda b: b.tell("network", "SAMVERKA_NATS_NKEY_SEED_FILE", "/etc/samverka/key/services.nk"),
        "SAMVERKA_NATS_NKEY_SEED_FILE is /etc/samverka/key/services.nk, where no mount puts a file",
    ),
    (
        running.files_and_data_are_mounted,
        lambda b: b.tell("feed", "SAMVERKA_DATA_DIR", "/etc/samverka/key"),
        "SAMVERKA_DATA_DIR is /etc/samverka/key, where no claim is mounted",
    ),
    (
        running.listeners_are_ports,
        lambda b: b.tell("feed", "SAMVERKA_HEALTH_LISTEN", "127.0.0.1:50052"),
        "which nobody outside the pod can reach",
    ),
    (
        running.listeners_are_ports,
        lambda b: b.tell("feed", "SAMVERKA_GRPC_LISTEN", "0.0.0.0:50061"),
        "the code's own port is 50051",
    ),
    (
        running.listeners_are_ports,
        lambda b: b.port("feed", "metrics").update(containerPort=9000),
        "its ports are {'grpc': 50051, 'health': 50052, 'metrics': 9000}",
    ),
    (
        running.targets_are_headless_services,
        lambda b: b.tell("gateway", "SAMVERKA_FEED_TARGET", "dns:///profile:50051"),
        "SAMVERKA_FEED_TARGET is dns:///profile:50051, which does not lead to Service feed",
    ),
    (
        running.targets_are_headless_services,
        lambda b: b.tell("gateway", "SAMVERKA_FEED_TARGET", "feed:50051"),
        "which does not lead to Service feed",
    ),
    (
        running.targets_are_headless_services,
        lambda b: b.one("Service", "feed")["spec"].pop("clusterIP"),
        "SAMVERKA_FEED_TARGET: there is no headless Service 'feed'",
    ),
    (
        running.the_log_is_found,
        lambda b: b.tell("feed", "SAMVERKA_NATS_URL", "nats://nats:4223"),
        "SAMVERKA_NATS_URL leads to no Service",
    ),
    (
        running.the_log_is_found,
        lambda b: b.one("StatefulSet", "nats")["spec"].update(replicas=5),
        "SAMVERKA_LOG_REPLICAS is not 5",
    ),
    (
        probing.every_container_is_probed,
        lambda b: b.container("feed").pop("livenessProbe"),
        "StatefulSet feed has no livenessProbe",
    ),
    (
        probing.probes_ask_what_is_answered,
        lambda b: b.container("feed")["readinessProbe"]["grpc"].update(service="ready"),
        "readinessProbe asks for 'ready', not for 'readiness'",
    ),
    (
        probing.probes_ask_what_is_answered,
        lambda b: b.container("feed")["livenessProbe"]["grpc"].update(port=50051),
        "livenessProbe asks port 50051, and health is told on 50052",
    ),
    (
        probing.probes_ask_what_is_answered,
        lambda b: b.container("gateway")["readinessProbe"]["httpGet"].update(path="/ready"),
        "readinessProbe asks for '/ready', not for '/readyz'",
    ),
    (
        probing.probes_ask_what_is_answered,
        lambda b: b.container("nats")["livenessProbe"]["httpGet"].update(port="client"),
        "livenessProbe asks port 'client'",
    ),
    (
        probing.a_replica_may_catch_up,
        lambda b: b.container("feed")["startupProbe"].update(failureThreshold=30),
        "may take 150 s to catch up",
    ),
    (
        hardening.the_namespace_is_restricted,
        lambda b: b.one("Namespace", "samverka")["metadata"]["labels"].update(
            {"pod-security.kubernetes.io/enforce": "baseline"}
        ),
        "is not restricted",
    ),
    (
        hardening.pods_are_restricted,
        lambda b: b.container("feed")["securityContext"].update(readOnlyRootFilesystem=False),
        "readOnlyRootFilesystem is False and must be True",
    ),
    (
        hardening.pods_are_restricted,
        lambda b: b.container("nats")["securityContext"].pop("capabilities"),
        "capabilities is None and must be {'drop': ['ALL']}",
    ),
    (
        hardening.pods_are_restricted,
        lambda b: b.pod("feed")["securityContext"].update(runAsUser=0),
        "runAsUser is 0 and must be 10001",
    ),
    (
        hardening.pods_are_restricted,
        lambda b: b.pod("gateway").pop("automountServiceAccountToken"),
        "automountServiceAccountToken is None and must be False",
    ),
    (hardening.pods_are_restricted, lambda b: b.pod("nats").update(hostNetwork=True), "it has hostNetwork"),
    (
        hardening.pods_are_restricted,
        lambda b: b.pod("feed")["volumes"].append({"name": "node", "hostPath": {"path": "/"}}),
        "the volume 'node' is a hostPath",
    ),
    (
        hardening.pods_are_restricted,
        lambda b: b.pod("feed")["securityContext"].pop("fsGroup"),
        "its volumes are not the group's",
    ),
    (
        hardening.resources_are_bounded,
        lambda b: b.container("feed")["resources"]["limits"].pop("memory"),
        "it has no limits of memory",
    ),
    (
        ending.a_process_ends_in_its_own_time,
        lambda b: b.pod("gateway").update(terminationGracePeriodSeconds=15),
        "is given 15 s to end, and may take 25 s",
    ),
    (
        ending.a_process_ends_in_its_own_time,
        lambda b: b.container("feed").pop("lifecycle"),
        "it has no preStop",
    ),
    (
        imaging.images_are_exact,
        lambda b: b.container("feed").update(image="registry.example.com/samverka:latest"),
        "has no exact version",
    ),
    (
        imaging.images_are_exact,
        lambda b: b.container("feed").update(image="registry.example.com/samverka:0.0.9"),
        "the image is of 0.0.9",
    ),
    (
        imaging.images_are_exact,
        lambda b: b.container("feed").update(image="elsewhere.example.com/samverka:0.1.0"),
        "processes of one release run in 2 images",
    ),
    (
        imaging.images_are_exact,
        lambda b: b.container("nats").update(image="docker.io/library/nats:2.14.9-scratch"),
        "is older than 2.15",
    ),
    (
        closing.connections_within_are_those_that_are_needed,
        lambda b: _policy(b, "gateway")["egress"].pop(0),
        "gateway → feed, grpc: it is closed",
    ),
    (
        closing.connections_within_are_those_that_are_needed,
        lambda b: _policy(b, "services").update(podSelector={"matchLabels": {NAME: "feed"}}),
        "profile → nats, client: it is closed",
    ),
    (
        closing.whoever_is_not_named_is_closed,
        _without("NetworkPolicy", "nobody"),
        "a pod that no policy names takes connections from everywhere",
    ),
    (
        closing.whoever_is_not_named_is_closed,
        _without("NetworkPolicy", "nobody", "names"),
        "a pod that no policy names connects to anywhere",
    ),
    (
        closing.connections_within_are_those_that_are_needed,
        lambda b: (
            _policy(b, "nats")["ingress"][0]["from"].append({"podSelector": {}})
            or _policy(b, "gateway")["egress"].append({"to": [{"podSelector": {}}]})
        ),
        "gateway → nats, client: it is open",
    ),
    (
        closing.strangers_come_in_where_they_may,
        lambda b: _policy(b, "services")["ingress"][0]["from"].append({"namespaceSelector": {}}),
        "another namespace → feed, grpc: it is open",
    ),
    (
        closing.strangers_come_in_where_they_may,
        _without("NetworkPolicy", "metrics"),
        "Prometheus → feed, metrics: it is closed",
    ),
    (
        closing.pods_get_out_where_they_must,
        _without("NetworkPolicy", "names"),
        "feed → the cluster's DNS: it is closed",
    ),
    (
        closing.pods_get_out_where_they_must,
        lambda b: _policy(b, "services")["egress"].append({}),
        "feed → anywhere: it is open",
    ),
    (
        watching.monitors_meet_pods,
        lambda b: b.one("PodMonitor", "samverka")["spec"]["podMetricsEndpoints"][0].update(port="prometheus"),
        "StatefulSet feed has no port prometheus",
    ),
    (
        watching.monitors_meet_pods,
        lambda b: b.one("PodMonitor", "samverka")["spec"]["selector"].pop("matchExpressions"),
        "StatefulSet nats is scraped",
    ),
    (
        watching.alerts_lead_to_runbooks,
        lambda b: _rules(b)[0]["annotations"].update(runbook="docs/runbooks/look-closer.md"),
        "there is no runbook 'docs/runbooks/look-closer.md'",
    ),
    (
        watching.alerts_lead_to_runbooks,
        lambda b: _rules(b)[0].update(expr="samverka_projection_lag > 1000"),
        "nobody shows the metric samverka_projection_lag",
    ),
    (
        watching.alerts_lead_to_runbooks,
        lambda b: _rules(b)[0].update(expr="max by (pod) (samverka_projection_lag_events > 1000"),
        "alert SamverkaProjectionBehind: unclosed left parenthesis",
    ),
    (watching.every_alarm_has_an_alert, lambda b: _rules(b).pop(1), "no alert tells of the alarm link_silent"),
    (
        watching.every_alarm_has_an_alert,
        lambda b: _rules(b)[1].update(expr='samverka_network_alarms{code="silent"} > 0'),
        "an alert waits for the alarm silent",
    ),
    (watching.alerts_lead_to_runbooks, lambda b: _rules(b).append(_rules(b)[0]), "is there 2 times"),
    (
        log.nats_server_takes_its_configuration,
        lambda b: _config(b, "accounts {", "accounts {{"),
        "StatefulSet nats: ",
    ),
    (
        log.nats_server_takes_its_configuration,
        lambda b: _config(b, "/etc/samverka/tls/key.pem", "/etc/samverka/tls/tls.key"),
        "tls.key",
    ),
    (
        log.nats_server_takes_its_configuration,
        lambda b: b.container("nats")["volumeMounts"].pop(),
        "links/stockholm.conf",
    ),
    (
        log.nats_server_takes_its_configuration,
        lambda b: _config(b, "sync_interval: always", 'sync_interval: "2m"'),
        "sync_interval is not always",
    ),
    (
        log.nats_server_takes_its_configuration,
        lambda b: _config(b, "/var/lib/nats", "/tmp"),
        "the log would not lie on a claim: /var/lib/nats",
    ),
    (
        log.nats_server_takes_its_configuration,
        lambda b: b.container("nats")["env"].pop(0),
        "SERVER_NAME is not the pod's name",
    ),
    (
        log.nats_server_takes_its_configuration,
        lambda b: b.container("nats").update(args=["--config", "/etc/nats.conf"]),
        "is not told to read /etc/samverka/nats.conf",
    ),
    (
        log.addresses_are_those_of_the_description,
        lambda b: b.port("nats", "leaf").update(containerPort=7423),
        "its port leaf is 7423",
    ),
    (
        log.addresses_are_those_of_the_description,
        lambda b: b.one("StatefulSet", "nats")["spec"].update(serviceName="nats"),
        "its servers are called nats-0.nats",
    ),
    (
        log.addresses_are_those_of_the_description,
        lambda b: b.one("Service", "nats-leaf")["spec"]["ports"][0].update(port=443),
        "where no Service nats-leaf is",
    ),
    (
        log.addresses_are_those_of_the_description,
        lambda b: b.one("ConfigMap", "region")["data"].update(SAMVERKA_REGION="kyoto"),
        "SAMVERKA_REGION is 'kyoto'",
    ),
    (
        log.certificates_are_for_what_is_dialled,
        lambda b: b.one("Certificate", "nats")["spec"]["dnsNames"].pop(),
        "Certificate nats is not for nats.tokyo.example.com",
    ),
    (
        log.certificates_are_for_what_is_dialled,
        lambda b: b.one("Certificate", "nats")["spec"]["usages"].pop(),
        "is not good for both ends of a link",
    ),
]


@pytest.mark.parametrize(("rule", "plant", "told"), MISTAKES)
def test_a_planted_mistake_is_told(rule: Rule, plant: Plant, told: str, tokyo: Overlay) -> None:
    region = (tokyo.region,) if rule in REGION_RULES else ()
    assert list(rule(tokyo.rendered, *region)) == []
    faults = list(rule(planted(tokyo.rendered, plant), *region))
    assert any(told in fault for fault in faults), faults


def test_every_rule_has_a_mistake_that_breaks_it() -> None:
    assert {rule for rule, _, _ in MISTAKES} == {*RULES, *REGION_RULES}
