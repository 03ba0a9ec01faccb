"""Putting a network's files in their places: only what changed, and only after nats-server has taken all of it."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from ops.dirs import DataDir, make_private, write_private
from ops.failure import Failure
from ops.nats.program import check_configuration
from ops.network.changes import Changes
from ops.network.preparing import Prepared, RegionFiles


def write(prepared: Prepared, changes: Changes, *, nats_program: str) -> None:
    """Write what changed and remove what is left over; Failure, and nothing is touched, if a configuration is refused."""
    check(prepared, changes, nats_program=nats_program)
    for file, content in changes.written.items():
        write_private(file, content)
    for file in changes.removed:
        file.unlink(missing_ok=True)
        for directory in (file.parent, file.parent.parent):
            if directory != prepared.data.root and prepared.data.root in directory.parents:
                with suppress(OSError):  # a log may lie there
                    directory.rmdir()


def check(prepared: Prepared, changes: Changes, *, nats_program: str) -> None:
    """Let nats-server read every configuration that changes, in a place aside; Failure with all that it says."""
    make_private(prepared.data.root)
    aside = Path(tempfile.mkdtemp(prefix=".check-", dir=prepared.data.root))  # made with mode 0700
    try:
        faults = [
            f"{region.region}: {fault}"
            for region in prepared.regions
            if region.region in changes.needs
            and (fault := _fault(region, prepared.data, aside / region.region, nats_program))
        ]
    finally:
        shutil.rmtree(aside)
    if faults:
        raise Failure("\n".join(["nats-server does not take the configuration; nothing was written.", *faults]))


def _fault(region: RegionFiles, data: DataDir, aside: Path, nats_program: str) -> str:
    home = data.region(region.region).root
    for file, content in region.files.items():
        write_private(aside / file.relative_to(home), content)
    configuration = aside / "nats.conf"
    write_private(configuration, region.configuration_at(aside).encode())
    return check_configuration(nats_program, configuration).replace(str(aside), region.region)
