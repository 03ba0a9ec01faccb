"""Facts about a region's nats-server: its program, its key, its configuration."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from ops import natsconf
from ops.failure import Failure

AWKWARD = 'data "of" it\'s \\ $HOME #1 { å'


def _server(store: Path) -> natsconf.NatsServer:
    key = natsconf.services_key(store.parent / "services.nk", os.urandom)
    return natsconf.NatsServer("stock-holm", store=store, client_port=20_001, monitor_port=20_002, services_key=key)


def test_nats_server_takes_the_configuration_whatever_the_path(tmp_path: Path) -> None:
    home = tmp_path / AWKWARD
    home.mkdir()
    file = home / "nats.conf"
    file.write_text(natsconf.render(_server(home / "nats")))
    checked = subprocess.run([natsconf.find_program(), "-t", "-c", str(file)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_a_quotation_mark_in_the_path_cannot_end_the_string(tmp_path: Path) -> None:
    text = natsconf.render(_server(tmp_path / 'a" max_payload: "1'))
    assert '\\" max_payload: \\"1"' in text


def test_a_path_with_a_line_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="control characters"):
        natsconf.render(_server(tmp_path / "a\nb"))


def test_what_is_acknowledged_is_on_the_disk(tmp_path: Path) -> None:
    assert "sync_interval: always" in natsconf.render(_server(tmp_path / "nats"))


def test_only_the_owner_reads_the_seed_and_it_stays_the_same(tmp_path: Path) -> None:
    file = tmp_path / "services.nk"
    first = natsconf.services_key(file, os.urandom)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert natsconf.services_key(file, os.urandom) == first
    assert first.startswith("U")


def test_a_seed_that_is_none_is_told(tmp_path: Path) -> None:
    file = tmp_path / "services.nk"
    file.write_text("not a seed")
    with pytest.raises(Failure, match="holds no nkey seed"):
        natsconf.services_key(file, os.urandom)


def _put_on_path(directory: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> str:
    program = directory / "nats-server"
    program.write_text(f"#!/bin/sh\necho nats-server: v{version}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(directory))
    return str(program)


@pytest.mark.parametrize("version", ["2.15.0", "2.16.3", "3.0.0"])
def test_a_nats_server_on_path_goes_first(version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = _put_on_path(tmp_path, version, monkeypatch)
    assert natsconf.find_program() == program


@pytest.mark.parametrize("version", ["2.9.10", "2.14.9", "none"])
def test_a_nats_server_on_path_that_is_too_old_is_passed_over(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = _put_on_path(tmp_path, version, monkeypatch)
    assert natsconf.find_program() != program


def test_the_wheels_nats_server_is_found_without_an_activated_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert os.access(natsconf.find_program(), os.X_OK)
