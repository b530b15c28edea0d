"""The shipped arrangement on free ports of this machine: what deploy/ says, started as it says it.

Operators change names, ports and folders in deploy/'s files; so do these functions, and they fail
where a text they change is no longer there.
"""

from __future__ import annotations

import getpass
import http.client
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from reservation import clock
from tests.conftest import missing
from tests.test_serve import free_port

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
HOST = "reservation.example.jp"
NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")


def changed(text: str, **changes: str) -> str:
    """A shipped text with changes, each of which must be possible."""
    for old, new in changes.items():
        assert old in text, f"{old!r} is no longer there"
        text = text.replace(old, new)
    return text


def command(unit: str, port: int | None = None) -> list[str]:
    """What a systemd unit starts, with this checkout's programs and on another port."""
    text = (DEPLOY / "systemd" / f"reservation-{unit}.service").read_text("utf-8")
    found = re.search(r"^ExecStart=(.+)$", text, re.MULTILINE)
    assert found is not None
    words = shlex.split(changed(found.group(1), **{"/opt/reservation/.venv/bin": _bin()}))
    if port is not None:
        words[words.index("--port") + 1] = str(port)
        # One is enough to show the arrangement, and starts in half the time.
        words[words.index("--workers") + 1] = "1"
    return words


def _bin() -> str:
    return str(Path(sys.executable).parent)


