"""Settings, read once at start from the environment (``KIBBLE_...``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from kibble.platform.security.addresses import networks


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may choose; every field has a default that suits a laptop.

    The engines' addresses are those of ``make engines``. ``namespace`` is what begins the names of
    databases, schemas, keyspaces, indices, topics and keys, so that several shops share engines.
    ``storefront_dir`` has the builds of the shop's and the back office's pages, if there are any.
    ``otlp_url`` is a collector of traces (OTLP over HTTP), if any; so many are kept as
    ``trace_share`` says. ``service_url`` is where services find one another: ``{service}`` in it
    is the service's name, ``{port}`` its port where all have one address, counted from
    ``service_port``.
    ``files_url`` names where pictures and feeds are kept, if not in the data folder (docs/aws.md);
    ``outlets`` are the URLs of those who are told of events, separated by blanks;
    ``backup_to`` is where ``kibble backup`` writes when it is not told, ``backup_key`` a key of 256
    bits in base64 with which it encrypts.
    ``mail_url`` and ``sms_url`` name who takes messages (docs/notifications.md), ``mail_from`` the
    sender of e-mails, ``notification_store`` where messages are kept instead of by the profile
    (docs/aws.md). ``webhook_networks`` are networks of the shop's own, separated by commas,
    that webhooks may go to beside the public internet.

    ``boxes`` are what parcels are packed into, if not the usual ones (docs/providers.md).

    ``trusted_proxies`` are addresses and networks, separated by commas, whose X-Forwarded-For and
    X-Forwarded-Proto are believed; nobody's are else. ``allowed_hosts`` are the names that the shop
    answers to; when it has none, in production, that of ``shop_url``, and otherwise any.
    ``tls_cert`` and ``tls_key`` are files in PEM. ``metrics_from`` are the networks, separated by
    commas, that the embedded profile shows its metrics to: this machine alone at first.

    ``sealing_keys`` seal what is secret and must be read again, as ``NAME:KEY`` with keys of 256
    bits in base64url, the newest last; without them a file in ``data_dir`` does. ``signing_keys``
    and ``service_keys`` are the texts of Customer's and of a process's own key file, likewise.

    ``oidc_...`` name an identity provider outside the shop whose access tokens are taken too, if
    there is one.
    """

    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8000
    env: str = "development"
    currency: str = "USD"
    default_shipping: str = "standard"
    hold_minutes: float = 15.0
    rate_limits: bool = True
    sandbox_fast: bool = False
    boxes: str = ""
    seed: bool = True
    shop_url: str = ""
    storefront_dir: Path = Path(__file__).parents[3] / "storefront" / "dist"
    log_level: str = "INFO"
    otlp_url: str = ""
    trace_share: float = 0.05
    files_url: str = ""
    backup_to: str = ""
    backup_key: str = ""
    outlets: str = ""
    mail_url: str = ""
    mail_from: str = "Kibble <shop@kibble.example>"
    sms_url: str = ""
    notification_store: str = ""
    webhook_networks: str = ""
    postgres_url: str = "postgresql://kibble:kibble@127.0.0.1:29432/kibble"
    mongodb_url: str = "mongodb://127.0.0.1:29017/kibble"
    redis_url: str = "redis://127.0.0.1:29379/0"
    cassandra_url: str = "cassandra://127.0.0.1:29042/kibble"
    elasticsearch_url: str = "http://127.0.0.1:29200"
    neo4j_url: str = "bolt://neo4j:kibble-graph@127.0.0.1:29687"
    kafka_url: str = "kafka://127.0.0.1:29092"
    namespace: str = "kibble"
    stripe_secret_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_url: str = "https://api.stripe.com"
    paypal_client_id: str = ""
    paypal_client_secret: str = ""
    paypal_webhook_id: str = ""
    paypal_url: str = "https://api-m.paypal.com"
    sender: str = ""
    ups_client_id: str = ""
    ups_client_secret: str = ""
    ups_account: str = ""
    ups_webhook_credential: str = ""
    ups_url: str = "https://onlinetools.ups.com"
    fedex_client_id: str = ""
    fedex_client_secret: str = ""
    fedex_account: str = ""
    fedex_webhook_secret: str = ""
    fedex_url: str = "https://apis.fedex.com"
    service_url: str = "http://127.0.0.1:{port}"
    service_port: int = 8100
    trusted_proxies: str = ""
    metrics_from: str = "127.0.0.0/8, ::1"
    allowed_hosts: str = ""
    tls_cert: Path | None = None
    tls_key: Path | None = None

    def __repr__(self) -> str:
        """Name the settings without their values, of which some are secrets."""
        return f"Settings({', '.join(self.__struct_fields__)})"

    sealing_keys: str = ""
    signing_keys: str = ""
    service_keys: str = ""
    oidc_issuer: str = ""
    oidc_audience: str = "kibble-api"
    oidc_keys_url: str = ""
    oidc_scope_claim: str = "scope"
    oidc_roles_claim: str = "roles"
    oidc_customer_claim: str = ""

    @property
    def has_clicks(self) -> bool:
        """Whether one of the outlets is a stream of clicks."""
        return "kinesis://" in self.outlets

    @property
    def hold(self) -> timedelta:
        """How long stock is held for an order that is not paid yet."""
        return timedelta(minutes=self.hold_minutes)

    @property
    def public_url(self) -> str:
        """Where customers reach the shop: what links in messages begin with."""
        scheme = "https" if self.tls_cert else "http"
        return self.shop_url or f"{scheme}://localhost:{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """The names that the shop answers to; none for any.

        Raises ``ValueError`` for a live shop that was told of none.
        """
        named = frozenset(self.allowed_hosts.replace(",", " ").split())
        if named or not self.production:
            return named
        if (host := urlsplit(self.shop_url).hostname) is None:
            raise ValueError("A live shop needs KIBBLE_SHOP_URL, or KIBBLE_ALLOWED_HOSTS.")
        return frozenset({host})

    @property
    def production(self) -> bool:
        """Tell whether this is a live shop, which refuses what eases development."""
        return self.env == "production"

    @property
    def makes_demo(self) -> bool:
        """Tell whether the first start makes the demo shop; ``kibble seed`` makes it anywhere."""
        return self.seed and not self.production


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return an environment's settings; raises ``ValueError`` naming a variable that is wrong."""
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(Settings):
        name = f"KIBBLE_{field.name.upper()}"
        if (text := environment.get(name)) is not None:
            values[field.name] = _value(name, text, field.type)
    settings = Settings(**values)  # type: ignore[arg-type]  # each value was converted to its field's type
    _refuse_wrong(settings)
    return settings


