"""All settings, read from the environment once and checked at start.

Nothing set: all five services in one process, SQLite files under ./var, `memory://` between them.
"""

import math
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env, EnvError

from shared.errors import SettingError

MEGABYTE = 1024 * 1024
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True)
class Settings:
    """What an operator may set. Each field's environment variable is its name in capitals."""

    data_dir: Path  # SQLite files and the generated secret of the embedded mode
    database_url: str | None  # one service's PostgreSQL; none: SQLite under data_dir
    bus_url: str  # amqp://user:password@host:5672/vhost, or memory://
    agency: str  # the first word of this installation's routing keys
    secret_key: str = field(repr=False)  # signs sessions, tokens and keyed hashes
    peers: dict[str, str] = field(default_factory=dict)  # service name -> base URL
    county_dir: Path | None = None  # another county's data than the example's
    public_url: str = "http://127.0.0.1:8000"  # how a browser reaches this installation
    port: int = 8000
    demo: bool = False  # one shared demo password for all posts
    secure_cookies: bool = False
    smtp_url: str | None = None  # smtp://user:password@host:587
    mail_from: str = "huajie@localhost"
    max_upload_bytes: int = 50 * MEGABYTE  # of a whole request: a file to import, or all attachments at once
    max_attachment_bytes: int = 20 * MEGABYTE  # of one attachment
    catch_up_seconds: float = 60.0
    poll_seconds: float = 0.05  # how often the relay looks for what other processes committed
    nav_links: dict[str, str] = field(default_factory=dict)

    @property
    def is_embedded(self) -> bool:
        """All in one process against nothing."""
        return self.bus_url.startswith("memory")

    def address_of(self, service: str) -> str:
        """Where a browser reaches a service: NAV_LINKS says it, else PUBLIC_URL is that of the service."""
        own = self.nav_links.get(service, f"/{service}" if self.is_embedded else "")
        return own if own.startswith("http") else self.public_url + own

    def database_url_for(self, service: str) -> str:
        """The database of a service."""
        if self.database_url:
            return self.database_url.replace("{service}", service)
        return f"sqlite:///{self.data_dir / service}.db"


def load_settings() -> Settings:
    """Read the environment; a blank variable counts as not set.

    Raises SettingError that says which variable to set, and how.
    """
    data_dir = Path(_text("DATA_DIR") or "var")
    bus_url = _text("BUS_URL") or "memory://"
    database_url = _text("DATABASE_URL")
    embedded = bus_url.startswith("memory")
    _check_bus(bus_url)
    _check_database(database_url)
    smtp_url, public_url, agency = _text("SMTP_URL"), _text("PUBLIC_URL"), _text("AGENCY") or "local"
    _check_smtp(smtp_url)
    _check_public(public_url)
    _check_agency(agency)
    if not database_url:
        _check_writable(data_dir)
    port = int(_number("PORT", 8000, low=1, high=65535, whole=True))
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        bus_url=bus_url,
        agency=agency,
        secret_key=_secret(_text("SECRET_KEY"), data_dir, embedded and not database_url),
        peers=_pairs("PEERS"),
        county_dir=Path(directory) if (directory := _text("COUNTY_DIR")) else None,
        public_url=(public_url or f"http://127.0.0.1:{port}").rstrip("/"),
        port=port,
        demo=_switch("DEMO"),
        secure_cookies=_switch("SECURE_COOKIES"),
        smtp_url=smtp_url,
        mail_from=_text("MAIL_FROM") or "huajie@localhost",
        max_upload_bytes=int(_number("MAX_UPLOAD_MB", 50, low=1, high=10_000, whole=True)) * MEGABYTE,
        max_attachment_bytes=int(_number("MAX_ATTACHMENT_MB", 20, low=1, high=1000, whole=True)) * MEGABYTE,
        catch_up_seconds=_number("CATCH_UP_SECONDS", 60, low=1, high=86_400),
        # In one process a commit wakes the relay; to look so often would only burn the battery.
        poll_seconds=_number("POLL_SECONDS", 1.0 if embedded else 0.05, low=0.001, high=60),
        nav_links=_pairs("NAV_LINKS"),
    )


def log_level(default: str = "INFO") -> str:
    """LOG_LEVEL, which is needed before all other settings. Raises SettingError."""
    level = (_text("LOG_LEVEL") or default).upper()
    if level not in LOG_LEVELS:
        raise SettingError(f"LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}")
    return level


def _text(name: str) -> str | None:
    return Env().str(name, "").strip() or None


def _number(name: str, default: float, *, low: float, high: float, whole: bool = False) -> float:
    if _text(name) is None:
        return default
    try:
        value: float = Env().int(name) if whole else Env().float(name)
    except EnvError:
        value = math.nan
    if not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        raise SettingError(f"{name} must be {kind} from {low} to {high}, such as {default:g}, or be unset")
    return value


def _switch(name: str) -> bool:
    try:
        return _text(name) is not None and Env().bool(name)
    except EnvError:
        raise SettingError(f"{name} must be 1 (on) or 0 (off), or be unset") from None


def _check_agency(agency: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", agency):
        raise SettingError(
            "AGENCY must be one word of lower-case letters, digits and '-', such as 'zhuxi': "
            "it is the first word of routing keys"
        )


def _is_address(url: str, scheme: str) -> bool:
    """Whether the url has that scheme, a host, and a port that is a number or none."""
    try:
        parts = urlsplit(url)
        _port = parts.port  # raises when it is no port
    except ValueError:
        return False
    return bool(re.fullmatch(scheme, parts.scheme) and parts.hostname)


def _check_writable(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        may_write = os.access(data_dir, os.W_OK)
    except OSError:
        may_write = False
    if not may_write:
        raise SettingError("DATA_DIR cannot be written: set it to a folder that you may write to")


def _check_smtp(url: str | None) -> None:
    if url and not _is_address(url, "smtps?"):
        raise SettingError("SMTP_URL must look like smtp://user:password@host:587, or be unset for no mail")


def _check_public(url: str | None) -> None:
    if url and not _is_address(url, "https?"):
        raise SettingError("PUBLIC_URL must look like https://petitions.example, as browsers reach it")


def _check_bus(url: str) -> None:
    if not (url.startswith("memory://") or _is_address(url, "amqps?")):
        raise SettingError(
            "BUS_URL must look like amqp://user:password@host:5672/vhost (RabbitMQ; the vhost `/` is written "
            "//), or be unset for the one-process mode"
        )


def _check_database(url: str | None) -> None:
    if url and not (url.startswith("sqlite:///") or _is_address(url, r"postgresql\+psycopg")):
        raise SettingError(
            "DATABASE_URL must look like postgresql+psycopg://user:password@host:5432/database "
            "('%40' for an '@' in the password), or be unset for SQLite files under DATA_DIR"
        )


def _secret(given: str | None, data_dir: Path, may_generate: bool) -> str:
    if given:
        if len(given) < 32:
            raise SettingError("SECRET_KEY needs 32 characters or more; make one: openssl rand -hex 32")
        return given
    if not may_generate:
        raise SettingError(
            "SECRET_KEY must be set, the same for all services of one installation; "
            "make one: openssl rand -hex 32"
        )
    path = data_dir / "secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().strip()


def _pairs(name: str) -> dict[str, str]:
    pairs = {}
    for part in filter(None, (p.strip() for p in (_text(name) or "").split(","))):
        key, separator, value = part.partition("=")
        if not separator or not value.startswith(("http://", "https://", "/")):
            raise SettingError(f"{name} must look like intake=https://host:8001,assignment=https://host:8002")
        pairs[key.strip()] = value.strip().rstrip("/")
    return pairs
