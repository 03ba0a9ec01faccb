"""Settings come from the environment, and every fault of it is told at once, without a value."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.chassis.settings import CommonSettings, ServiceSettings, SettingsFault, load, load_or_exit, split_listen

GOOD = {
    "SAMVERKA_REGION": "stockholm",
    "SAMVERKA_AUTH_ISSUER": "https://login.example.test/tenant",
    "SAMVERKA_NATS_URL": "nats://127.0.0.1:4222",
    "SAMVERKA_DATA_DIR": "/var/lib/samverka",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("SAMVERKA_")]:
        monkeypatch.delenv(name)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def faults(cls: type[CommonSettings] = ServiceSettings) -> list[str]:
    with pytest.raises(SettingsFault) as caught:
        load(cls)
    return str(caught.value).splitlines()


def test_what_is_not_said_has_its_default(environment: pytest.MonkeyPatch) -> None:
    settings = load(ServiceSettings)
    assert settings.env == "prod"
    assert settings.region == "stockholm"
    assert settings.grpc_listen == "127.0.0.1:50051"
    assert settings.data_dir == Path("/var/lib/samverka")
    assert (settings.metrics_listen, settings.otlp_endpoint, settings.auth_audience) == ("", "", "samverka")


def test_an_empty_variable_is_as_none(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SAMVERKA_NATS_NKEY_SEED_FILE", "")
    environment.setenv("SAMVERKA_GRPC_LISTEN", "")
    environment.setenv("SAMVERKA_REGION", "")
    assert faults() == ["SAMVERKA_REGION: must be set"]


def test_every_fault_is_told_at_once_with_its_variable_and_without_its_value(environment: pytest.MonkeyPatch) -> None:
    wrong = {
        "SAMVERKA_ENV": "s3cret",
        "SAMVERKA_REGION": "S3cret",
        "SAMVERKA_NATS_URL": "http://user:s3cret@host",
        "SAMVERKA_NATS_NKEY_SEED_FILE": "/s3cret",
        "SAMVERKA_GRPC_LISTEN": "s3cret",
        "SAMVERKA_HEALTH_LISTEN": "127.0.0.1:s3cret",
        "SAMVERKA_ADMIN_LISTEN": "127.0.0.1:65536",
        "SAMVERKA_METRICS_LISTEN": ":8000",
        "SAMVERKA_AUTH_ISSUER": "s3cret",
        "SAMVERKA_OTLP_ENDPOINT": "https://",
        "SAMVERKA_TRACE_RATIO": "1.5",
        "SAMVERKA_LOG_LEVEL": "s3cret",
        "SAMVERKA_LOG_FORMAT": "s3cret",
    }
    for name, value in wrong.items():
        environment.setenv(name, value)
    environment.delenv("SAMVERKA_DATA_DIR")
    told = faults()
    assert {line.partition(":")[0] for line in told} == {*wrong, "SAMVERKA_DATA_DIR"}
    assert len(told) == len(wrong) + 1
    assert "s3cret" not in "\n".join(told).lower()


def test_a_fault_keeps_no_values_behind_it(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SAMVERKA_NATS_URL", "http://user:s3cret@host")
    with pytest.raises(SettingsFault) as caught:
        load(ServiceSettings)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_an_issuer_is_kept_as_it_is_written(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SAMVERKA_AUTH_ISSUER", "https://LOGIN.example.test")
    assert load(CommonSettings).auth_issuer == "https://LOGIN.example.test"


def test_an_issuer_without_tls_is_for_development_alone(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SAMVERKA_AUTH_ISSUER", "http://127.0.0.1:8090")
    assert faults() == ["SAMVERKA_AUTH_ISSUER: must begin with https:// unless SAMVERKA_ENV is dev"]
    environment.setenv("SAMVERKA_ENV", "dev")
    assert load(ServiceSettings).auth_issuer == "http://127.0.0.1:8090"


def test_the_log_may_have_many_servers(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SAMVERKA_NATS_URL", "nats://a:4222,tls://b:4222")
    assert load(ServiceSettings).nats_url == "nats://a:4222,tls://b:4222"
    environment.setenv("SAMVERKA_NATS_URL", "nats://a:4222,")
    assert [line.partition(":")[0] for line in faults()] == ["SAMVERKA_NATS_URL"]


def test_a_process_ends_with_two_and_the_faults_on_stderr(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.delenv("SAMVERKA_REGION")
    with pytest.raises(SystemExit) as caught:
        load_or_exit(ServiceSettings)
    assert caught.value.code == 2
    assert capsys.readouterr().err == "SAMVERKA_REGION: must be set\n"


@pytest.mark.parametrize("count", ["1", "3", "5"])
def test_a_log_is_kept_by_an_odd_number_of_servers(count: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SAMVERKA_LOG_REPLICAS", count)
    assert load(ServiceSettings).log_replicas == int(count)


@pytest.mark.parametrize("count", ["0", "2", "4", "7", "many"])
def test_a_log_is_not_kept_by_any_other_number(count: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SAMVERKA_LOG_REPLICAS", count)
    (fault,) = faults()
    assert fault.startswith("SAMVERKA_LOG_REPLICAS: ")


@pytest.mark.parametrize(
    ("address", "parts"),
    [("127.0.0.1:0", ("127.0.0.1", 0)), ("[::1]:50051", ("::1", 50051)), ("feed.local:65535", ("feed.local", 65535))],
)
def test_an_address_has_a_host_and_a_port(address: str, parts: tuple[str, int]) -> None:
    assert split_listen(address) == parts


@pytest.mark.parametrize(
    "address", ["", ":1", "host", "host:", "host:x", "host:-1", "host:65536", "::1:50051", "a b:1", "host:١", "host: 1"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="must be host:port"):
        split_listen(address)
