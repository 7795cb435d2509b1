"""All settings, read from the environment once and checked at start.

Nothing set: all five services in one process, SQLite files under ./var, `memory://` between them.
"""

import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from environs import Env, EnvError

from shared.errors import SettingError

MEGABYTE = 1024 * 1024


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
    max_upload_bytes: int = 50 * MEGABYTE
    catch_up_seconds: float = 60.0
    poll_seconds: float = 0.05
    nav_links: dict[str, str] = field(default_factory=dict)

    @property
    def is_embedded(self) -> bool:
        """All in one process against nothing."""
        return self.bus_url.startswith("memory")

    def database_url_for(self, service: str) -> str:
        """The database of a service."""
        if self.database_url:
            return self.database_url.replace("{service}", service)
        return f"sqlite:///{self.data_dir / service}.db"


def load_settings() -> Settings:
    """Read the environment. Raises SettingError that says which variable to set, and how."""
    env = Env()
    try:
        return _read(env)
    except EnvError as error:
        raise SettingError(str(error)) from error


def _read(env: Env) -> Settings:
    data_dir = Path(env.str("DATA_DIR", "var"))
    bus_url = env.str("BUS_URL", "memory://")
    database_url = env.str("DATABASE_URL", None)
    embedded = bus_url.startswith("memory")
    _check_bus(bus_url)
    _check_database(database_url)
    _check_smtp(env.str("SMTP_URL", None))
    agency = env.str("AGENCY", "local")
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", agency):
        raise SettingError(
            "AGENCY must be one word of lower-case letters, digits and '-', such as 'zhuxi': "
            "it is the first word of routing keys"
        )
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        bus_url=bus_url,
        agency=agency,
        secret_key=_secret(env.str("SECRET_KEY", None), data_dir, embedded and not database_url),
        peers=_pairs("PEERS", env.str("PEERS", "")),
        county_dir=Path(directory) if (directory := env.str("COUNTY_DIR", None)) else None,
        public_url=env.str("PUBLIC_URL", f"http://127.0.0.1:{env.int('PORT', 8000)}").rstrip("/"),
        port=env.int("PORT", 8000),
        demo=env.bool("DEMO", False),
        secure_cookies=env.bool("SECURE_COOKIES", False),
        smtp_url=env.str("SMTP_URL", None),
        mail_from=env.str("MAIL_FROM", "huajie@localhost"),
        max_upload_bytes=env.int("MAX_UPLOAD_MB", 50) * MEGABYTE,
        catch_up_seconds=env.float("CATCH_UP_SECONDS", 60.0),
        poll_seconds=env.float("POLL_SECONDS", 0.05),
        nav_links=_pairs("NAV_LINKS", env.str("NAV_LINKS", "")),
    )


def _check_smtp(url: str | None) -> None:
    if url and not re.match(r"smtps?://[^/\s]+", url):
        raise SettingError("SMTP_URL must look like smtp://user:password@host:587, or be unset for no mail")


def _check_bus(url: str) -> None:
    if not url.startswith(("memory://", "amqp://", "amqps://")):
        raise SettingError(
            "BUS_URL must begin with amqp:// or amqps:// (RabbitMQ), or be unset for the one-process mode"
        )


def _check_database(url: str | None) -> None:
    if url and not url.startswith(("postgresql+psycopg://", "sqlite:///")):
        raise SettingError(
            "DATABASE_URL must look like postgresql+psycopg://user:password@host:5432/database, "
            "or be unset for SQLite files under DATA_DIR"
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
        data_dir.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().strip()


def _pairs(name: str, text: str) -> dict[str, str]:
    pairs = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        key, separator, value = part.partition("=")
        if not separator or not value.startswith(("http://", "https://", "/")):
            raise SettingError(f"{name} must look like intake=https://host:8001,assignment=https://host:8002")
        pairs[key.strip()] = value.strip().rstrip("/")
    return pairs
