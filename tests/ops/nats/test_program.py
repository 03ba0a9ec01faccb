"""Facts about the nats-server program: which one is run, and what it says of a configuration."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ops.nats.keys import new_seed
from ops.nats.program import check_configuration, find_program


def _put_on_path(directory: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> str:
    program = directory / "nats-server"
    program.write_text(f"#!/bin/sh\necho nats-server: v{version}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(directory))
    return str(program)


@pytest.mark.parametrize("version", ["2.15.0", "2.16.3", "3.0.0"])
def test_a_nats_server_on_path_goes_first(version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = _put_on_path(tmp_path, version, monkeypatch)
    assert find_program() == program


@pytest.mark.parametrize("version", ["2.9.10", "2.14.9", "none"])
def test_a_nats_server_on_path_that_is_too_old_is_passed_over(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = _put_on_path(tmp_path, version, monkeypatch)
    assert find_program() != program


def test_the_wheels_nats_server_is_found_without_an_activated_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert os.access(find_program(), os.X_OK)


def test_a_good_configuration_has_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "nats.conf"
    file.write_text("listen: 127.0.0.1:4222\n")
    assert check_configuration(find_program(), file) == ""


def test_a_fault_is_told_without_the_seed_on_its_line(tmp_path: Path) -> None:
    seed = new_seed(os.urandom).decode()
    file = tmp_path / "nats.conf"
    file.write_text(f'listen: "{seed}"\n')
    fault = check_configuration(find_program(), file)
    assert "S…" in fault
    assert seed not in fault


def test_a_program_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert "cannot be run" in check_configuration(str(tmp_path / "nats-server"), tmp_path / "nats.conf")
