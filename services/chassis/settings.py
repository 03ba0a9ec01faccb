"""What a process is told by its environment: read once at the start, every fault reported at once.

The variables begin with ``SAMVERKA_``; a field's variable is its name in capitals. An empty variable counts as not set.
Values never appear in a fault: some of them are secrets, and the name is enough to find the rest.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.chassis.ids import is_region

ENV_PREFIX = "SAMVERKA_"
_PORT_MAX = 65_535
_EXIT_BAD_USAGE = 2


class SettingsFault(Exception):
    """The environment is wrong; the text lists every fault, one a line, with the variable's name."""


class ListenFault(Exception):
    """An address that a process was told to listen on cannot be had; the text names its variable."""

    def __init__(self, variable: str, address: str) -> None:
        super().__init__(
            f"{variable}: cannot listen on {address}; another process may hold the port, or the address is not local"
        )
        self.variable = variable
        self.address = address


def split_listen(address: str) -> tuple[str, int]:
    """Return the host and the port of ``host:port`` or ``[ipv6]:port``; ValueError otherwise. Port 0 is any free one."""
    host, colon, port = address.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    if not colon or not host or (":" in host and not bracketed) or any(sign.isspace() for sign in host):
        raise ValueError("must be host:port")
    if not port.isascii() or not port.isdigit() or len(port) > len(str(_PORT_MAX)) or int(port) > _PORT_MAX:
        raise ValueError(f"must be host:port with a port from 0 to {_PORT_MAX}")
    return host, int(port)


def _listen(address: str) -> str:
    if address:
        split_listen(address)
    return address


def _region(name: str) -> str:
    if not is_region(name):
        raise ValueError("must be a lower-case DNS label of at most 32 characters, such as stockholm")
    return name


def _url(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        for part in url.split(",") if url else ():
            parts = urlsplit(part)  # raises ValueError by itself for what is no address
            if parts.scheme not in schemes or not parts.hostname or any(sign.isspace() for sign in part):
                raise ValueError("must be a URL beginning with " + " or ".join(f"{scheme}://" for scheme in schemes))
        return url

    return AfterValidator(check)


def _one_url(url: str) -> str:
    if "," in url:
        raise ValueError("must be one URL")
    return url


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _log_replicas(count: int) -> int:
    if count not in (1, 3, 5):
        raise ValueError("must be 1, 3 or 5")
    return count


def _existing_file(path: Path | None) -> Path | None:
    if path is not None and not path.is_file():
        raise ValueError("names a file that is not there")
    return path


Listen = Annotated[str, AfterValidator(_listen)]
"""``host:port``; port 0 is any free one."""
Region = Annotated[str, AfterValidator(_region)]
HttpUrl = Annotated[str, AfterValidator(_one_url), _url("http", "https")]
"""Kept as it was written: an issuer is compared character by character."""
NatsUrls = Annotated[str, _url("nats", "tls")]
"""One or more, with commas between."""
ExistingFile = Annotated[Path | None, AfterValidator(_existing_file)]
LogReplicas = Annotated[int, AfterValidator(_log_replicas)]
"""Servers that agree by majority: an even number bears no more losses than one less."""
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)]


class EnvironmentSettings(BaseSettings):
    """Settings that come from variables beginning with SAMVERKA_, and from nowhere else."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    env: Literal["dev", "prod"] = "prod"
    log_level: LogLevel = "info"
    log_format: Literal["json", "text"] = "json"


class CommonSettings(EnvironmentSettings):
    """What every process of a node is told."""

    region: Region
    auth_issuer: HttpUrl
    auth_audience: str = Field(default="samverka", max_length=256)
    auth_roles_claim: str = Field(default="roles", max_length=256)
    otlp_endpoint: HttpUrl = ""
    trace_ratio: float = Field(default=0.05, ge=0, le=1)
    metrics_listen: Listen = ""
    spans_file: Path | None = None

    @field_validator("auth_issuer")
    @classmethod
    def _issuer_is_secure(cls, issuer: str, info: ValidationInfo) -> str:
        # Whoever can change the answer of the issuer can sign in as anybody.
        if not issuer.startswith("https://") and info.data.get("env") == "prod":
            raise ValueError("must begin with https:// unless SAMVERKA_ENV is dev")
        return issuer


class ServiceSettings(CommonSettings):
    """What a service is told beside that."""

    nats_url: NatsUrls
    nats_nkey_seed_file: ExistingFile = None
    log_replicas: LogReplicas = 1
    data_dir: Path
    grpc_listen: Listen = "127.0.0.1:50051"
    health_listen: Listen = "127.0.0.1:50052"
    admin_listen: Listen = "127.0.0.1:50053"


AnySettings = TypeVar("AnySettings", bound=BaseSettings)


def load(cls: type[AnySettings]) -> AnySettings:
    """Return the settings that the environment holds; SettingsFault with all that is wrong with it."""
    try:
        return cls()
    except ValidationError as error:
        faults = [_fault(str(part["loc"][0] if part["loc"] else ""), part["msg"]) for part in error.errors()]
    raise SettingsFault("\n".join(faults))  # not "from": the validation error holds the values


def load_or_exit(cls: type[AnySettings]) -> AnySettings:
    """Return the settings; on faults print them to stderr and end the process with 2."""
    try:
        return load(cls)
    except SettingsFault as fault:
        print(fault, file=sys.stderr)
        raise SystemExit(_EXIT_BAD_USAGE) from None


def variable(field: str) -> str:
    """Return the name of the environment variable of ``field``."""
    return ENV_PREFIX + field.upper()


def _fault(field: str, message: str) -> str:
    if message == "Field required":
        return f"{variable(field)}: must be set"
    return f"{variable(field)}: {message.removeprefix('Value error, ')}"
