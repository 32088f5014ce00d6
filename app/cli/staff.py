"""Opens, moves and closes staff accounts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import segno

from app.database import Database, open_database
from app.envelope.errors import EnvelopeError
from app.envelope.keyring import Keyring
from app.envelope.member_keys import MemberKey
from app.errors import PortalError
from app.identity import passwords, second_factor, service
from app.identity.domain import IN_KEYRING, Role, StaffId, StaffMember
from app.keyring.ceremony import read_member
from app.keyring.service import KeyringFiles, usable
from app.work import begin, look
from config import Settings

# An administrator is asked for by name, and nobody becomes one by moving.
WITHOUT_KEY = click.Choice(
    [role.value for role in Role if role not in IN_KEYRING and role is not Role.ADMINISTRATOR]
)
FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group(help="Add staff accounts.")
def group() -> None:
    """Hold the commands together."""


@group.command("add")
@click.argument("id")
@click.option("--key", "key_file", type=FILE, help="The member's key file; read once, not kept.")
@click.option("--administrator", metavar="NAME", help="No member: NAME runs the system.")
@click.option("--name", metavar="NAME", help="With --role: somebody who is not in the keyring.")
@click.option("--role", type=WITHOUT_KEY, help="What she is to the portal.")
@click.option("--office", metavar="OFFICE", help="Of a plan owner: whose actions are hers.")
def add(
    id: str,
    key_file: Path | None,
    administrator: str | None,
    name: str | None,
    role: str | None,
    office: str | None,
) -> None:
    """Open an account: a member's or custodian's as the keyring has her, or one without a key.

    Asks for the password and shows the secret of the one-time codes once.
    """
    ways = [key_file is not None, administrator is not None, name is not None]
    if ways.count(True) != 1 or (name is None) != (role is None) or (office and not role):
        raise click.UsageError("give --key, or --administrator, or --name with --role")
    with _portal() as (settings, database):
        if key_file is None:
            chosen = Role(role) if role else Role.ADMINISTRATOR
            called = name or administrator or ""
            member = StaffMember(id=StaffId(id), name=called, role=chosen, office=office)
            key = None
        else:
            member, key = _in_keyring(settings, database, id, key_file)
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        with begin(database) as work:
            secret = service.enrol(
                work,
                id=id,
                name=member.name,
                role=member.role,
                desk=member.desk,
                office=member.office,
                password=passwords.check(password),
                key=key,
                secret_key=settings.secret_key,
            )
            if key is not None:
                service.check_members(work, usable(work, KeyringFiles.of(settings)))
    _show_once(settings, id, secret)


@group.command("move")
@click.argument("id")
@click.option("--role", type=WITHOUT_KEY, help="Of somebody who is not in the keyring.")
@click.option("--office", metavar="OFFICE", help="Of a plan owner: whose actions are hers.")
def move(id: str, role: str | None, office: str | None) -> None:
    """Give an account the name, role and desk of the keyring, or another ROLE; ends her sessions.

    A member and a custodian are as the keyring has them. Everybody else is moved by --role.
    """
    if office and not role:
        raise click.UsageError("--office goes with --role")
    with _portal() as (settings, database), begin(database) as work:
        if role:
            before = service.account(work, id).member
            member = replace(before, role=Role(role), office=office)
        else:
            member = _as_in(usable(work, KeyringFiles.of(settings)), id)
        service.move(work, member)
    as_what = f"a {role}" if role else "as in the keyring"
    click.echo(f"{id} is {as_what}, and has to sign in again.")


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
            place = member.desk or member.office or "-"
            click.echo(f"{member.id:<14} {member.role.value:<18} {place:<14} {member.name}")


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


def _in_keyring(
    settings: Settings, database: Database, id: str, key_file: Path
) -> tuple[StaffMember, MemberKey]:
    with look(database) as work:
        keyring = usable(work, KeyringFiles.of(settings))
    key = read_member(key_file)
    member = _as_in(keyring, id)
    service.check_key(key, id, keyring)
    return member, key


def _as_in(keyring: Keyring, id: str) -> StaffMember:
    member = keyring.member(id)
    desks = [desk.id for desk in keyring.desks if id in desk.members]
    found = StaffMember(
        id=StaffId(id),
        name=member.name,
        role=Role(member.role.value),
        desk=desks[0] if desks else None,
    )
    if not found.is_placed:
        raise click.ClickException(f"{id} is on no desk")
    return found


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
