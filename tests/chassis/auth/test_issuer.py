"""The development issuer signs what the verifier takes, and starts nowhere but in development."""

from __future__ import annotations

import asyncio
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey

from ops.ports import FreePorts
from services.chassis.auth import KeyCache, Verifier, fetch_over_http
from services.chassis.auth.issuer import KeyFileFault, load_key, make_app, mint
from services.chassis.clock import Clock, ManualClock, SystemClock
from services.chassis.errors import Invalid

ISSUER = "http://127.0.0.1:9"
START_SECONDS_MAX = 60.0


def make_token(
    key_file: Path, *, issuer: str = ISSUER, handle: str = "anna", role: str = "member", clock: Clock
) -> str:
    return mint(
        key_file,
        issuer=issuer,
        audience="samverka",
        region="stockholm",
        handle=handle,
        name="Anna",
        roles=[role],
        clock=clock,
        lifetime_seconds=3600,
    )


def open_client(key_file: Path) -> httpx.AsyncClient:
    app = make_app(issuer=ISSUER, key=load_key(key_file))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ISSUER)


async def test_the_verifier_takes_what_the_issuer_signs(tmp_path: Path) -> None:
    clock = ManualClock()
    token = make_token(tmp_path / "key.json", clock=clock)
    async with open_client(tmp_path / "key.json") as client:

        async def fetch(url: str) -> bytes:
            return (await client.get(url)).content

        keys = KeyCache(issuer=ISSUER, fetch=fetch, clock=clock)
        verifier = Verifier(issuer=ISSUER, audience="samverka", region="stockholm", keys=keys, clock=clock)
        caller = await verifier.verify(token)
    assert (caller.subject, caller.handle, caller.name) == ("anna@stockholm", "anna", "Anna")
    assert caller.roles == {"member"}


async def test_the_private_part_of_the_key_is_not_served(tmp_path: Path) -> None:
    async with open_client(tmp_path / "key.json") as client:
        (key,) = (await client.get("/jwks")).json()["keys"]
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
        assert (await client.get("/healthz")).status_code == httpx.codes.OK


def test_the_key_file_is_its_owners_alone_and_stays_the_same(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key.json"
    first = load_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(path).kid == first.kid
    assert list(path.parent.iterdir()) == [path]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        key_ids = {key.kid for key in pool.map(lambda _: load_key(tmp_path / "key.json"), range(8))}
    assert len(key_ids) == 1


@pytest.mark.parametrize("content", [b"", b"nonsense", b"[]", b"{}", b'{"kty":"oct","k":"AAAA"}'])
def test_a_file_that_is_no_key_is_a_clear_fault(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.json"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(KeyFileFault, match=re.escape(str(path))):
        load_key(path)


def test_a_public_key_or_one_of_another_curve_is_a_clear_fault(tmp_path: Path) -> None:
    for number, content in enumerate(
        [ECKey.generate_key("P-256").as_dict(private=False), ECKey.generate_key("P-384").as_dict(private=True)]
    ):
        path = tmp_path / f"{number}.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(content))
        with pytest.raises(KeyFileFault):
            load_key(path)


@pytest.mark.skipif(os.name != "posix", reason="file modes are of POSIX")
def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    load_key(path)
    path.chmod(0o644)
    with pytest.raises(KeyFileFault, match="others may read"):
        load_key(path)


@pytest.mark.parametrize("handle", ["", "a b", "a\nb", "x" * 65])
def test_a_handle_that_is_none_is_refused(tmp_path: Path, handle: str) -> None:
    with pytest.raises(Invalid) as caught:
        make_token(tmp_path / "key.json", handle=handle, clock=ManualClock())
    assert (caught.value.code, caught.value.field) == ("malformed_handle", "handle")


def test_a_role_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        make_token(tmp_path / "key.json", role="root", clock=ManualClock())
    assert caught.value.code == "unknown_role"


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAMVERKA_")}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)} | variables


def run_issuer(**variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.chassis.auth.issuer"]
    return subprocess.run(
        command, env=environment(**variables), capture_output=True, text=True, timeout=180, check=False
    )


@pytest.mark.parametrize("env", ["", "prod", "DEV"])
def test_outside_development_it_refuses_to_start(tmp_path: Path, env: str) -> None:
    ended = run_issuer(
        SAMVERKA_ENV=env,
        SAMVERKA_AUTH_ISSUER=ISSUER,
        SAMVERKA_ISSUER_LISTEN="127.0.0.1:0",
        SAMVERKA_ISSUER_KEY_FILE=str(tmp_path / "key.json"),
    )
    assert ended.returncode == 2
    assert "only if SAMVERKA_ENV is dev" in ended.stderr
    assert not (tmp_path / "key.json").exists()


def test_its_faults_are_told_at_once() -> None:
    ended = run_issuer(SAMVERKA_ENV="dev", SAMVERKA_ISSUER_LISTEN="nowhere")
    assert ended.returncode == 2
    for name in ("SAMVERKA_AUTH_ISSUER", "SAMVERKA_ISSUER_LISTEN", "SAMVERKA_ISSUER_KEY_FILE"):
        assert name in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.fixture
def running_issuer(tmp_path: Path, free_ports: FreePorts) -> Iterator[str]:
    port = free_ports.take()
    address = f"http://127.0.0.1:{port}"
    variables = {
        "SAMVERKA_ENV": "dev",
        "SAMVERKA_AUTH_ISSUER": address,
        "SAMVERKA_ISSUER_LISTEN": f"127.0.0.1:{port}",
        "SAMVERKA_ISSUER_KEY_FILE": str(tmp_path / "key.json"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "services.chassis.auth.issuer"], env=environment(**variables), stderr=subprocess.DEVNULL
    )
    try:
        yield address
    finally:
        process.terminate()
        assert process.wait(timeout=60) in (0, -15)


async def test_a_process_of_its_own_serves_the_verifier(running_issuer: str, tmp_path: Path) -> None:
    async with asyncio.timeout(START_SECONDS_MAX), httpx.AsyncClient() as client:
        while True:
            try:
                if (await client.get(running_issuer + "/healthz")).status_code == httpx.codes.OK:
                    break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    clock = SystemClock()
    keys = KeyCache(issuer=running_issuer, fetch=fetch_over_http, clock=clock)
    verifier = Verifier(issuer=running_issuer, audience="samverka", region="stockholm", keys=keys, clock=clock)
    token = make_token(tmp_path / "key.json", issuer=running_issuer, handle="kenji", clock=clock)
    assert (await verifier.verify(token)).handle == "kenji"
    await verifier.close()
