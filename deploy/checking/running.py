"""Everything that is checked, and all that is wrong: nothing stops at the first fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from deploy.checking.image import faults_of_image
from deploy.checking.rendering import Overlay, render_overlays
from deploy.checking.resources import Rendered
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
from deploy.checking.schemas import faults_of
from ops.network.description import Region

RULES: tuple[Callable[[Rendered], Iterator[str]], ...] = (
    naming.everything_is_named,
    naming.everything_is_in_one_namespace,
    naming.pods_say_what_they_are_of,
    naming.no_secret_is_committed,
    selecting.workloads_select_their_own_pods,
    selecting.services_lead_to_pods,
    selecting.stateful_sets_have_a_headless_service,
    scaling.every_workload_has_one_budget,
    scaling.replicas_are_said_by_one,
    scaling.replicas_are_spread,
    mounting.mounts_and_volumes_are_pairs,
    mounting.references_lead_to_keys,
    running.every_module_is_run_once,
    running.settings_are_told,
    running.files_and_data_are_mounted,
    running.listeners_are_ports,
    running.targets_are_headless_services,
    running.the_log_is_found,
    probing.every_container_is_probed,
    probing.probes_ask_what_is_answered,
    probing.a_replica_may_catch_up,
    hardening.the_namespace_is_restricted,
    hardening.pods_are_restricted,
    hardening.resources_are_bounded,
    ending.a_process_ends_in_its_own_time,
    imaging.images_are_exact,
    closing.connections_within_are_those_that_are_needed,
    closing.whoever_is_not_named_is_closed,
    closing.strangers_come_in_where_they_may,
    closing.pods_get_out_where_they_must,
    watching.monitors_meet_pods,
    watching.alerts_lead_to_runbooks,
    watching.every_alarm_has_an_alert,
)
REGION_RULES: tuple[Callable[[Rendered, Region], Iterator[str]], ...] = (
    log.nats_server_takes_its_configuration,
    log.addresses_are_those_of_the_description,
    log.certificates_are_for_what_is_dialled,
)


def faults_of_overlay(overlay: Overlay) -> Iterator[str]:
    """Yield what is wrong with one overlay; if the schemas have something against it, that alone."""
    rendered = overlay.rendered
    malformed = [fault for resource in (*rendered.resources, *rendered.given) for fault in faults_of(resource)]
    if malformed:  # rules read what is well formed
        yield from malformed
        return
    for rule in RULES:
        yield from rule(rendered)
    for region_rule in REGION_RULES:
        yield from region_rule(rendered, overlay.region)


def faults_of_own_overlay(overlay: Overlay) -> Iterator[str]:
    """Yield what is wrong with an overlay that is to be applied."""
    yield from faults_of_overlay(overlay)
    yield from imaging.images_have_digests(overlay.rendered)


def faults_of_repository(root: Path) -> Iterator[str]:
    """Yield all that is wrong with the image and the overlays of a repository; NotRendered, Unreadable, Failure."""
    yield from (f"deploy/Containerfile: {fault}" for fault in faults_of_image(root))
    yield from imaging.images_are_named_in_one_place(root)
    for overlay in render_overlays(root):
        yield from (f"regions/{overlay.rendered.overlay}: {fault}" for fault in faults_of_overlay(overlay))
