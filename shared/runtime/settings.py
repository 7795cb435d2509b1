"""All settings, read from the environment once and checked at start.

Nothing set: all five services in one process, SQLite files under ./var, `memory://` between them.
"""

import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from shared.errors import SettingError
from shared.runtime import environment as env
from shared.runtime.tls import Tls

MEGABYTE = 1024 * 1024
PUBLIC_EXAMPLE = "https://petitions.example, as browsers reach it"
SERVICES = ("intake", "assignment", "supervision", "notify", "reporting")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True)
class Settings:
    """What an operator may set. Each field's environment variable is its name in capitals.

    Any of them may be given in a file: `SECRET_KEY_FILE` in place of `SECRET_KEY`.
    """

    data_dir: Path  # SQLite files and the generated secret of the embedded mode
    database_url: str | None  # one service's PostgreSQL; none: SQLite under data_dir
    bus_url: str  # amqp://user:password@host:5672/vhost, or memory://
    agency: str  # the first word of this installation's routing keys
    secret_key: str = field(repr=False)  # signs the cookies of one service's pages
    keys_dir: Path | None = None  # signing keys of services, see shared.identity.keys; none: DATA_DIR/keys
    master_key_file: Path | None = None  # wraps intake's keys of petitions; none: DATA_DIR/master-key
    cipher_suite: str = "aes"  # of new identities: aes (AES-256-GCM, SHA-256) or sm (SM4-GCM, SM3)
    runs: tuple[str, ...] = SERVICES  # the services of this installation; another agency may run fewer
    peers: dict[str, str] = field(default_factory=dict)  # service name -> base URL
    partners: dict[str, str] = field(
        default_factory=dict
    )  # <agency>.<service> -> base URL of another agency's
    tls_cert_file: Path | None = None  # this service's certificate on the bus and for other services
    tls_key_file: Path | None = None
    tls_ca_file: Path | None = None  # whose certificates count
    sign_in_at: str = "intake"  # the service that keeps passwords and sessions for all of an installation
    oidc_issuer: str | None = None  # the county's identity provider; none: posts and passwords of our own
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = field(default=None, repr=False)
    oidc_post_claim: str = "preferred_username"  # which claim names the post
    identities_kept_days: int = 90  # after the last term, then intake erases who it was; 0: never by itself
    scanner_url: str | None = None  # clamd: tcp://host:3310 or unix:///run/clamav/clamd.ctl
    traces_url: str | None = None  # an OpenTelemetry collector, OTLP over HTTP
    metrics_token: str | None = field(default=None, repr=False)  # by which Prometheus reads; none: closed
    metrics_port: int | None = None  # of the worker, for its own /metrics and /health/live
    county_dir: Path | None = None  # another county's data than the example's
    public_url: str = "http://127.0.0.1:8000"  # how a browser reaches this installation
    port: int = 8000
    demo: bool = False  # one shared demo password for all posts
    secure_cookies: bool = False
    smtp_url: str | None = None  # smtp://user:password@host:587
    mail_from: str = "huajie@localhost"
    max_upload_bytes: int = 50 * MEGABYTE  # of a whole request: a file to import, or all attachments at once
    max_attachment_bytes: int = 20 * MEGABYTE  # of one attachment
    rate_per_post: int = 1200  # requests a minute of one post, in each web process; 0: as many as it likes
    rate_submissions: int = 120  # petitions a minute from the portal, of everybody together
    rate_portal: int = 600  # messages, files, requests and ratings a minute at the portal, together
    catch_up_seconds: float = 60.0
    poll_seconds: float = 1.0  # how often the loops look for what nobody told them of
    nav_links: dict[str, str] = field(default_factory=dict)

    @property
    def is_embedded(self) -> bool:
        """All in one process against nothing."""
        return self.bus_url.startswith("memory")

    def address_of(self, service: str) -> str:
        """Where a browser reaches a service: NAV_LINKS says it, else PUBLIC_URL is that of the service."""
        own = self.nav_links.get(service, f"/{service}" if self.is_embedded else "")
        return own if own.startswith("http") else self.public_url + own

    @property
    def signing_keys(self) -> Path:
        """The folder of the services' signing keys."""
        return self.keys_dir or self.data_dir / "keys"

    @property
    def tls(self) -> Tls | None:
        """Whom this service believes on the bus and among services, and what it shows; None: not set."""
        return Tls(self.tls_ca_file, self.tls_cert_file, self.tls_key_file) if self.tls_ca_file else None

    @property
    def master_keyring(self) -> Path:
        """The file of the master keys."""
        return self.master_key_file or self.data_dir / "master-key"

    def database_url_for(self, service: str) -> str:
        """The database of a service."""
        if self.database_url:
            return self.database_url.replace("{service}", service)
        return f"sqlite:///{self.data_dir / service}.db"


