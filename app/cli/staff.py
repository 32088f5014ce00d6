"""Opens, moves and closes staff accounts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import segno

from app.database import Database, open_database
from app.envelope.errors import EnvelopeError
from app.envelope.keyring import Keyring
from app.envelope.member_keys import MemberKey
from app.errors import PortalError
from app.identity import passwords, second_factor, service
from app.identity.domain import Role, StaffId, StaffMember
from app.keyring.ceremony import read_member
from app.keyring.service import KeyringFiles, usable
from app.work import begin, look
from config import Settings

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group(help="Add staff accounts.")
def group() -> None:
    """Hold the commands together."""


@group.command("add")
@click.argument("id")
@click.option("--key", "key_file", type=FILE, help="The member's key file; read once, not kept.")
@click.option("--administrator", "name", metavar="NAME", help="No member: NAME runs the system.")
def add(id: str, key_file: Path | None, name: str | None) -> None:
    """Open an account: a member's as the keyring has her, or an administrator's.

    Asks for the password and shows the secret of the one-time codes once.
    """
    if (key_file is None) == (name is None):
        raise click.UsageError("give either --key or --administrator")
    with _portal() as (settings, database):
        member, key = _who(settings, database, id, key_file, name)
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        with begin(database) as work:
            secret = service.enrol(
                work,
                id=id,
                name=member.name,
                role=member.role,
                desk=member.desk,
                password=passwords.check(password),
                key=key,
                secret_key=settings.secret_key,
            )
            if key is not None:
                service.check_members(work, usable(work, KeyringFiles.of(settings)))
    _show_once(settings, id, secret)


@group.command("move")
@click.argument("id")
def move(id: str) -> None:
    """Give a member's account the name, role and desk of the keyring; ends her sessions."""
    with _portal() as (settings, database), begin(database) as work:
        keyring = usable(work, KeyringFiles.of(settings))
        service.move(work, _as_in(keyring, id))
    click.echo(f"{id} is as in the keyring, and has to sign in again.")


@group.command("remove")
@click.argument("id")
def remove(id: str) -> None:
    """Close an account; its slot and its sessions are gone."""
    with _portal() as (_settings, database), begin(database) as work:
        service.remove(work, id)
    click.echo(f"{id} has no account any more.")


@group.command("new-code")
@click.argument("id")
def new_code(id: str) -> None:
    """Give an account another secret for its one-time codes, and show it once."""
    with _portal() as (settings, database), begin(database) as work:
        secret = service.renew_second_factor(work, id, secret_key=settings.secret_key)
    _show_once(settings, id, secret)


@group.command("end-sessions")
@click.argument("id")
def end_sessions(id: str) -> None:
    """Sign somebody out everywhere."""
    with _portal() as (_settings, database), begin(database) as work:
        ended = service.end_sessions(work, id, by=service.OPERATOR)
    click.echo(f"{ended} sessions of {id} were ended.")


@group.command("list")
def list_accounts() -> None:
    """Print the accounts."""
    with _portal() as (_settings, database), look(database) as work:
        for member in service.members(work):
            click.echo(
                f"{member.id:<14} {member.role.value:<14} {member.desk or '-':<14} {member.name}"
            )


@group.command("code")
@click.argument("id")
def code(id: str) -> None:
    """Print the current one-time code of an account; in a demonstration only."""
    with _portal() as (settings, database):
        # Who can do this needs no second factor; a real portal must not offer it.
        if not settings.demonstration:
            raise click.ClickException("one-time codes are printed in a demonstration only")
        with look(database) as work:
            click.echo(service.current_code(work, id, secret_key=settings.secret_key))


def _who(
    settings: Settings, database: Database, id: str, key_file: Path | None, name: str | None
) -> tuple[StaffMember, MemberKey | None]:
    if key_file is None:
        administrator = StaffMember(id=StaffId(id), name=name or "", role=Role.ADMINISTRATOR)
        return administrator, None
    with look(database) as work:
        keyring = usable(work, KeyringFiles.of(settings))
    key = read_member(key_file)
    member = _as_in(keyring, id)
    service.check_key(key, id, keyring)
    return member, key


def _as_in(keyring: Keyring, id: str) -> StaffMember:
    member = keyring.member(id)
    desks = [desk.id for desk in keyring.desks if id in desk.members]
    if not desks:
        raise click.ClickException(f"{id} is on no desk")
    return StaffMember(
        id=StaffId(id), name=member.name, role=Role(member.role.value), desk=desks[0]
    )


def _show_once(settings: Settings, id: str, secret: str) -> None:
    address = second_factor.address(secret, account=id, service=settings.service_name)
    click.echo(f"Account {id}. Put this into an authenticator now; it is not shown again:")
    segno.make(address, error="m").terminal(compact=True)
    click.echo(f"or type the secret: {secret}")


@contextmanager
def _portal() -> Iterator[tuple[Settings, Database]]:
    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    try:
        yield settings, database
    except (PortalError, EnvelopeError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    finally:
        database.engine.dispose()
