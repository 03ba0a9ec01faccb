"""Every process of this project is run, by a module that is there, and told all that its settings ask and nothing else."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from deploy.checking.resources import Rendered, Workload
from deploy.checking.rules.mounting import file_at
from services.chassis.settings import ENV_PREFIX, CommonSettings, split_listen, variable

ROOT = Path(__file__).parents[3]
SERVICES = "services"


def modules(root: Path = ROOT) -> set[str]:
    """Return the modules that the image can be told to run."""
    services = {f"{SERVICES}.{file.parent.name}" for file in (root / SERVICES).glob("*/__main__.py")}
    return services | {"gateway"}


def settings_of(module: str) -> type[CommonSettings]:
    """Return the settings of a process."""
    found = vars(importlib.import_module(f"{module}.settings")).values()
    (own,) = (
        one
        for one in found
        if isinstance(one, type) and issubclass(one, CommonSettings) and one.__module__ == f"{module}.settings"
    )
    return own


def processes(rendered: Rendered) -> Iterator[tuple[Workload, type[CommonSettings]]]:
    """Yield the workloads that run a module of this project, with its settings."""
    for workload in rendered.workloads():
        if workload.module in modules():
            yield workload, settings_of(workload.module)


def environment(rendered: Rendered, workload: Workload) -> Mapping[str, str]:
    """Return the variables that a container is given by value."""
    told: dict[str, str] = {}
    for source in workload.container.get("envFrom", ()):
        config = rendered.named("ConfigMap", source.get("configMapRef", {}).get("name", ""))
        told |= config.at("data", default={}) if config else {}
    return told | {one["name"]: one["value"] for one in workload.container.get("env", ()) if "value" in one}


def every_module_is_run_once(rendered: Rendered) -> Iterator[str]:
    """Yield the modules that no workload runs, and the workloads that run none."""
    run = [workload.module for workload in rendered.workloads() if workload.name != "nats"]
    for module in sorted(modules()):
        if run.count(module) != 1:
            yield f"{module} is run by {run.count(module)} workloads, and must be by one (CONTRIBUTING.md says how)"
    for workload in rendered.workloads():
        if len(workload.pod.get("containers", ())) != 1 or workload.pod.get("initContainers"):
            yield f"{workload}: a pod has one container"
        if workload.name != "nats" and workload.module not in modules():
            yield f"{workload}: {workload.module!r} is no module that can be run"


def settings_are_told(rendered: Rendered) -> Iterator[str]:
    """Yield variables that no setting has, settings that are not told, and values that they refuse."""
    for workload, settings in processes(rendered):
        told = environment(rendered, workload)
        known = {variable(field): field for field in settings.model_fields}
        for name in sorted(told.keys() - known.keys()):
            yield f"{workload}: no setting of {workload.module} is {name}"
        for name in sorted(variable(field) for field, info in settings.model_fields.items() if info.is_required()):
            if name not in told:
                yield f"{workload}: {name} is not told"
        # Files are where the mounts put them, which another rule looks at; any file will do here.
        values = {
            known[name]: __file__ if _names_file(known[name]) else told[name] for name in told.keys() & known.keys()
        }
        yield from (f"{workload}: {fault}" for fault in _refusals(settings, values))


def _refusals(settings: type[CommonSettings], values: Mapping[str, str]) -> Iterator[str]:
    try:
        settings.model_validate(values)
    except ValidationError as error:
        for part in error.errors():
            if part["type"] != "missing":
                yield f"{variable(str(part['loc'][0]))}: {part['msg']}"


def files_and_data_are_mounted(rendered: Rendered) -> Iterator[str]:
    """Yield the paths that a process is told and does not have."""
    for workload, _ in processes(rendered):
        claims = {mount["mountPath"] for mount in workload.mounts if "claim" in workload.volumes.get(mount["name"], {})}
        for name, value in environment(rendered, workload).items():
            field = name.removeprefix(ENV_PREFIX).lower()
            if _names_file(field) and not file_at(rendered, workload, value):
                yield f"{workload}: {name} is {value}, where no mount puts a file"
            if field == "data_dir" and value not in claims:
                yield f"{workload}: {name} is {value}, where no claim is mounted"


def listeners_are_ports(rendered: Rendered) -> Iterator[str]:
    """Yield listeners that no port leads to, ports on which nobody listens, and ports other than the code's own."""
    for workload, settings in processes(rendered):
        listening: dict[str, int] = {}
        for name, value in environment(rendered, workload).items():
            field = name.removeprefix(ENV_PREFIX).lower()
            if not field.endswith("_listen") or field not in settings.model_fields:
                continue
            host, port = split_listen(value)
            listening[field.removesuffix("_listen")] = port
            if host != "0.0.0.0":  # noqa: S104
                yield f"{workload}: {name} is {value}, which nobody outside the pod can reach"
            default = settings.model_fields[field].default
            if default and split_listen(default)[1] != port:
                yield f"{workload}: {name} is {value}, and the code's own port is {split_listen(default)[1]}"
        if listening != workload.ports:
            yield f"{workload}: it listens on {listening}, and its ports are {dict(workload.ports)}"


def targets_are_headless_services(rendered: Rendered) -> Iterator[str]:
    """Yield the targets of gRPC that would not lead to every replica of the service they are named for."""
    for workload, settings in processes(rendered):
        for name, value in environment(rendered, workload).items():
            field = name.removeprefix(ENV_PREFIX).lower()
            if not field.endswith("_target") or field not in settings.model_fields:
                continue
            service = rendered.named("Service", field.removesuffix("_target"))
            if service is None or service.at("spec", "clusterIP") != "None":
                yield f"{workload}: {name}: there is no headless Service {field.removesuffix('_target')!r}"
                continue
            ports = {port["name"]: port["port"] for port in service.at("spec", "ports", default=())}
            if value != f"dns:///{service.name}:{ports.get('grpc')}":
                yield f"{workload}: {name} is {value}, which does not lead to {service}"


def the_log_is_found(rendered: Rendered) -> Iterator[str]:
    """Yield services that look for the log elsewhere, or for another number of servers than there are."""
    nats = rendered.workload("nats")
    servers = str(nats.resource.at("spec", "replicas")) if nats else "0"
    for workload, settings in processes(rendered):
        if "nats_url" not in settings.model_fields:
            continue
        told = environment(rendered, workload)
        url = urlsplit(told.get(variable("nats_url"), ""))
        service = rendered.named("Service", url.hostname or "")
        ports = [port["port"] for port in service.at("spec", "ports", default=())] if service else []
        if url.port not in ports:
            yield f"{workload}: {variable('nats_url')} leads to no Service"
        if told.get(variable("log_replicas")) != servers:
            yield f"{workload}: {variable('log_replicas')} is not {servers}, the number of servers"


def _names_file(field: str) -> bool:
    return field.endswith("_file")
