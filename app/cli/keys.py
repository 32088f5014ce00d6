"""Makes member keys and signers', and signs keyrings. The steps are in keys/README.md."""

from collections.abc import Callable
from pathlib import Path

import click

from app.database import Database, open_database
from app.envelope.errors import EnvelopeError
from app.envelope.keyring import Keyring, Member
from app.envelope.keyring_file import keyring_digest, parse_keyring, read_draft
from app.envelope.member_keys import MemberKey
from app.envelope.recipients import Recipient
from app.errors import Broken
from app.freeze import ceremony as freeze_ceremony
from app.identity.service import check_members
from app.keyring import ceremony
from app.keyring.ceremony import UnfitDescription
from app.keyring.service import KeyringFiles, accept, usable
from app.work import Work, begin, look, system_clock
from config import Settings

FILE = click.Path(path_type=Path, dir_okay=False)

Command = Callable[..., None]
MOST_NAMED = 10  # cases in one sentence
PUBLIC_FILE = 0o644  # whoever installs it, the portal reads it


@click.group(help="Make member keys and sign keyrings.")
def group() -> None:
    """Hold the commands together."""


@group.command("make-member")
@click.argument("path", type=FILE)
def make_member(path: Path) -> None:
    """Write a new member key to PATH and its public half to PATH.pub."""
    try:
        key = ceremony.make_member(path)
    except OSError as error:
        raise _refusal(error) from error
    click.echo(f"The private key is in {path}, for its owner alone.")
    click.echo(f"The public half is in {ceremony.public_half_of(path)}:")
    click.echo(ceremony.public_text(key), nl=False)
    click.echo(f"fingerprint of the recipient:        {ceremony.fingerprint(key.recipient.raw)}")
    click.echo(
        f"fingerprint of the verification key: {ceremony.fingerprint(key.verification_key.raw)}"
    )


@group.command("make-signer")
@click.argument("path", type=FILE)
@click.option("--public", type=FILE, help="Where the public half goes; PATH.pub unless named.")
def make_signer(path: Path, public: Path | None) -> None:
    """Write the key of one keyring signer to PATH, and its public half. Two of them sign."""
    public = public or ceremony.public_half_of(path)
    try:
        key = ceremony.make_signer(path, public)
    except OSError as error:
        raise _refusal(error) from error
    click.echo(f"The signer's private key is in {path}: for one person alone, and off the server.")
    click.echo(f"The public half is in {public}: {key.verification_key}")


@group.command("make-statistics")
@click.argument("path", type=FILE)
@click.option("--custodian", "named", multiple=True, required=True, metavar="ID=KEY.pub")
def make_statistics(path: Path, named: tuple[str, ...]) -> None:
    """Make the identity of the statistics, sealed to every pair of custodians, in PATH.

    It is never written in clear. The public half goes to PATH.pub, for the keyring.
    """
    try:
        recipient = freeze_ceremony.make_statistics(path, _custodians(named))
    except (EnvelopeError, UnfitDescription, OSError) as error:
        raise _refusal(error) from error
    click.echo(f"The sealed copies are in {path}: put them beside the keyring as statistics.json.")
    click.echo(f"The public half is in {ceremony.public_half_of(path)}.")
    click.echo(f"fingerprint of the recipient:        {ceremony.fingerprint(recipient.raw)}")


@group.command("renew-statistics")
@click.argument("path", type=FILE)
@click.option("--custodian", "named", multiple=True, required=True, metavar="ID=KEY.pub")
@click.option("--first", required=True, metavar="ID=KEY", help="A custodian of today.")
@click.option("--second", required=True, metavar="ID=KEY", help="Another custodian of today.")
def renew_statistics(path: Path, named: tuple[str, ...], first: str, second: str) -> None:
    """Copy the statistics' identity in PATH for other custodians, two of today's together."""
    try:
        recipient = freeze_ceremony.renew_copies(
            path, _custodians(named), first=_with_key(first), second=_with_key(second)
        )
    except (EnvelopeError, UnfitDescription, OSError) as error:
        raise _refusal(error) from error
    click.echo(f"The copies in {path} are for the custodians named, and for nobody else.")
    click.echo(f"fingerprint of the recipient:        {ceremony.fingerprint(recipient.raw)}")


def _custodians(named: tuple[str, ...]) -> dict[str, Recipient]:
    return freeze_ceremony.read_custodians(dict(map(_with_path, named)))


def _with_path(said: str) -> tuple[str, Path]:
    id, equals, path = said.partition("=")
    if not (id and equals and path):
        raise click.UsageError(f"write it as ID=FILE: {said}")
    return id, Path(path)


