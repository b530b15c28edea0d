from pathlib import Path

import pytest
from click.testing import CliRunner

from reservation import settings
from reservation.cli import main
from reservation.settings import SettingsError
from tests.databases import DATA_KEY, environ

PRODUCTION = {
    "RESERVATION_SECRET_KEY": "s" * 32,
    "RESERVATION_DATA_KEY": DATA_KEY,
    "RESERVATION_BASE_URL": "https://byoji.example.jp",
    "RESERVATION_SMTP_HOST": "mail.example.jp",
}


def test_production_is_the_default_and_starts_with_safe_values(tmp_path: Path) -> None:
    found = settings.load(PRODUCTION, tmp_path)
    assert found.mode == "production"
    assert found.hosts == ["byoji.example.jp", "localhost", "127.0.0.1"]
    assert found.database_url == f"sqlite:///{tmp_path}/reservation.sqlite"


def test_the_environment_counts_over_the_file_over_the_default(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('port = 8100\nsmtp_port = 25\nhost = "0.0.0.0"\n')
    found = settings.load({**PRODUCTION, "RESERVATION_PORT": "8200"}, tmp_path)
    assert (found.port, found.smtp_port, found.host, found.smtp_tls) == (
        8200,
        25,
        "0.0.0.0",
        "starttls",
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("RESERVATION_MODUS", "demo", "RESERVATION_MODUS is not a setting"),
        ("RESERVATION_MODE", "live", "MODE must be demo, test or production"),
        ("RESERVATION_PORT", "eight", "a whole number is needed"),
        ("RESERVATION_SECRET_KEY", "short", "shorter than 32"),
        ("RESERVATION_DATA_KEY", "k1:AAAA", "DATA_KEY is missing or not"),
        ("RESERVATION_DATABASE_URL", "mysql://x", "must be sqlite"),
        ("RESERVATION_DATABASE_URL", "postgresql://user@host:port/name", "must be sqlite"),
        ("RESERVATION_DATABASE_URL", "postgresql://user@host", "must be sqlite"),
        ("RESERVATION_DATABASE_URL", "sqlite:///", "must be sqlite"),
        ("RESERVATION_BASE_URL", "http://byoji.example.jp", "https:// in production"),
        ("RESERVATION_NOW", "2026-01-15T06:58+09:00", "refused in production"),
        ("RESERVATION_FAILPOINTS", "before_commit:1", "refused in production"),
        ("RESERVATION_FAILPOINTS", "at_lunch:1", "FAILPOINTS must be like before_commit:0.01"),
        ("RESERVATION_FAILPOINTS", "before_commit:2", "FAILPOINTS must be like before_commit"),
        ("RESERVATION_NOW", "tomorrow", "ISO date and time"),
        ("RESERVATION_SMTP_HOST", "", "no family can sign in"),
        ("RESERVATION_PHOTO_MB", "0", "must be 1 to 50"),
        ("RESERVATION_PHOTO_FOLDER", "photos", "a folder from the root on"),
        ("RESERVATION_SMTP_TLS", "ssl", "starttls, tls or none"),
    ],
)
def test_a_wrong_value_stops_the_start_with_a_sentence(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        settings.load({**PRODUCTION, name: value}, tmp_path)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('colour = "red"\nport = "x"\n')
    with pytest.raises(SettingsError) as caught:
        settings.load({"RESERVATION_TEST_REQUIRE": "browser"}, tmp_path)
    told = "\n".join(caught.value.problems)
    for name in ("colour", "PORT", "SECRET_KEY", "DATA_KEY", "BASE_URL", "SMTP_HOST"):
        assert name in told
    assert "TEST_REQUIRE" not in told


def test_a_postgresql_address_names_the_driver_we_ship(tmp_path: Path) -> None:
    found = settings.load(
        {**PRODUCTION, "RESERVATION_DATABASE_URL": "postgresql://a:b@db/reservation"}, tmp_path
    )
    assert found.database_url == "postgresql+psycopg://a:b@db/reservation"
    assert found.direct_database_url == found.database_url


def test_secrets_are_masked_where_settings_are_shown(tmp_path: Path) -> None:
    url = "postgresql://app:hidden-word@db/reservation"
    shown = settings.explain(
        {**PRODUCTION, "RESERVATION_DATABASE_URL": url, "RESERVATION_SMTP_PASSWORD": "pa-ss"},
        tmp_path,
    )
    text = "\n".join(map(str, shown))
    for secret in ("hidden-word", "pa-ss", "s" * 32, DATA_KEY):
        assert secret not in text
    assert {one.name: one.source for one in shown}["RESERVATION_SMTP_HOST"] == "environment"


def test_made_keys_are_kept_and_private(tmp_path: Path) -> None:
    settings.make_keys(tmp_path)
    first = settings.load({"RESERVATION_MODE": "demo"}, tmp_path)
    settings.make_keys(tmp_path)
    assert settings.load({"RESERVATION_MODE": "demo"}, tmp_path) == first
    assert (tmp_path / "settings.toml").stat().st_mode & 0o077 == 0


def test_the_command_shows_the_sources_and_fails_on_a_problem(tmp_path: Path) -> None:
    good = environ(tmp_path)
    answer = CliRunner().invoke(main, ["settings"], env=good)
    assert answer.exit_code == 0
    assert "RESERVATION_MODE=test  [environment]" in answer.output
    answer = CliRunner().invoke(main, ["settings"], env={**good, "RESERVATION_HOSTS": "x"})
    assert answer.exit_code == 1
    assert "RESERVATION_HOSTS is not a setting" in answer.output


def test_a_command_with_unusable_settings_ends_with_the_sentence(tmp_path: Path) -> None:
    wrong = {**environ(tmp_path), "RESERVATION_SECRET_KEY": ""}
    answer = CliRunner().invoke(main, ["migrate"], env=wrong)
    assert answer.exit_code == 2
    assert "SECRET_KEY is missing" in answer.output


def test_without_a_name_the_checkouts_own_folder_is_the_instance() -> None:
    assert settings.default_instance() == Path(__file__).resolve().parent.parent / "instance"