@contextmanager
def started(
    words: list[str], environ: Mapping[str, str], log: Path, port: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A program of the arrangement; it is there when its port answers."""
    with (
        log.open("ab") as out,
        subprocess.Popen(
            words, cwd=ROOT, env={**os.environ, **environ}, stdout=out, stderr=out
        ) as process,
    ):
        try:
            if port is not None:
                wait_for(port, process, log)
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(30)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when something listens; fail with the program's words when it ends instead."""
    end = time.monotonic() + 90
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text("utf-8", "replace")[-2000:]
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens: {log.read_text('utf-8', 'replace')[-2000:]}")


@dataclass
class Front:
    """A running nginx: its ports, and how it is asked."""

    tls_port: int
    port: int
    """The same site without TLS, for clients that need none."""
    redirect_port: int
    publish_port: int
    folder: Path

    def get(
        self, path: str, name: str = HOST, method: str = "GET", body: str = "", **headers: str
    ) -> FrontAnswer:
        """One request over TLS, its certificate verified; headers like If_None_Match."""
        given = {key.replace("_", "-"): value for key, value in headers.items()}
        with closing(self.connection(name)) as connection:
            connection.request(method, path, body or None, {"Host": HOST, **given})
            with connection.getresponse() as response:
                return FrontAnswer(response.status, response.headers, response.read())

    def connection(self, name: str = HOST) -> http.client.HTTPConnection:
        """A connection over TLS, whatever the port."""
        connection = http.client.HTTPConnection("127.0.0.1", self.tls_port, timeout=30)
        connection.sock = self.socket(name, ["http/1.1"])
        return connection

    def socket(self, name: str, protocols: list[str]) -> ssl.SSLSocket:
        """A TLS handshake for a name. Raises ssl.SSLError where it is refused."""
        trust = ssl.create_default_context(cafile=self.folder / "fullchain.pem")
        trust.set_alpn_protocols(protocols)
        plain = socket.create_connection(("127.0.0.1", self.tls_port), timeout=30)
        try:
            return trust.wrap_socket(plain, server_hostname=name)
        except ssl.SSLError:
            plain.close()
            raise

    def cached(self) -> list[str]:
        """HIT, MISS, … of each logged request, oldest first."""
        lines = (self.folder / "reservation.log").read_text("utf-8").splitlines()
        return [line.split()[4] for line in lines]


@dataclass
class FrontAnswer:
    """An answer that has been read."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The body as words."""
        return self.body.decode()


@contextmanager
def nginx(
    folder: Path, pages: list[int], stream: int, *, nchan: bool = False, **changes: str
) -> Iterator[Front]:
    """The real nginx with the shipped configuration before these ports; `changes` are more."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None or (nchan and not NCHAN.exists()):
        missing("nginx", "Debian packages nginx and libnginx-mod-nchan")
    assert program is not None
    front = Front(free_port(), free_port(), free_port(), free_port(), folder)
    certificate(folder)
    config = configuration(front, pages, stream, nchan=nchan)
    for path, text in config.items():
        for old, new in changes.items():
            text = text.replace(old, new)
        target = folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, "utf-8")
    for page in ("unavailable.html", "too-large.html"):
        shutil.copy(DEPLOY / "nginx/reservation" / page, folder / "reservation")
    with _running(program, front):
        yield front


@contextmanager
def nginx_again(front: Front) -> Iterator[None]:
    """The same nginx after a restart: it has forgotten all that stood in its memory."""
    pid = int((front.folder / "pid").read_text("ascii"))
    program = os.readlink(f"/proc/{pid}/exe")
    os.kill(pid, signal.SIGTERM)
    end = clock.monotonic() + 20
    while (front.folder / "pid").exists():
        assert clock.monotonic() < end, "nginx does not stop"
        time.sleep(0.05)
    with _running(program, front):
        yield


@contextmanager
def _running(program: str, front: Front) -> Iterator[None]:
    folder = front.folder
    words = [program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with started([*words, "-g", "daemon off;"], {}, folder / "nginx.out", front.port):
        yield


def configuration(front: Front, pages: list[int], stream: int, *, nchan: bool) -> dict[str, str]:
    """The shipped files by name, for this folder and these ports."""
    folder = str(front.folder)
    texts = {
        str(path.relative_to(DEPLOY / "nginx")): path.read_text("utf-8")
        for path in (DEPLOY / "nginx").rglob("*.conf")
    }
    temporary = "".join(
        f"    {kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    texts["nginx.conf"] = changed(
        texts["nginx.conf"],
        **{
            "user www-data;": f"user {getpass.getuser()};",
            "/run/nginx.pid": f"{folder}/pid",
            "/var/log/nginx": folder,
            "http {\n": f"http {{\n{temporary}",
        },
    )
    texts["reservation/upstreams.conf"] = changed(
        texts["reservation/upstreams.conf"],
        **{
            "    server 127.0.0.1:8000;\n": "".join(
                f"    server 127.0.0.1:{port};\n" for port in pages
            ),
            "127.0.0.1:8001": f"127.0.0.1:{stream}",
        },
    )
    texts["reservation/cache.conf"] = changed(
        texts["reservation/cache.conf"], **{"/var/cache/nginx/reservation": f"{folder}/cache"}
    )
    texts["reservation/publish.conf"] = changed(
        texts["reservation/publish.conf"], **{"127.0.0.1:8081": f"127.0.0.1:{front.publish_port}"}
    )
    texts["reservation/site.conf"] = _site(texts["reservation/site.conf"], front, nchan)
    return {
        name: text.replace("/etc/nginx/reservation/", f"{folder}/reservation/")
        for name, text in texts.items()
    }


def _site(text: str, front: Front, nchan: bool) -> str:
    tls = f"127.0.0.1:{front.tls_port}"
    text = changed(
        text,
        **{
            "listen 443 ssl http2 default_server;": f"listen {tls} ssl http2 default_server;",
            "listen 443 ssl http2;": f"listen {tls} ssl http2;\n    listen 127.0.0.1:{front.port};",
            "listen 80;": f"listen 127.0.0.1:{front.redirect_port};",
            "/etc/nginx/reservation/tls/": f"{front.folder}/",
        },
    )
    if not nchan:
        return text
    path = "include /etc/nginx/reservation/"
    return changed(
        text,
        **{
            f"    {path}live-stream.conf;\n": "",
            f"# {path}live-nchan.conf;": f"{path}live-nchan.conf;",
            f"# {path}publish.conf;": f"{path}publish.conf;",
        },
    )


def certificate(folder: Path) -> None:
    """A certificate of the tests' own for the example's name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    # The library that verifies asks the machine's clock, so a stopped one is of no use here.
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.read("2020-01-01 00:00"))
        .not_valid_after(clock.read("2020-01-01 00:00") + timedelta(days=365 * 100))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(made.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
