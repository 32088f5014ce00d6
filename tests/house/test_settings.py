"""An unfit environment is answered with a sentence that names the variable."""

import pytest

from config import Settings, SettingsError, Surface

SECRET = {"PORTAL_SECRET_KEY": "x" * 32}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORTAL_SECRET_KEY", "short"),
        ("PORTAL_SECRET_KEY_FILE", "/nowhere/at/all"),
        ("PORTAL_PORT", "eighty"),
        ("PORTAL_PORT", "70000"),
        ("PORTAL_COLLECT_AT", "24"),
        ("PORTAL_COLLECT_AT", "-1"),
        ("PORTAL_LETTERBOX_MIB", "0"),
        ("PORTAL_SURFACES", "everything"),
        ("PORTAL_SECURE_COOKIES", "maybe"),
        ("PORTAL_DEMONSTRATION", "1"),
    ],
)
def test_the_message_names_the_variable(tmp_path, variable, value):
    environment = {**SECRET, "PORTAL_DATA": str(tmp_path), variable: value}
    if variable.endswith("_FILE"):
        del environment["PORTAL_SECRET_KEY"]
    with pytest.raises(SettingsError, match=variable):
        Settings.from_environment(environment)


def test_nothing_secret_has_a_default(tmp_path):
    with pytest.raises(SettingsError, match="PORTAL_SECRET_KEY"):
        Settings.from_environment({"PORTAL_DATA": str(tmp_path)})


def test_everything_wrong_is_said_at_once(tmp_path):
    with pytest.raises(SettingsError) as wrong:
        Settings.from_environment({"PORTAL_DATA": str(tmp_path), "PORTAL_PORT": "x"})
    assert "PORTAL_PORT" in str(wrong.value)
    assert "PORTAL_SECRET_KEY" in str(wrong.value)


def test_a_secret_may_be_a_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("y" * 40 + "\n")
    read = Settings.from_environment(
        {"PORTAL_DATA": str(tmp_path), "PORTAL_SECRET_KEY_FILE": str(secret)}
    )
    assert read.secret_key == "y" * 40


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.test", "::"])
def test_a_demonstration_refuses_any_address_but_loopback(tmp_path, host):
    environment = {
        **SECRET, "PORTAL_DATA": str(tmp_path), "PORTAL_DEMONSTRATION": "yes", "PORTAL_HOST": host,
    }  # fmt: skip
    with pytest.raises(SettingsError, match="PORTAL_HOST"):
        Settings.from_environment(environment)


def test_the_embedded_defaults_are_a_folder_and_sqlite(tmp_path):
    read = Settings.from_environment({**SECRET, "PORTAL_DATA": str(tmp_path)})
    assert read.database_url == f"sqlite:///{tmp_path / 'casework.sqlite'}"
    assert read.statistics_url == f"sqlite:///{tmp_path / 'statistics.sqlite'}"
    assert read.witness == tmp_path / "witness"
    assert read.surfaces is Surface.ALL
    assert read.secure_cookies
    assert not read.demonstration


def test_the_two_databases_are_not_one(tmp_path):
    environment = {**SECRET, "PORTAL_DATA": str(tmp_path)}
    one = f"sqlite:///{tmp_path / 'casework.sqlite'}"
    with pytest.raises(SettingsError, match="PORTAL_STATISTICS_URL"):
        Settings.from_environment({**environment, "PORTAL_STATISTICS_URL": one})
