"""Facts about ``samverka network`` as scripts meet it: what it prints, what it writes, and its exit codes."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ops.network.directories import Directory

Run = Callable[..., subprocess.CompletedProcess[str]]
HELD = """
# ours
name = "acme"
[[regions]]
name = "stockholm"
leaf = "127.0.0.1:7422"
[[regions]]
name = "tokyo"
leaf = "127.0.0.1:7423"
"""


@pytest.fixture
def network(environment: dict[str, str], tmp_path: Path) -> Run:
    """Run the command in a directory that holds a description of two regions."""
    (tmp_path / "network.toml").write_text(HELD)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ops.cli", "network", *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=180,
        )

    return run


def test_a_plan_changes_nothing_and_writing_does_what_it_said(network: Run, tmp_path: Path) -> None:
    planned = network("plan", "out")
    assert (planned.returncode, (tmp_path / "out").exists()) == (0, False)
    written = network("write", "out")
    assert (written.returncode, written.stdout) == (0, planned.stdout)
    assert written.stdout.endswith("Then start: stockholm, tokyo.\n")


def test_when_there_is_nothing_to_do_it_says_so(network: Run) -> None:
    network("write", "out")
    for again in (network("plan", "out"), network("write", "out")):
        assert (again.returncode, again.stdout, again.stderr) == (0, "Nothing to do.\n", "")


def test_a_region_is_added_and_removed_and_what_follows_is_written(network: Run, tmp_path: Path) -> None:
    network("write", "out")
    added = network("add", "austin", "--leaf", "127.0.0.1:7424", "--client-listen", "127.0.0.1:5222", "--out", "out")
    assert "order, what runs (`samverka network reload`): stockholm, tokyo.\nThen start: austin.\n" in added.stdout
    assert 'listen: "127.0.0.1:5222"' in (tmp_path / "out" / "austin" / "nats.conf").read_text()
    assert (tmp_path / "network.toml").read_text().startswith(HELD)
    removed = network("remove", "austin", "--out", "out")
    assert "removed  region austin" in removed.stdout
    assert (tmp_path / "network.toml").read_text().strip() == HELD.strip()
    assert network("plan", "out").stdout == "Nothing to do.\n"


def test_without_a_directory_only_the_description_is_edited(network: Run, tmp_path: Path) -> None:
    (tmp_path / "network.toml").chmod(0o664)
    assert network("add", "austin", "--leaf", "austin.example:7422").stdout == "austin stands in network.toml.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["network.toml"]
    assert stat.S_IMODE((tmp_path / "network.toml").stat().st_mode) == 0o664


def test_a_network_is_begun_with_its_first_region(network: Run, tmp_path: Path) -> None:
    assert network("add", "oslo", "--leaf", "oslo.example:7422", "--file", "new.toml").returncode == 0
    assert stat.S_IMODE((tmp_path / "new.toml").stat().st_mode) == 0o644
    assert network("plan", "out", "--file", "new.toml").stdout.endswith("Then start: oslo.\n")


def test_a_region_is_added_that_runs_on_kubernetes(network: Run, tmp_path: Path) -> None:
    network("add", "austin", "--leaf", "austin.example:7422", "--kubernetes", "--out", "out")
    assert "nats-0.nats-peers" in (tmp_path / "out" / "austin" / "nats.conf").read_text()
    assert (tmp_path / "out" / "austin" / "kustomization.yaml").exists()


def test_keys_are_changed_and_the_change_is_finished(network: Run) -> None:
    network("write", "out")
    began = network("rotate-keys", "--out", "out")
    assert "changed  tokyo/links/stockholm.nk" in began.stdout
    assert began.stdout.endswith("(`samverka network reload`): stockholm, tokyo.\n")
    finished = network("rotate-keys", "--finish", "--out", "out")
    assert "changed  stockholm/nats.conf" in finished.stdout
    assert ".nk" not in finished.stdout
    assert network("rotate-keys", "--finish", "--out", "out").stdout == "Nothing to do.\n"


def test_no_secret_is_printed_whatever_is_asked(network: Run, tmp_path: Path) -> None:
    said, secrets = "", []
    for arguments in (
        ["plan", "out"],
        ["write", "out"],
        ["rotate-keys", "--out", "out"],
        ["add", "austin", "--leaf", "127.0.0.1:7424", "--out", "out"],
        ["rotate-keys", "austin", "--out", "out"],
        ["remove", "tokyo", "--out", "out"],
    ):
        done = network(*arguments)
        assert done.returncode == 0, done.stderr
        said += done.stdout + done.stderr
        secrets += Directory(tmp_path / "out").secrets()
    assert len(set(secrets)) > 20
    assert not any(secret.decode() in said for secret in secrets)


def test_a_wrong_description_is_told_with_all_its_faults_and_exit_code_2(network: Run, tmp_path: Path) -> None:
    (tmp_path / "network.toml").write_text('name = "acme"\nowner = 1\n[[regions]]\nname = "S"\n')
    done = network("write", "out")
    assert (done.returncode, done.stdout, (tmp_path / "out").exists()) == (2, "", False)
    for fault in ("'owner' is unknown", "'S' is no region", "leaf is missing"):
        assert fault in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan"],
        ["write", "network.toml"],
        ["add"],
        ["add", "austin", "--client-listen", "a:1"],
        ["add", "austin", "--out", "out"],
        ["add", "austin", "--kubernetes"],
        ["add", "Austin", "--leaf", "a:1"],
        ["add", "austin", "--leaf", "austin"],
        ["add", "austin", "--leaf", "a:1", "--leaf-listen", "a"],
        ["remove"],
        ["remove", "austin", "--running", "--out", "out"],
        ["rotate-keys"],
        ["rotate-keys", "--finish"],
        ["reload"],
        ["reload", "out/tokyo"],
        ["reload", "out/tokyo", "--pid", "1"],
        ["probe"],
        ["unknown"],
    ],
    ids=" ".join,
)
def test_bad_usage_is_told_with_exit_code_2(arguments: list[str], network: Run) -> None:
    done = network(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "out", "--file", "elsewhere.toml"],
        ["add", "tokyo", "--leaf", "a:1"],
        ["add", "austin", "--leaf", "a:1", "--link", "tokyo"],
        ["remove", "austin"],
        ["rotate-keys", "austin", "--out", "out"],
        ["reload", "out/tokyo", "--pid", "4194305"],
        ["probe", "out/tokyo"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_told_with_exit_code_1(arguments: list[str], network: Run, tmp_path: Path) -> None:
    done = network(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("samverka: ")
    assert (tmp_path / "network.toml").read_text() == HELD
