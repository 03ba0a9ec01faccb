"""Facts about the image, as far as they are seen without building it: what it copies is enough to run every module."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.checking.image import CONTAINERFILE, copied, faults_of_image, read_instructions
from deploy.checking.rules.running import ROOT, modules


def _text() -> str:
    return (ROOT / CONTAINERFILE).read_text()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the Containerfile and empty stands for what it copies."""
    for source, _ in copied(read_instructions(_text())):
        (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / source).touch()
    for file in (CONTAINERFILE, Path(".dockerignore")):
        (tmp_path / file).write_text((ROOT / file).read_text())
    return tmp_path


def _edit(file: str | Path, found: str, put: str) -> Callable[[Path], object]:
    def edit(root: Path) -> None:
        text = (root / file).read_text()
        assert found in text
        (root / file).write_text(text.replace(found, put))

    return edit


def test_the_image_is_as_it_must_be(root: Path) -> None:
    assert list(faults_of_image(ROOT)) == []
    assert list(faults_of_image(root)) == []


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (lambda root: (root / "gateway").unlink(), "COPY gateway: it is not there"),
        (_edit(".dockerignore", "!gateway\n", ""), "COPY gateway: .dockerignore keeps it out"),
        (_edit(CONTAINERFILE, "COPY LICENSE", "ADD LICENSE"), "ADD LICENSE ./: ADD fetches"),
        (_edit(CONTAINERFILE, "python:3.13.9-slim-trixie", "python:3-slim"), "has no digest and no exact version"),
        (_edit(CONTAINERFILE, "FROM ${PYTHON}\n", "FROM python:3.13.9-slim-bookworm\n"), "may not run in another"),
        (_edit(CONTAINERFILE, " --require-hashes", ""), "it installs without hashes"),
        (_edit(CONTAINERFILE, "RUN python", "RUN apt-get update && python"), "it fetches what nobody has pinned"),
        (_edit(CONTAINERFILE, "USER 10001:10001\n", ""), "USER root: it must be 10001:10001"),
        (_edit(CONTAINERFILE, "USER 10001:10001", "USER samverka"), "USER samverka: it must be 10001:10001"),
        (_edit(CONTAINERFILE, ', "-m"]', "]"), "ENTRYPOINT ['/opt/samverka/bin/python']"),
    ],
)
def test_a_planted_mistake_is_told(mistake: Callable[[Path], object], told: str, root: Path) -> None:
    mistake(root)
    assert any(told in fault for fault in faults_of_image(root))


def test_a_user_of_an_earlier_stage_is_not_the_one_who_runs(root: Path) -> None:
    moved = _text().replace("USER 10001:10001\n", "").replace("WORKDIR /build", "USER 10001:10001\nWORKDIR /build")
    (root / CONTAINERFILE).write_text(moved)
    assert any("USER root" in fault for fault in faults_of_image(root))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image holds of this repository, where it holds it."""
    app = tmp_path_factory.mktemp("app")
    for source, target in copied(read_instructions(_text())):
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, app / target, ignore=shutil.ignore_patterns("__pycache__"))
    return app


@pytest.mark.parametrize("module", sorted(modules()))
def test_every_module_runs_from_what_is_copied_and_asks_for_its_settings(module: str, app: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", module],
        cwd="/",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{app}:{app}/proto/gen", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 2, done.stderr
    assert "SAMVERKA_REGION: must be set" in done.stderr.splitlines()
