"""Mail against a real server: what arrives, and what each failure means."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from icalendar import Calendar

from reservation import settings
from reservation.channels import ways
from reservation.channels.letter import Letter, Rejected, Result, Retry, Sent
from reservation.channels.mail import Mail
from reservation.messages import Message, calendar
from reservation.settings import Settings
from tests import databases
from tests.post_office import Office, free_port, post_office, running

WRITTEN = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
ICS = calendar.booking_file(
    uid="b" * 32,
    title="予約(しーず)",
    starts=datetime(2026, 11, 23, 23, tzinfo=UTC),
    ends=datetime(2026, 11, 24, 9, tzinfo=UTC),
    written=WRITTEN,
    link="https://example.org/my/bookings/b",
)

__all__ = ["post_office"]


def letter(address: str = "sakura@example.org", ics: bytes | None = None) -> Letter:
    said = Message("【しーず】予約が確定しました", "しーずの予約です。\n", "杉並区 病児保育", ics)
    return Letter("0123456789abcdef" * 2, "confirmed", address, WRITTEN, said)


@pytest.fixture
def office(post_office: tuple[Office, int]) -> Office:
    return post_office[0]


@pytest.fixture
def mail(post_office: tuple[Office, int], tmp_path: Path) -> Iterator[Mail]:
    made = Mail(our(tmp_path, post_office[1]), seconds=1)
    yield made
    made.close()


def our(folder: Path, port: int, **more: str) -> Settings:
    values = {
        "smtp_host": "127.0.0.1",
        "smtp_port": str(port),
        "smtp_tls": "none",
        "smtp_sender": "noreply@byoji.example.jp",
        **more,
    }
    return settings.load(databases.environ(folder, **values))


def test_a_letter_arrives_as_it_was_written(office: Office, mail: Mail) -> None:
    assert mail.send(letter(ics=ICS)) == Sent()
    (got,) = office.letters
    assert office.readers == ["sakura@example.org"]
    assert got["Message-ID"] == f"<{letter().id}@byoji.example.jp>"
    assert got["From"] == "杉並区 病児保育 <noreply@byoji.example.jp>"
    assert got["Subject"] == "【しーず】予約が確定しました"
    assert got["Date"].datetime == WRITTEN
    assert str(got["Date"]).endswith("+0900")
    assert got["Auto-Submitted"] == "auto-generated"
    assert not [name for name in got if name.startswith("List-")]
    text = got.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == "しーずの予約です。\n"
    (file,) = got.iter_attachments()
    assert file.get_filename() == "予約.ics"
    assert file.get_content_type() == "text/calendar"
    event = Calendar.from_ical(file.get_payload(decode=True)).walk("VEVENT")[0]
    assert (event["SUMMARY"], event["UID"]) == ("予約(しーず)", f"{'b' * 32}@reservation")
    assert event["DTSTART"].dt == datetime(2026, 11, 23, 23, tzinfo=UTC)


def test_a_letter_without_a_file_has_none(office: Office, mail: Mail) -> None:
    mail.send(letter())
    assert list(office.letters[0].iter_attachments()) == []


def test_one_connection_serves_a_round(office: Office, mail: Mail) -> None:
    for _ in range(3):
        assert mail.send(letter()) == Sent()
    assert (len(office.letters), office.connections) == (3, 1)


@pytest.mark.parametrize(
    ("what", "result"),
    [
        ("unknown", Rejected("recipient 550 5.1.1")),
        ("unwanted", Retry("recipient 550 5.7.1")),
        ("greylisted", Retry("recipient 451 4.7.1")),
        ("busy", Retry("recipient 421 4.3.2", away=True)),
        ("full", Retry("data 452 4.2.2")),
        ("spam", Retry("data 554 5.6.0")),
        ("hang", Retry("SMTPServerDisconnected", away=True)),
        ("drop", Retry("SMTPServerDisconnected", away=True)),
    ],
)
def test_each_failure_has_its_meaning(
    office: Office, mail: Mail, what: str, result: Result
) -> None:
    office.does(what)
    assert mail.send(letter()) == result


@pytest.mark.parametrize("what", ["unknown", "busy", "full", "hang", "drop"])
def test_after_a_failure_the_next_letter_goes_out(office: Office, mail: Mail, what: str) -> None:
    office.does("ok", what, "ok")
    results = [mail.send(letter()) for _ in range(3)]
    assert [type(one) for one in results][::2] == [Sent, Sent]


def test_a_letter_is_sent_once_its_server_said_so_though_it_hangs_up(
    office: Office, mail: Mail
) -> None:
    office.does("curt", "ok")
    assert [mail.send(letter()) for _ in range(2)] == [Sent(), Sent()]
    assert (len(office.letters), office.connections) == (2, 2)


def test_nobody_listens(tmp_path: Path) -> None:
    mail = Mail(our(tmp_path, free_port()))
    assert mail.send(letter()) == Retry("ConnectionRefusedError", away=True)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_server_that_wants_us_to_sign_in_says_nothing_about_the_address(tmp_path: Path) -> None:
    with running(auth_required=True, auth_require_tls=False) as (_, port):
        result = Mail(our(tmp_path, port)).send(letter())
    assert isinstance(result, Retry)
    assert result.away


@pytest.mark.parametrize("address", ["さくら@example.org", "a@example.org\nBcc: b@example.org"])
def test_an_address_that_cannot_be_written_is_rejected(
    office: Office, mail: Mail, address: str
) -> None:
    assert isinstance(mail.send(letter(address)), Rejected)
    assert office.letters == []


@pytest.mark.parametrize("address", ["a..b.@docomo.ne.jp", ".c@ezweb.ne.jp"])
def test_old_addresses_of_carriers_are_written_to(office: Office, mail: Mail, address: str) -> None:
    assert mail.send(letter(address)) == Sent()
    assert office.readers == [address]


def _certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def test_starttls_with_a_certificate_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = _certificate(tmp_path)
    with running(tls_context=context, require_starttls=True) as (office, port):
        starttls = our(tmp_path, port, smtp_tls="starttls")
        mail = Mail(starttls)
        assert mail.send(letter()) == Retry("SSLCertVerificationError", away=True)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        assert mail.send(letter()) == Sent()
        mail.close()
        assert len(office.letters) == 1


def test_no_mail_in_clear_where_starttls_is_asked_for(
    office: Office, post_office: tuple[Office, int], tmp_path: Path
) -> None:
    mail = Mail(our(tmp_path, post_office[1], smtp_tls="starttls"))
    assert mail.send(letter()) == Retry("SMTPNotSupportedError", away=True)
    assert office.letters == []


def test_without_a_server_a_letter_stays_here(tmp_path: Path) -> None:
    with ways(settings.load(databases.environ(tmp_path))) as out:
        assert out.send("mail", letter()) == Sent()
        with pytest.raises(KeyError):
            out.send("pigeon", letter())


def test_production_without_a_mail_server_does_not_start(tmp_path: Path) -> None:
    environ = databases.environ(tmp_path, mode="production", base_url="https://byoji.example.jp")
    assert any("SMTP_HOST" in one for one in settings.problems(environ))


def test_closing_twice_is_harmless_and_it_opens_again(office: Office, mail: Mail) -> None:
    mail.send(letter())
    mail.close()
    mail.close()
    assert mail.send(letter()) == Sent()
    assert (len(office.letters), office.connections) == (2, 2)
