"""Settings from the environment, each wrong value answered with its own sentence before anything starts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pos.core.errors import NotConfigured
from pos.core.i18n.message import Message
from pos.core.messages import installation as messages

# Where an installation keeps its files, unless INSTANCE_DIR says so.
INSTANCE = Path("instance")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
SIMULATOR_KEY = "sk_test_simulator_"
_KEYS = {
    "simulator": (SIMULATOR_KEY,),
    "test": ("sk_test_", "rk_test_"),
    "live": ("sk_live_", "rk_live_"),
}


@dataclass(frozen=True)
class PaymentSettings:
    """How cards are taken. `mode` is off, simulator, test or live; nothing is guessed from the key."""

    mode: str = "off"
    secret_key: str = field(default="", repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    api_base: str | None = None

    @property
    def on(self) -> bool:
        return self.mode != "off"


@dataclass(frozen=True)
class Settings:
    """Everything the process was told from outside."""

    database_url: str
    base_url: str
    instance_dir: Path
    secret_key: str = field(repr=False)
    payments: PaymentSettings
    mail_url: str | None
    mail_from: str
    mailbox: bool
    trusted_hosts: tuple[str, ...]
    proxies: int
    worker_thread: bool
    metrics_token: str | None = field(default=None, repr=False)
    # Whether the key came as SECRET_KEY rather than from the instance folder.
    secret_key_given: bool = False
    backup_dir: Path | None = None
    backup_hour: int = 3
    pg_bin_dir: Path | None = None

    @property
    def secure(self) -> bool:
        """Whether people reach the site by https (cookies are then Secure, HSTS is sent)."""
        return self.base_url.startswith("https://")

    @property
    def local(self) -> bool:
        """Whether people reach the site on this machine alone."""
        return urlsplit(self.base_url).hostname in LOOPBACK


def _one_of(env: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = env.get(name, default).strip() or default
    if value not in allowed:
        raise NotConfigured(messages.SETTING_NOT_ONE_OF(name=name, value=value, allowed=", ".join(allowed)), field=name)
    return value


def payment_settings(env: Mapping[str, str]) -> PaymentSettings:
    """Read and check PAYMENTS_MODE and the STRIPE_ variables; raises NotConfigured with the one thing to mend."""
    mode = _one_of(env, "PAYMENTS_MODE", "off", ("off", "simulator", "test", "live"))
    key = env.get("STRIPE_SECRET_KEY", "").strip()
    hooks = tuple(s.strip() for s in env.get("STRIPE_WEBHOOK_SECRET", "").split(",") if s.strip())
    base = env.get("STRIPE_API_BASE", "").strip() or None
    refuse_unsafe(mode, key, hooks, base)
    return PaymentSettings() if mode == "off" else PaymentSettings(mode, key, hooks, base)


def refuse_unsafe(mode: str, key: str, hooks: tuple[str, ...], base: str | None) -> None:
    """Raise NotConfigured where a setting could take real money by mistake, or take none while seeming to.

    The one list of such settings: the boot and the gateway's door both ask it.
    """

    def refuse(name: str, sentence: Message) -> NotConfigured:
        return NotConfigured(sentence, field=name)

    if base and mode != "simulator":
        raise refuse("STRIPE_API_BASE", messages.API_BASE_OUTSIDE_SIMULATOR)
    if key.startswith(SIMULATOR_KEY) and mode != "simulator":
        raise refuse("STRIPE_SECRET_KEY", messages.SIMULATOR_KEY_OUTSIDE_SIMULATOR)
    if mode == "off":
        return
    if mode == "simulator":
        if not base:
            raise refuse("STRIPE_API_BASE", messages.API_BASE_MISSING)
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or parts.path.strip("/") or parts.query or parts.username:
            raise refuse("STRIPE_API_BASE", messages.API_BASE_MALFORMED)
        if (parts.hostname or "") not in LOOPBACK:
            raise refuse("STRIPE_API_BASE", messages.API_BASE_ON_OTHER_MACHINE)
    for its_mode, beginnings in _KEYS.items():
        if mode == its_mode and not key.startswith(beginnings):
            raise refuse(
                "STRIPE_SECRET_KEY",
                messages.SECRET_KEY_OF_OTHER_MODE(mode=mode, beginnings=" or ".join(beginnings)),
            )
    if not any(hook.strip() for hook in hooks):
        raise refuse(
            "STRIPE_WEBHOOK_SECRET",
            messages.WEBHOOK_SECRET_MISSING,
        )
    if not all(hook.startswith("whsec_") for hook in hooks):
        raise refuse("STRIPE_WEBHOOK_SECRET", messages.WEBHOOK_SECRET_MALFORMED)


def _kept_secret(folder: Path, *, keep: bool) -> str:
    """The secret of this installation, made at the first start and readable by its owner alone; one for this process alone
    where none is there and none is to be made."""
    path = folder / "secret_key"
    if not keep and not os.access(path, os.R_OK):
        return secrets.token_urlsafe(48)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        with suppress(OSError):  # a copy may have wider rights, or lie on a disk that is read-only
            path.chmod(0o600)
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        value = secrets.token_urlsafe(48)
        file.write(value)
    return value


def _backup_settings(env: Mapping[str, str]) -> tuple[Path | None, int]:
    """Where the worker keeps backups, if it does, and at which hour it makes them."""
    folder, hour = env.get("BACKUP_DIR", "").strip(), env.get("BACKUP_AT", "").strip() or "3"
    if folder and not Path(folder).is_absolute():
        raise NotConfigured(messages.BACKUP_DIR_NOT_ABSOLUTE, field="BACKUP_DIR")
    if not hour.isascii() or not hour.isdecimal() or int(hour) > 23:
        raise NotConfigured(messages.BACKUP_HOUR_NOT_AN_HOUR, field="BACKUP_AT")
    return Path(folder) if folder else None, int(hour)


def read_settings(env: Mapping[str, str], *, instance_dir: Path, keep_secret: bool = True) -> Settings:
    """Settings from environment variables; raises NotConfigured naming the first wrong one.

    `keep_secret`: a secret that is missing is made and kept. Whoever only reads needs none.
    """
    folder = Path(env.get("INSTANCE_DIR", "") or instance_dir)
    base_url = env.get("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
        raise NotConfigured(messages.BASE_URL_MALFORMED, field="BASE_URL")
    payments = payment_settings(env)
    if payments.mode == "live" and parts.scheme != "https":
        raise NotConfigured(messages.BASE_URL_NOT_HTTPS, field="BASE_URL")
    mail_url = env.get("MAIL_URL", "").strip() or None
    if mail_url and urlsplit(mail_url).scheme not in ("smtp", "smtps"):
        raise NotConfigured(messages.MAIL_URL_MALFORMED, field="MAIL_URL")
    mailbox = _one_of(env, "MAILBOX", "off", ("on", "off")) == "on"
    if mailbox and parts.hostname not in LOOPBACK:
        raise NotConfigured(
            messages.MAILBOX_ON_A_PUBLIC_ADDRESS,
            field="MAILBOX",
        )
    secret = env.get("SECRET_KEY", "")
    if secret and len(secret) < 32:
        raise NotConfigured(messages.SECRET_KEY_TOO_SHORT, field="SECRET_KEY")
    metrics_token = env.get("METRICS_TOKEN", "").strip() or None
    if metrics_token and len(metrics_token) < 16:
        raise NotConfigured(messages.METRICS_TOKEN_TOO_SHORT, field="METRICS_TOKEN")
    try:
        proxies = int(env.get("TRUSTED_PROXIES", "0"))
    except ValueError as error:
        raise NotConfigured(messages.TRUSTED_PROXIES_NOT_A_NUMBER, field="TRUSTED_PROXIES") from error
    backup_dir, backup_hour = _backup_settings(env)
    return Settings(
        database_url=env.get("DATABASE_URL", "").strip() or f"sqlite:///{(folder / 'tenderpoint.sqlite3').absolute()}",
        base_url=base_url,
        instance_dir=folder,
        secret_key=secret or _kept_secret(folder, keep=keep_secret),
        payments=payments,
        mail_url=mail_url,
        mail_from=env.get("MAIL_FROM", "Tenderpoint <clinic@localhost>"),
        mailbox=mailbox,
        trusted_hosts=tuple(h.strip() for h in env.get("TRUSTED_HOSTS", "").split(",") if h.strip())
        or (parts.hostname,),
        proxies=proxies,
        worker_thread=_one_of(env, "WORKER_THREAD", "on", ("on", "off")) == "on",
        metrics_token=metrics_token,
        secret_key_given=bool(secret),
        backup_dir=backup_dir,
        backup_hour=backup_hour,
        pg_bin_dir=Path(tools) if (tools := env.get("PG_BIN_DIR", "").strip()) else None,
    )
