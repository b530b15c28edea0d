"""The settings themselves, one line each."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "RESERVATION_"
FILE = "settings.toml"


def _setting(default: Any, about: str, *, secret: bool = False) -> Any:
    metadata = {"about": about, "secret": secret}
    if isinstance(default, tuple | str | int | bool):
        return field(default=default, metadata=metadata)
    return field(metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings with their types. Made by `load`; tests make one with `load` as well."""

    mode: str = _setting("production", "demo, test or production; kept in the database.")
    instance: Path = _setting(None, "Folder of the database, settings.toml and backups.")
    database_url: str = _setting("", "sqlite:///… or postgresql://…; empty: a file in instance.")
    direct_database_url: str = _setting(
        "", "PostgreSQL without a pooling proxy, for locks and LISTEN; empty: database_url."
    )
    data_key: str = _setting(
        "", "Keys of the encrypted columns: <id>:<base64 of 32 bytes>, newest first.", secret=True
    )
    secret_key: str = _setting("", "Signs cookies and forms; 32 characters or more.", secret=True)
    base_url: str = _setting("http://127.0.0.1:8000", "Address under which readers see the site.")
    host: str = _setting("127.0.0.1", "Address that `serve` listens on.")
    port: int = _setting(8000, "Port that `serve` listens on (also PORT).")
    trusted_hosts: tuple[str, ...] = _setting(
        (), "Host names that are answered, by commas; empty: base_url's and this machine."
    )
    proxy_hops: int = _setting(0, "Proxies in front whose X-Forwarded headers are believed.")
    pool_size: int = _setting(8, "Database connections, and requests at work at one time.")
    pool_processes: int = _setting(
        1, "Processes (of all machines) that share pool_size; 1: each has as many for itself."
    )
    pool_wait: int = _setting(3, "Seconds a request waits for a connection; then 503, try again.")
    lock_wait: int = _setting(2, "Seconds an act waits for a day or writer; then 503, try again.")
    smtp_host: str = _setting("", "Mail server; outside production empty keeps mail unsent.")
    smtp_port: int = _setting(587, "Port of the mail server.")
    smtp_user: str = _setting("", "Name at the mail server; empty: no sign-in.")
    smtp_password: str = _setting("", "Password at the mail server.", secret=True)
    smtp_sender: str = _setting("noreply@localhost", "Sender address of all mail.")
    smtp_tls: str = _setting("starttls", "starttls, tls or none.")
    now: str = _setting("", "Start the clock at this instant (never in production).")
    failpoints: str = _setting(
        "", "Where processes die on purpose, for drills (never in production)."
    )
    log_level: str = _setting("info", "debug, info, warning or error.")
    board_look_ms: int = _setting(
        250, "Milliseconds that a look at the database counts on public boards; 0: each one looks."
    )
    publisher_port: int = _setting(
        8001, "Port on which `publisher` is asked by this machine's nginx."
    )
    nchan_url: str = _setting(
        "http://127.0.0.1:8081/publish", "Where `publisher` puts its events: nginx with nchan."
    )
    backup_keep: int = _setting(14, "Copies that the daily backup keeps; 0: no daily backup.")
    photo_folder: str = _setting(
        "", "Folder of the sealed photos, the same for all machines; empty: photos in instance."
    )
    photo_mb: int = _setting(8, "Megabytes that a photo of a doctor's form may have.")
    photo_days: int = _setting(30, "Days after the care day for which such a photo is kept.")
    metrics_token: str = _setting(
        "",
        "Opens /metrics from outside as a bearer token; empty: inner addresses only.",
        secret=True,
    )
    live_streams: int = _setting(2000, "Open live streams at most; more get 503 and poll.")

    @property
    def photos(self) -> Path:
        """The folder of the sealed photos."""
        return Path(self.photo_folder) if self.photo_folder else self.instance / "photos"

    @property
    def hosts(self) -> list[str]:
        """The host names that are answered."""
        own = [urlsplit(self.base_url).hostname or "localhost", "localhost", "127.0.0.1"]
        return list(self.trusted_hosts) or list(dict.fromkeys(own))

    @property
    def connections(self) -> int:
        """Database connections of this process."""
        return max(1, self.pool_size // self.pool_processes)

    @property
    def https(self) -> bool:
        """Whether readers reach the site over https."""
        return self.base_url.startswith("https://")