def load_settings() -> Settings:
    """Read the environment; a blank variable counts as not set.

    Raises SettingError that says which variable to set, and how.
    """
    data_dir = env.path("DATA_DIR") or Path("var")
    bus_url = env.text("BUS_URL") or "memory://"
    database_url = env.text("DATABASE_URL")
    embedded = bus_url.startswith("memory")
    _check_bus(bus_url)
    _check_database(database_url)
    _check_tls()
    public_url, agency = env.address("PUBLIC_URL", "https?", PUBLIC_EXAMPLE), env.text("AGENCY") or "local"
    check_agency(agency)
    if env.text("OIDC_ISSUER") and not env.text("OIDC_CLIENT_ID"):
        raise SettingError("OIDC_CLIENT_ID must be set with OIDC_ISSUER: what the provider calls us")
    if not database_url:
        env.check_writable("DATA_DIR", data_dir)
    port = int(env.number("PORT", 8000, low=1, high=65535, whole=True))
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        bus_url=bus_url,
        agency=agency,
        secret_key=_secret(env.text("SECRET_KEY"), data_dir, embedded and not database_url),
        keys_dir=env.path("KEYS_DIR"),
        master_key_file=env.path("MASTER_KEY_FILE"),
        cipher_suite=env.choice("CIPHER_SUITE", "aes", "sm"),
        peers=env.pairs("PEERS"),
        partners=env.pairs("PARTNERS"),
        tls_cert_file=env.path("TLS_CERT_FILE"),
        tls_key_file=env.path("TLS_KEY_FILE"),
        tls_ca_file=env.path("TLS_CA_FILE"),
        runs=env.choices("RUNS", *SERVICES),
        sign_in_at=env.choice("SIGN_IN_AT", *SERVICES),
        oidc_issuer=env.address("OIDC_ISSUER", "https?", "https://id.example/realms/county"),
        oidc_client_id=env.text("OIDC_CLIENT_ID"),
        oidc_client_secret=env.text("OIDC_CLIENT_SECRET"),
        oidc_post_claim=env.text("OIDC_POST_CLAIM") or "preferred_username",
        identities_kept_days=int(env.number("IDENTITIES_KEPT_DAYS", 90, low=0, high=36_500, whole=True)),
        scanner_url=_scanner(env.text("SCANNER_URL")),
        traces_url=env.address("TRACES_URL", "https?", "http://collector:4318"),
        metrics_token=_metrics_token(env.text("METRICS_TOKEN")),
        metrics_port=int(env.number("METRICS_PORT", 0, low=0, high=65535, whole=True)) or None,
        county_dir=env.path("COUNTY_DIR"),
        public_url=(public_url or f"http://127.0.0.1:{port}").rstrip("/"),
        port=port,
        demo=env.switch("DEMO"),
        secure_cookies=env.switch("SECURE_COOKIES"),
        smtp_url=_smtp(env.text("SMTP_URL")),
        mail_from=env.text("MAIL_FROM") or "huajie@localhost",
        max_upload_bytes=int(env.number("MAX_UPLOAD_MB", 50, low=1, high=10_000, whole=True)) * MEGABYTE,
        max_attachment_bytes=int(env.number("MAX_ATTACHMENT_MB", 20, low=1, high=1000, whole=True))
        * MEGABYTE,
        rate_per_post=int(env.number("RATE_PER_POST", 1200, low=0, high=10**6, whole=True)),
        rate_submissions=int(env.number("RATE_SUBMISSIONS", 120, low=0, high=10**6, whole=True)),
        rate_portal=int(env.number("RATE_PORTAL", 600, low=0, high=10**6, whole=True)),
        catch_up_seconds=env.number("CATCH_UP_SECONDS", 60, low=1, high=86_400),
        poll_seconds=env.number("POLL_SECONDS", 1.0, low=0.001, high=60),
        nav_links=env.pairs("NAV_LINKS"),
    )


def log_level(default: str = "INFO") -> str:
    """LOG_LEVEL, which is needed before all other settings. Raises SettingError."""
    level = (env.text("LOG_LEVEL") or default).upper()
    if level not in LOG_LEVELS:
        raise SettingError(f"LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}")
    return level


def check_agency(agency: str) -> None:
    """Raises SettingError where that cannot name an agency."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", agency):
        raise SettingError(
            "AGENCY must be one word of lower-case letters, digits and '-', such as 'zhuxi': "
            "it is the first word of routing keys"
        )


def _smtp(url: str | None) -> str | None:
    if url and not env.is_address(url, "smtps?"):
        raise SettingError("SMTP_URL must look like smtp://user:password@host:587, or be unset for no mail")
    return url


def _scanner(url: str | None) -> str | None:
    if url and not (env.is_address(url, "tcp") or re.fullmatch(r"unix:///[^\0]+", url)):
        raise SettingError(
            "SCANNER_URL must look like tcp://host:3310 or unix:///run/clamav/clamd.ctl (clamd), "
            "or be unset for no scanner"
        )
    return url


def _metrics_token(token: str | None) -> str | None:
    if token and len(token) < 16:
        raise SettingError("METRICS_TOKEN needs 16 characters or more; make one: openssl rand -hex 32")
    return token


def _check_bus(url: str) -> None:
    if not (url.startswith("memory://") or env.is_address(url, "amqps?")):
        raise SettingError(
            "BUS_URL must look like amqp://user:password@host:5672/vhost (RabbitMQ; the vhost `/` is written "
            "//), or be unset for the one-process mode"
        )


def _check_database(url: str | None) -> None:
    if url and not (url.startswith("sqlite:///") or env.is_address(url, r"postgresql\+psycopg")):
        raise SettingError(
            "DATABASE_URL must look like postgresql+psycopg://user:password@host:5432/database "
            "('%40' for an '@' in the password), or be unset for SQLite files under DATA_DIR"
        )


def _check_tls() -> None:
    ca, certificate, key = (env.text(f"TLS_{name}_FILE") for name in ("CA", "CERT", "KEY"))
    if bool(certificate) != bool(key) or (certificate and not ca):
        raise SettingError(
            "TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_FILE belong together: a certificate, its key, and whose "
            "certificates count. For a trial, `huajie ca` makes them"
        )


def _secret(given: str | None, data_dir: Path, may_generate: bool) -> str:
    if given:
        if len(given) < 32:
            raise SettingError("SECRET_KEY needs 32 characters or more; make one: openssl rand -hex 32")
        return given
    if not may_generate:
        raise SettingError("SECRET_KEY must be set; make one: openssl rand -hex 32")
    path = data_dir / "secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().strip()