def _with_key(said: str) -> tuple[str, MemberKey]:
    id, path = _with_path(said)
    return id, ceremony.read_member(path)


def _signing(command: Command) -> Command:
    for option in (
        click.option("--yes", is_flag=True, help="Do not ask before signing."),
        click.option("--dissolve", multiple=True, metavar="DESK", help="A desk meant to be gone."),
        click.option("--signers", required=True, type=FILE, help="Everybody's public halves."),
        click.option("--signer", required=True, type=FILE, help="One signer's private key."),
    ):
        command = option(command)
    return command


@group.command("sign")
@click.argument("description", type=FILE)
@click.option("--output", required=True, type=FILE, help="The draft, for the second signer.")
@click.option("--previous", type=FILE, help="The keyring before, if there is one.")
@_signing
def sign(
    description: Path,
    output: Path,
    previous: Path | None,
    signer: Path,
    signers: Path,
    dissolve: tuple[str, ...],
    yes: bool,  # noqa: FBT001 -- click's way
) -> None:
    """Sign, as the first of two, the keyring that DESCRIPTION (TOML) asks for.

    Its serial is one after the previous. No server takes it before somebody else has signed too.
    """
    try:
        key, known = ceremony.read_signer(signer), ceremony.read_signers(signers)
        standing = None if previous is None else ceremony.read_bytes(previous)
        keyring = ceremony.next_keyring(description, standing, known, system_clock().date())
        before = None if standing is None else parse_keyring(standing, known)
        ceremony.check_succession(before, keyring, dissolve)
        _ask(before, keyring, yes=yes)
        ceremony.sign(keyring, key, known, output)
    except (EnvelopeError, UnfitDescription, OSError) as error:
        raise _refusal(error) from error
    click.echo(f"The draft of keyring {keyring.serial} is in {output}: another signer signs it too")


@group.command("countersign")
@click.argument("draft", type=FILE)
@click.option("--output", required=True, type=FILE, help="The keyring file; replaced if there.")
@click.option("--previous", type=FILE, help="The keyring before; --output unless named.")
@_signing
def sign_second(
    draft: Path,
    output: Path,
    previous: Path | None,
    signer: Path,
    signers: Path,
    dissolve: tuple[str, ...],
    yes: bool,  # noqa: FBT001 -- click's way
) -> None:
    """Look at what DRAFT changes, and sign it as the second of two."""
    try:
        key, known = ceremony.read_signer(signer), ceremony.read_signers(signers)
        standing = ceremony.read_bytes(previous or output)
        content = draft.read_bytes()
        _body, keyring, _signed = read_draft(content, known)
        before = None if standing is None else parse_keyring(standing, known)
        ceremony.check_succession(before, keyring, dissolve)
        _ask(before, keyring, yes=yes)
        content = ceremony.sign_second(content, key, known, output)
    except (EnvelopeError, UnfitDescription, OSError) as error:
        raise _refusal(error) from error
    click.echo(f"Keyring {keyring.serial} is in {output}; SHA-256 {keyring_digest(content)}")


def _ask(before: Keyring | None, after: Keyring, *, yes: bool) -> None:
    _say_what_changes(before, after)
    if not yes:
        click.confirm("Sign this?", abort=True)


@group.command("show")
@click.option("--keyring", type=FILE, help="Another keyring than the portal's.")
@click.option("--signers", type=FILE, help="Other signers' public halves than the portal's.")
def show(keyring: Path | None, signers: Path | None) -> None:
    """Print who is on which desk, with the fingerprints of their keys."""
    files = _files(keyring, signers)
    try:
        content = files.keyring.read_bytes()
        found = parse_keyring(content, ceremony.read_signers(files.signers))
    except (EnvelopeError, OSError, UnicodeDecodeError) as error:
        raise _refusal(error) from error
    click.echo(f"serial {found.serial}, valid {found.issued_on} to {found.expires_on}")
    click.echo(f"SHA-256 {keyring_digest(content)}")
    for desk in found.desks:
        click.echo(f"\n{desk.id}: {desk.label}")
        for member in map(found.member, desk.members):
            _show_member(member)
    if found.statistics is not None:
        click.echo("\nstatistics: slips are sealed to")
        click.echo(f"  {'recipient':<23} {ceremony.fingerprint(found.statistics.recipient.raw)}")
        for member in map(found.member, found.statistics.custodians):
            _show_member(member)
    for desk_id, falls in found.fall_through.items():
        click.echo(f"fall-through of {desk_id}: {' '.join(falls) or 'nobody here'}")
    for former in found.former:
        click.echo(f"former: {former.id}")


