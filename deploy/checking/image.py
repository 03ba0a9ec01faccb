"""What the Containerfile says, instruction by instruction, and what must be so of it. No image is built here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template

USER_ID = 10001
"""As whom every process runs: above the users of any node."""
CONTAINERFILE = Path("deploy") / "Containerfile"
_IGNORED = Path(".dockerignore")
_PINNED = re.compile(r"\S+(@sha256:[0-9a-f]{64}|:\d+\.\d+\.\d+[\w.-]*)")
_ENTRYPOINT = ["/opt/samverka/bin/python", "-m"]


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction with its continuation lines joined."""

    name: str
    rest: str


def read_instructions(text: str) -> list[Instruction]:
    """Return the instructions of a Containerfile."""
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    lines = (line.strip() for line in joined.splitlines())
    return [
        Instruction(name.upper(), rest.strip()) for name, _, rest in (line.partition(" ") for line in lines if line)
    ]


def copied(instructions: list[Instruction]) -> Iterator[tuple[str, str]]:
    """Yield what is copied from the repository, and where to."""
    for one in instructions:
        if one.name == "COPY" and "--from" not in one.rest:
            *sources, target = one.rest.split()
            yield from ((source, target) for source in sources)


def faults_of_image(root: Path) -> Iterator[str]:
    """Yield what is wrong with the Containerfile of a repository."""
    instructions = read_instructions((root / CONTAINERFILE).read_text())
    allowed = (root / _IGNORED).read_text().split()
    for source, _ in copied(instructions):
        if not (root / source).exists():
            yield f"COPY {source}: it is not there"
        if f"!{source}" not in allowed:
            yield f"COPY {source}: {_IGNORED} keeps it out"
    yield from (
        f"{one.name} {one.rest}: ADD fetches and unpacks; COPY does neither"
        for one in instructions
        if one.name == "ADD"
    )
    yield from _base_faults(instructions)
    yield from _install_faults(instructions)
    yield from _end_faults(instructions)


def _base_faults(instructions: list[Instruction]) -> Iterator[str]:
    given = dict(one.rest.split("=", 1) for one in instructions if one.name == "ARG" and "=" in one.rest)
    stages = [
        Template(one.rest.partition(" AS ")[0]).safe_substitute(given) for one in instructions if one.name == "FROM"
    ]
    yield from (f"FROM {base}: it has no digest and no exact version" for base in stages if not _PINNED.fullmatch(base))
    if len(set(stages)) != 1:
        yield "FROM: what is installed in one image may not run in another"


def _install_faults(instructions: list[Instruction]) -> Iterator[str]:
    for one in instructions:
        if one.name != "RUN":
            continue
        for command in one.rest.split("&&"):
            if "pip install" in command and "--require-hashes" not in command:
                yield f"RUN {command.strip()}: it installs without hashes"
            if re.search(r"\b(apt-get|apk|curl|wget)\b", command):
                yield f"RUN {command.strip()}: it fetches what nobody has pinned"


def _end_faults(instructions: list[Instruction]) -> Iterator[str]:
    last = instructions[max(index for index, one in enumerate(instructions) if one.name == "FROM") :]
    user = next((one.rest for one in reversed(last) if one.name == "USER"), "root")
    if user != f"{USER_ID}:{USER_ID}":
        yield f"USER {user}: it must be {USER_ID}:{USER_ID}, in figures: a name cannot be seen not to be root"
    entry = next((json.loads(one.rest) for one in reversed(last) if one.name == "ENTRYPOINT"), None)
    if entry != _ENTRYPOINT:
        yield f"ENTRYPOINT {entry}: it must be {_ENTRYPOINT}, which runs the module that is given"
