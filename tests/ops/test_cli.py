"""Facts about the command as scripts meet it: what it prints, and its exit codes."""

from __future__ import annotations

import base64
import json
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

Samverka = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def samverka(environment: dict[str, str], tmp_path: Path) -> Samverka:
    """Run the command in an empty directory."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ops.cli", *arguments],
            env={**environment, **variables},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=180,
        )

    return run


def _claims(token: str) -> dict[str, object]:
    payload = token.split(".")[1]
    claims: dict[str, object] = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def test_token_prints_the_token_and_nothing_else(samverka: Samverka, tmp_path: Path) -> None:
    done = samverka("token", "--region", "stockholm", "--as", "maja", "--name", "Maja L", "--hours", "2")
    assert (done.returncode, done.stderr) == (0, "")
    (token,) = done.stdout.splitlines()
    claims = _claims(token)
    assert {name: claims[name] for name in ("preferred_username", "name", "roles", "region", "aud")} == {
        "preferred_username": "maja",
        "name": "Maja L",
        "roles": ["member"],
        "region": "stockholm",
        "aud": "samverka",
    }
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == 7200
    key = tmp_path / "data" / "issuer" / "key.json"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_tokens_of_one_data_directory_have_one_issuer(samverka: Samverka, tmp_path: Path) -> None:
    first = samverka("token", "--region", "stockholm", "--as", "maja", "--role", "admin", "--role", "importer")
    again = samverka("token", "--region", "tokyo", "--as", "kenji", SAMVERKA_DATA=str(tmp_path / "data"))
    assert _claims(first.stdout)["iss"] == _claims(again.stdout)["iss"]
    assert _claims(first.stdout)["roles"] == ["admin", "importer"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["up", "--regions", "Stockholm"],
        ["up", "--regions", ""],
        ["up", "--regions", "stockholm,stockholm"],
        ["up", "--regions", "stockholm,"],
        ["up", "--regions", ",".join(f"r{number}" for number in range(17))],
        ["up", "--port", "0"],
        ["up", "--port", "65536"],
        ["up", "--port", "65535", "--regions", "stockholm,tokyo"],
        ["up", "--port", "http"],
        ["up", "--replicas", "0"],
        ["up", "--data", __file__],
        ["up", "--unknown"],
        ["token", "--region", "stockholm"],
        ["token", "--as", "maja"],
        ["token", "--region", "st ockholm", "--as", "maja"],
        ["token", "--region", "stockholm", "--as", "maja", "--role", "queen"],
        ["token", "--region", "stockholm", "--as", ""],
        ["token", "--region", "stockholm", "--as", "ma\nja"],
        ["token", "--region", "stockholm", "--as", "maja", "--hours", "0"],
        ["status", "--json", "--watch"],
        ["digest", "--region", "STOCKHOLM"],
        ["digest"],
        ["network", "cut", "stockholm"],
        ["network", "cut", "stockholm", "Tokyo"],
        ["network", "cut", "stockholm", "stockholm"],
        ["network", "heal", "stockholm", "tokyo", "austin"],
        ["network", "heal", "stockholm", "tokyo", "--hang"],
        ["network", "add", "austin", "--link", "tokyo"],
        ["unknown"],
    ],
    ids=" ".join,
)
def test_bad_usage_is_told_with_exit_code_2(arguments: list[str], samverka: Samverka) -> None:
    done = samverka(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_of_nothing_is_not_well(samverka: Samverka) -> None:
    done = samverka("status")
    assert done.returncode == 1
    assert "Nothing runs" in done.stdout


def test_status_of_nothing_is_json_too(samverka: Samverka) -> None:
    done = samverka("status", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["running"] is False


def test_a_digest_of_nothing_fails_in_one_line(samverka: Samverka, tmp_path: Path) -> None:
    done = samverka("digest", "--region", "stockholm")
    assert (done.returncode, done.stderr) == (1, f"samverka: Nothing runs on {tmp_path.resolve() / 'data'}.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["network", "cut", "stockholm", "tokyo"],
        ["network", "cut", "stockholm", "tokyo", "--hang"],
        ["network", "heal", "stockholm", "tokyo"],
        ["network", "add", "austin"],
    ],
    ids=" ".join,
)
def test_nothing_that_runs_is_asked_for_nothing(arguments: list[str], samverka: Samverka, tmp_path: Path) -> None:
    done = samverka(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"samverka: Nothing runs on {tmp_path.resolve() / 'data'}.\n"


def test_a_key_that_others_may_read_fails_in_one_line(samverka: Samverka, tmp_path: Path) -> None:
    samverka("token", "--region", "stockholm", "--as", "maja")
    (tmp_path / "data" / "issuer" / "key.json").chmod(0o644)
    done = samverka("token", "--region", "stockholm", "--as", "maja")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("samverka: ")
    assert done.stderr.count("\n") == 1


def test_import_hands_its_words_on(samverka: Samverka) -> None:
    done = samverka("import", "stackexchange", "--help")
    assert done.returncode == 0
    assert "samverka import stackexchange" in done.stdout