@group.command("check")
@click.option("--next", "following", type=FILE, help="A keyring or draft that is to follow.")
def check(following: Path | None) -> None:
    """Check the portal's keyring: signature, dates, serial, and that the accounts agree with it.

    With --next: that every open case keeps somebody who is known to read it.
    """
    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    try:
        if following is not None:
            _check_next(database, following, settings)
            return
        with begin(database) as work:
            keyring = accept(work, KeyringFiles.of(settings))
            check_members(work, keyring)
    except (Broken, EnvelopeError, OSError) as error:
        raise _refusal(error) from error
    finally:
        database.engine.dispose()
    left = (keyring.expires_on - system_clock().date()).days
    click.echo(f"Keyring {keyring.serial} is good for {left} days, and the accounts agree with it.")


@group.command("install")
@click.argument("path", type=FILE)
def install(path: Path) -> None:
    """Put the keyring in PATH where the portal's stands, if no open case is left to nobody."""
    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    try:
        with look(database) as work:
            # As the server will look at it: signed by two, in date, later than any it has seen.
            keyring = usable(work, KeyringFiles(path, settings.keyring_signer))
            _refuse_stranding(work, keyring, settings)
        ceremony.replace_file(settings.keyring, path.read_bytes())
        settings.keyring.chmod(PUBLIC_FILE)
    except (Broken, EnvelopeError, OSError) as error:
        raise _refusal(error) from error
    finally:
        database.engine.dispose()
    click.echo(f"Keyring {keyring.serial} stands in {settings.keyring}. Restart the portal.")


def _check_next(database: Database, following: Path, settings: Settings) -> None:
    signers = ceremony.read_signers(settings.keyring_signer)
    _body, keyring, _signed = read_draft(following.read_bytes(), signers)
    with look(database) as work:
        _refuse_stranding(work, keyring, settings)
    click.echo(f"Every open case keeps a reader under keyring {keyring.serial}.")


def _refuse_stranding(work: Work, keyring: Keyring, settings: Settings) -> None:
    from app.casework import renewing

    if stranded := renewing.stranded(work, keyring):
        raise click.ClickException(
            f"under keyring {keyring.serial} nobody would be known to read {len(stranded)} open "
            f"cases: {' '.join(stranded[:MOST_NAMED])}. Keep one who reads them until she has "
            "signed in, or let her pass them on"
        )
    standing = ceremony.read_bytes(settings.keyring)
    if standing is None:
        return
    before = parse_keyring(standing, ceremony.read_signers(settings.keyring_signer))
    if unknown := renewing.unknown(work, before, keyring):
        raise click.ClickException(
            f"{len(unknown)} open cases lie on desks that lose somebody, and nobody has looked in "
            f"since they came: {' '.join(unknown[:MOST_NAMED])}. Let those who stay open their "
            "inbox first, or whoever leaves may be the only one who could read them"
        )


def _files(keyring: Path | None, signers: Path | None) -> KeyringFiles:
    if keyring is not None and signers is not None:
        return KeyringFiles(keyring, signers)
    settings = Settings.from_environment()
    return KeyringFiles(keyring or settings.keyring, signers or settings.keyring_signer)


def _show_member(member: Member) -> None:
    shown = ceremony.fingerprint(member.recipient.raw)
    signs = ceremony.fingerprint(member.verification_key.raw)
    click.echo(f"  {member.id:<12} {member.role.value:<10} {shown}  {signs}  {member.name}")


def _say_what_changes(before: Keyring | None, after: Keyring) -> None:
    found = ceremony.change(before, after)
    click.echo(f"serial {found.serial}, valid {after.issued_on} to {after.expires_on}")
    for what, ids in (
        ("added", found.added),
        ("left", found.left),
        ("moved", found.moved),
        ("gone: desk", found.dissolved),
    ):
        for id in ids:
            click.echo(f"{what:<6} {id}")
    for desk in found.other_ways:
        falls = after.fall_through.get(desk)
        click.echo(
            f"falls  {desk}: {' '.join(falls) if falls is not None else 'as the table says'}"
        )
    if before is not None and before.statistics and _recipient(before) != _recipient(after):
        click.echo("the statistics' recipient is another: slips of the old one need its identity")


def _recipient(keyring: Keyring) -> str:
    return "" if keyring.statistics is None else str(keyring.statistics.recipient)


def _refusal(error: Exception) -> click.ClickException:
    words = " ".join(str(error).split()) or type(error).__name__
    return click.ClickException(f"{type(error).__name__}: {words}")
