"""Alerts are configured whole or not at all, and what is missing is named."""

import pytest

from config import Settings, SettingsError

SOUND = {"PORTAL_SMTP_URL": "smtps://mail.example.org", "PORTAL_ALERTS_FROM": "c@example.org"}


def read(tmp_path, **given):
    return Settings.from_environment(
        {"PORTAL_DATA": str(tmp_path), "PORTAL_SECRET_KEY": "s" * 40, **given}
    )


def test_without_a_server_nobody_is_alerted(tmp_path):
    assert not read(tmp_path).alerts


def test_with_everything_somebody_is(tmp_path):
    on_call = tmp_path / "on-call.json"
    on_call.touch()
    assert read(tmp_path, **SOUND, PORTAL_ON_CALL=str(on_call)).alerts


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(SettingsError) as wrong:
        read(tmp_path, PORTAL_SMTP_URL="smtps://mail.example.org")
    assert "PORTAL_ALERTS_FROM is not set" in str(wrong.value)
    assert "PORTAL_ON_CALL is not set" in str(wrong.value)
    with pytest.raises(SettingsError, match="PORTAL_ON_CALL cannot be read"):
        read(tmp_path, **SOUND, PORTAL_ON_CALL=str(tmp_path / "absent"))


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example.org",
        "mail.example.org",
        "smtps://",
        "smtps://user:secret@mail.example.org",
        "smtps://mail.example.org/path",
        "smtps://mail.example.org:99999",
    ],
)
def test_mail_in_clear_or_a_password_on_the_way_is_refused(tmp_path, url):
    with pytest.raises(SettingsError, match="PORTAL_SMTP_URL must be") as wrong:
        read(tmp_path, PORTAL_SMTP_URL=url)
    assert "secret" not in str(wrong.value)
