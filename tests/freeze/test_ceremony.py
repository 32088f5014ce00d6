"""The identity of the statistics is made for pairs, and never lies anywhere in clear."""

import pytest

from app.envelope.custody import Custody, CustodyError, open_first, open_second
from app.envelope.errors import KeyringError, UnfitKey
from app.envelope.keyring import MOST_CUSTODIANS
from app.freeze.ceremony import make_statistics, read_custodians, renew_copies
from app.keyring.ceremony import UnfitDescription, make_member, public_half_of
from tests.cli.test_commands import candour

NAMES = ("ann", "ben", "cat")


@pytest.fixture
def keys(tmp_path):
    return {name: make_member(tmp_path / f"{name}.key") for name in NAMES}


@pytest.fixture
def publics(tmp_path, keys):
    return {name: tmp_path / f"{name}.key.pub" for name in keys}


def opened(path, first, second):
    custody = Custody.parse(path.read_bytes())
    sealed = open_first(custody, first[0], first[1].identity)[second[0]]
    return open_second(sealed, second[1].identity, custody.recipient)


def test_two_of_them_open_what_was_made(tmp_path, keys, publics):
    path = tmp_path / "statistics.json"
    recipient = make_statistics(path, read_custodians(publics))
    assert opened(path, ("ann", keys["ann"]), ("cat", keys["cat"])).recipient == recipient
    assert str(recipient) in public_half_of(path).read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_nothing_is_made_over_what_is_there(tmp_path, publics):
    path = tmp_path / "statistics.json"
    make_statistics(path, read_custodians(publics))
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        make_statistics(path, read_custodians(publics))
    public_half_of(path).unlink()
    with pytest.raises(FileExistsError):
        make_statistics(path, read_custodians(publics))
    assert path.read_bytes() == before


def test_two_of_todays_copy_it_for_others(tmp_path, keys, publics):
    path = tmp_path / "statistics.json"
    two = {name: publics[name] for name in ("ann", "ben")}
    recipient = make_statistics(path, read_custodians(two))
    later = {name: publics[name] for name in ("ben", "cat")}
    with pytest.raises(CustodyError):
        renew_copies(
            path, read_custodians(later), first=("cat", keys["cat"]), second=("ann", keys["ann"])
        )
    with pytest.raises(CustodyError):
        renew_copies(
            path, read_custodians(later), first=("ann", keys["ann"]), second=("ann", keys["ann"])
        )
    renewed = renew_copies(
        path, read_custodians(later), first=("ann", keys["ann"]), second=("ben", keys["ben"])
    )
    assert renewed == recipient
    assert opened(path, ("cat", keys["cat"]), ("ben", keys["ben"])).recipient == recipient
    with pytest.raises(CustodyError):
        opened(path, ("ann", keys["ann"]), ("ben", keys["ben"]))


def test_unfit_custodians_are_refused(tmp_path, publics):
    with pytest.raises(KeyringError):
        read_custodians({"No One": publics["ann"]})
    with pytest.raises(UnfitDescription):
        read_custodians({f"c{n}": publics["ann"] for n in range(MOST_CUSTODIANS + 1)})
    (tmp_path / "empty.pub").write_text("")
    with pytest.raises(UnfitDescription):
        read_custodians({"ann": tmp_path / "empty.pub"})
    (tmp_path / "wrong.pub").write_text('recipient = "age1pq1wrong"\n')
    with pytest.raises(UnfitKey):
        read_custodians({"ann": tmp_path / "wrong.pub"})


def test_the_commands_of_the_ceremony(tmp_path, publics):
    path = tmp_path / "statistics.json"
    named = [f"--custodian={name}={public}" for name, public in publics.items()]
    made = candour("keys", "make-statistics", str(path), *named, data=tmp_path)
    assert made.returncode == 0, made.stderr
    again = candour("keys", "make-statistics", str(path), *named, data=tmp_path)
    assert (again.returncode, "Traceback" in again.stderr) == (1, False)
    renewed = candour(
        "keys", "renew-statistics", str(path), *named[1:],
        f"--first=ann={tmp_path / 'ann.key'}", f"--second=ben={tmp_path / 'ben.key'}",
        data=tmp_path,
    )  # fmt: skip
    assert renewed.returncode == 0, renewed.stderr
    alone = candour("keys", "make-statistics", str(tmp_path / "x"), named[0], data=tmp_path)
    assert "CustodyError" in alone.stderr


def test_the_commands_of_the_witness(tmp_path):
    data = tmp_path / "data"
    assert candour("init", data=data).returncode == 0
    assert (data / "witness" / "candour-witness").exists(), "in the data folder it is marked"
    elsewhere = str(tmp_path / "mounted")
    assert candour("init", data=data, PORTAL_WITNESS=elsewhere).returncode == 0
    absent = candour("witness", "check", data=data, PORTAL_WITNESS=elsewhere)
    assert absent.returncode == 1
    assert "mark" in absent.stderr
    assert candour("witness", "mark", data=data, PORTAL_WITNESS=elsewhere).returncode == 0
    checked = candour("witness", "check", data=data, PORTAL_WITNESS=elsewhere)
    assert "0 releases were finished" in checked.stdout
    recovered = candour("witness", "recover", data=data, PORTAL_WITNESS=elsewhere)
    assert "0 releases came back" in recovered.stdout
