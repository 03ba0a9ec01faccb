"""Images are named in one place, by exact versions that are those of this repository; what is applied, by digests."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from deploy.checking.resources import Rendered
from deploy.checking.rules.running import ROOT, modules
from ops.nats.program import VERSION_MIN

_IMAGE = re.compile(r"(?P<name>[a-z0-9./-]+):(?P<version>\d+\.\d+\.\d+)(?P<variant>-[\w.]+)?(@sha256:[0-9a-f]{64})?")


def images_are_exact(rendered: Rendered) -> Iterator[str]:
    """Yield images that may be another tomorrow, and those of another release than this one."""
    release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for workload in rendered.workloads():
        image = workload.container.get("image", "")
        found = _IMAGE.fullmatch(image)
        if found is None:
            yield f"{workload}: the image {image!r} has no exact version"
        elif workload.module in modules() and found["version"] != release:
            yield f"{workload}: the image is of {found['version']}, and this is {release}"
        elif workload.name == "nats" and tuple(map(int, found["version"].split(".")[:2])) < VERSION_MIN:
            yield f"{workload}: {image} is older than {VERSION_MIN[0]}.{VERSION_MIN[1]}"
    images = {one.container.get("image") for one in rendered.workloads() if one.module in modules()}
    if len(images) > 1:
        yield f"processes of one release run in {len(images)} images"


def images_have_digests(rendered: Rendered) -> Iterator[str]:
    """Yield the images whose content a registry may change under their tag.

    For overlays that are applied: those here cannot know the digest of an image that is built when they are there already.
    """
    for workload in rendered.workloads():
        if "@sha256:" not in (image := workload.container.get("image", "")):
            yield f"{workload}: the image {image!r} has no digest: whoever may push to its registry says what runs here"


def images_are_named_in_one_place(root: Path) -> Iterator[str]:
    """Yield the manifests that name an image themselves: all but the base's kustomization say only whose it is."""
    for file in sorted((root / "deploy" / "k8s").rglob("*.yaml")):
        text = file.read_text()
        if "newTag:" in text and file != root / "deploy" / "k8s" / "base" / "kustomization.yaml":
            yield f"{file.relative_to(root)} names an image of its own"
        for image in re.findall(r"^\s*(?:- )?image: *(\S+)", text, re.MULTILINE):
            if image not in ("samverka", "nats"):
                yield f"{file.relative_to(root)} names the image {image} itself"
