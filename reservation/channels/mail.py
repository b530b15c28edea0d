"""Mail by SMTP, with the standard library.

At least once: when the connection breaks after the text went out, nobody knows whether it
arrived, and it is sent again with the same Message-ID.
"""

from __future__ import annotations

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from reservation import failpoints
from reservation.channels.letter import Letter, Rejected, Result, Retry, Sent
from reservation.clock import TOKYO
from reservation.messages.calendar import FILE_NAME
from reservation.settings import Settings

SECONDS = 15
"""How long each answer of the server is waited for."""

_OUR_FAULT = ("5.5.", "5.7.")
"""Enhanced codes (RFC 3463) of protocol and policy: they say nothing about the address."""


class Mail:
    """One connection, opened for the first letter and used for the next ones."""

    def __init__(self, settings: Settings, seconds: float | None = None) -> None:
        self.settings = settings
        self.seconds = SECONDS if seconds is None else seconds
        self._smtp: smtplib.SMTP | None = None

    def send(self, letter: Letter) -> Result:
        """Hand one letter to the server. A 5xx for the recipient is Rejected, unless its code
        says that the server does not want *us*; everything else that fails is Retry."""
        if not letter.address.isascii():
            return Rejected("address is not plain ASCII")
        try:
            text = compose(letter, self.settings.smtp_sender).as_bytes(policy=SMTP)
        except ValueError:
            return Rejected("address is malformed")
        try:
            smtp = self._open()
            smtp.sendmail(self.settings.smtp_sender, [letter.address], text)
        except smtplib.SMTPRecipientsRefused as error:
            return _refused(*error.recipients[letter.address])
        except smtplib.SMTPDataError as error:
            return Retry(f"data {_code(error.smtp_code, error.smtp_error)}")
        except smtplib.SMTPResponseException as error:
            self.close()
            where = type(error).__name__.removeprefix("SMTP")
            return Retry(f"{where} {_code(error.smtp_code, error.smtp_error)}", away=True)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return Retry(type(error).__name__, away=True)
        failpoints.reach("after_smtp")
        return Sent()

    def close(self) -> None:
        """Say goodbye, if there is somebody to say it to."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            smtp.close()

    def _open(self) -> smtplib.SMTP:
        """The connection; a new one when the old one does not answer any more."""
        if self._smtp is not None and not _answers(self._smtp):
            self._smtp.close()
            self._smtp = None
        if self._smtp is None:
            self._smtp = self._connect()
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        our = self.settings
        safe = ssl.create_default_context()
        if our.smtp_tls == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                our.smtp_host, our.smtp_port, timeout=self.seconds, context=safe
            )
        else:
            smtp = smtplib.SMTP(our.smtp_host, our.smtp_port, timeout=self.seconds)
        try:
            if our.smtp_tls == "starttls":
                smtp.starttls(context=safe)
            if our.smtp_user:
                smtp.login(our.smtp_user, our.smtp_password)
        except (smtplib.SMTPException, OSError):
            smtp.close()
            raise
        return smtp


def compose(letter: Letter, sender: str) -> EmailMessage:
    """The mail of a letter. Raises ValueError for an address that cannot stand in a header."""
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    mail["Date"] = format_datetime(letter.written.astimezone(TOKYO))
    mail["From"] = Address(letter.message.sender, addr_spec=sender)
    mail["To"] = letter.address
    mail["Subject"] = letter.message.subject
    # Keeps holiday replies away (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.message.text, charset="utf-8", cte="base64")
    if letter.message.ics is not None:
        mail.add_attachment(
            letter.message.ics,
            maintype="text",
            subtype="calendar",
            filename=FILE_NAME,
            params={"method": "PUBLISH", "charset": "utf-8"},
        )
    return mail


def _answers(smtp: smtplib.SMTP) -> bool:
    try:
        return smtp.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _refused(code: int, said: bytes) -> Result:
    """What a no to the recipient means. 530 to 538 ask us to sign in."""
    told = _code(code, said)
    ours = 530 <= code <= 538 or any(f" {fault}" in told for fault in _OUR_FAULT)
    if 500 <= code < 600 and not ours:
        return Rejected(f"recipient {told}")
    return Retry(f"recipient {told}", away=code == 421)


def _code(code: int, said: bytes | str) -> str:
    """The codes only: a server's words may repeat the address."""
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else said
    first = text.split()[0] if text.split() else ""
    is_code = first.count(".") == 2 and first.replace(".", "").isdigit()
    return f"{code} {first}" if is_code else str(code)
