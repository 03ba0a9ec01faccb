"""Facts about the whole check: it finds what is planted in a repository, tells all of it, and ends with a code."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path

import pytest

from deploy.checking import __main__ as main
from deploy.checking.rendering import MANIFESTS, render_overlay
from deploy.checking.rules.imaging import images_are_named_in_one_place
from deploy.checking.rules.running import ROOT
from deploy.checking.running import faults_of_own_overlay, faults_of_repository

RUNBOOK = ROOT / "docs" / "runbooks" / "running-on-kubernetes.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of what the check reads, with one overlay."""
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    for overlay in (tmp_path / MANIFESTS / "regions").iterdir():
        if overlay.name != "single":
            shutil.rmtree(overlay)
    for source in ("LICENSE", "requirements.lock", ".dockerignore"):
        shutil.copy(ROOT / source, tmp_path / source)
    for source in ("services", "gateway", "ops", "proto"):
        (tmp_path / source).symlink_to(ROOT / source)
    return tmp_path


def test_all_is_told_with_its_place(root: Path) -> None:
    service = root / MANIFESTS / "base" / "services" / "shape" / "service.yaml"
    service.write_text(service.read_text().replace("service: liveness", "service: alive"))
    assert list(faults_of_repository(root)) == [
        f"regions/single: StatefulSet {name}: livenessProbe asks for 'alive', not for 'liveness'"
        for name in _services()
    ]


def test_what_the_schemas_refuse_is_told_before_what_rules_would_make_of_it(root: Path) -> None:
    gateway = root / MANIFESTS / "base" / "gateway" / "gateway.yaml"
    gateway.write_text(gateway.read_text().replace("containerPort: 8080", 'containerPort: "8080"'))
    faults = list(faults_of_repository(root))
    assert len(faults) == 2
    assert all("Deployment gateway, in Kubernetes 1." in fault for fault in faults)


def test_an_image_that_is_named_elsewhere_is_told(root: Path) -> None:
    gateway = root / MANIFESTS / "base" / "gateway" / "gateway.yaml"
    gateway.write_text(gateway.read_text().replace("image: samverka", "image: example.com/samverka:0.1.0"))
    overlay = root / MANIFESTS / "regions" / "single" / "kustomization.yaml"
    overlay.write_text(f"{overlay.read_text()}images: [{{name: samverka, newTag: 0.2.0}}]\n")
    assert list(images_are_named_in_one_place(root)) == [
        "deploy/k8s/base/gateway/gateway.yaml names the image example.com/samverka:0.1.0 itself",
        "deploy/k8s/regions/single/kustomization.yaml names an image of its own",
    ]


@pytest.mark.parametrize(("faults", "code"), [([], 0), (["one", "other"], 1)])
def test_it_ends_with_1_if_anything_is_wrong(
    faults: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main, "faults_of_repository", lambda root: iter(faults))
    assert main.main([]) == code
    assert capsys.readouterr().err.splitlines() == faults


def test_an_overlay_of_ones_own_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ROOT / MANIFESTS, tmp_path / "k8s")
    overlay = tmp_path / "k8s" / "regions" / "tokyo"
    file = overlay / "kustomization.yaml"
    file.write_text(file.read_text().replace("SAMVERKA_REGION=tokyo", "SAMVERKA_REGION=kyoto"))
    own = [str(overlay), str(tmp_path / "k8s" / "network.toml")]
    assert main.main([*own, "tokyo"]) == 1
    told = capsys.readouterr().err
    assert "SAMVERKA_REGION is 'kyoto', and the description calls it 'tokyo'\n" in told
    assert "StatefulSet nats: the image 'docker.io/library/nats:2.15.1-scratch' has no digest" in told
    assert main.main([*own, "kyoto"]) == 1
    assert capsys.readouterr().err.endswith("network.toml has no region kyoto that is on Kubernetes.\n")


def test_the_overlay_of_the_runbook_is_as_it_must_be_and_names_every_image(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "deploy", tmp_path / "samverka" / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    (block,) = re.findall(r"# kustomization\.yaml\n((?: {7}.*\n|\n)+)", RUNBOOK.read_text())
    overlay = tmp_path / "my-overlay"
    overlay.mkdir()
    text = textwrap.dedent(block).replace("DIGEST", "0" * 64).replace("- samverka/", "- ../samverka/")
    (overlay / "kustomization.yaml").write_text(text)

    rendered = render_overlay(overlay, ROOT / MANIFESTS / "network.toml", region="stockholm")
    assert list(faults_of_own_overlay(rendered)) == []
    images = {workload.container["image"].partition(":")[0] for workload in rendered.rendered.workloads()}
    assert images == {"registry.example.com/samverka", "docker.io/library/nats"}


@pytest.mark.parametrize("arguments", [["overlay"], ["overlay", "network.toml"], ["a", "b", "c", "d"]])
def test_bad_usage_is_told_with_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(arguments) == 2
    assert "python -m deploy.checking OVERLAY" in capsys.readouterr().err


def _services() -> list[str]:
    return sorted(file.parent.name for file in (ROOT / "services").glob("*/__main__.py"))