ENVIRONMENTS = ("development", "production")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
PORTS = range(1, 1 << 16)
_KINDS: dict[object, str] = {int: "a whole number", float: "a number", bool: "on or off"}


def _refuse_wrong(settings: Settings) -> None:
    """Raise ``ValueError`` for a setting that would be passed by in silence, or fail much later.

    What an adapter alone knows about its own it refuses itself, when it is made.
    """
    if settings.env not in ENVIRONMENTS:
        raise _wrong("ENV", f"must be {' or '.join(ENVIRONMENTS)}")
    if settings.log_level not in LOG_LEVELS:
        raise _wrong("LOG_LEVEL", f"must be one of {', '.join(LOG_LEVELS)}")
    if settings.port not in PORTS:
        raise _wrong("PORT", f"must be from {PORTS[0]} to {PORTS[-1]}")
    if not settings.hold_minutes > 0:
        raise _wrong("HOLD_MINUTES", "must be more than 0")
    if not 0 <= settings.trace_share <= 1:
        raise _wrong("TRACE_SHARE", "must be from 0 to 1")
    for name in ("shop_url", "otlp_url"):
        address = urlsplit(getattr(settings, name))
        if address.geturl() and not (address.scheme in ("http", "https") and address.hostname):
            raise _wrong(name.upper(), "must be an address that begins with https:// or http://")
    for name in ("trusted_proxies", "metrics_from", "webhook_networks"):
        try:
            networks(getattr(settings, name))
        except ValueError as error:
            raise _wrong(name.upper(), str(error)) from error


def _wrong(name: str, must: str) -> ValueError:
    return ValueError(f"KIBBLE_{name}: {must}.")


def _value(name: str, text: str, kind: object) -> object:
    if kind in (Path, Path | None):
        return Path(text)
    if kind is bool:
        text = {"on": "true", "off": "false", "yes": "true", "no": "false"}.get(text.lower(), text)
    try:
        value: object = msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}: must be {_KINDS.get(kind, 'text')}.") from error
    return value
