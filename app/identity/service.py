"""Accounts: enrol, compare with the keyring, change a password, end sessions."""

import secrets
from dataclasses import dataclass

from app.audit.service import record
from app.envelope.errors import KeyringError
from app.envelope.keyring import Keyring
from app.envelope.member_keys import MemberKey
from app.errors import Broken, Conflict, Missing
from app.identity import passwords, second_factor
from app.identity.domain import (
    FAILURES_BEFORE_LOCK,
    ID,
    LOCKED_FOR,
    LONGEST_NAME,
    ON_A_DESK,
    Account,
    Role,
    StaffId,
    StaffMember,
    StaffSession,
)
from app.identity.passwords import Stretched
from app.identity.sealing import seal, unseal
from app.identity.store import AccountStore, SessionStore
from app.work import Work

OPERATOR = "operator"


class AccountMismatch(Broken):
    """An account and the keyring do not agree; one of them was tampered with, or is out of date."""

    def __init__(self, account: str, what: str) -> None:
        super().__init__(f"account {account}: {what}")
        self.account = account
        self.what = what


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """A password that was stretched, with its salt. Made outside a transaction: it is slow."""

    salt: bytes
    stretched: Stretched

    @classmethod
    def of(cls, password: str) -> "NewPassword":
        """Return `password` stretched with a fresh salt.

        Raises:
            UnfitPassword: if it is too short or too long.
            Busy: if too many are at it already.
        """
        salt = secrets.token_bytes(passwords.SALT)
        return cls(salt=salt, stretched=passwords.stretch(passwords.check(password), salt))


def enrol(  # noqa: PLR0913 -- an account is all of these
    work: Work,
    *,
    id: str,
    name: str,
    role: Role,
    desk: str | None,
    password: str,
    key: MemberKey | None,
    secret_key: str,
    office: str | None = None,
) -> str:
    """Open an account and return the secret of its one-time codes, which is shown once.

    Args:
        work: the transaction.
        id: as in the keyring, if this is somebody in it.
        name: at most 80 characters.
        role: members of a desk have a desk and a key, custodians a key, the others neither.
        desk: the desk's id.
        password: what opens the slot; see `passwords.SHORTEST`.
        key: sealed under the password; nothing else of it is kept.
        secret_key: the portal's, under which the one-time secret lies.
        office: of a plan owner, and of nobody else.

    Raises:
        ValueError: if any of these does not fit.
        Conflict: if there is such an account.
    """
    if not ID.fullmatch(id) or not 0 < len(name) <= LONGEST_NAME:
        raise ValueError(f"an account has an id as in the keyring, and a name: {id}")
    member = StaffMember(id=StaffId(id), name=name, role=role, desk=desk, office=office)
    if not member.is_placed or member.holds_key != (key is not None):
        raise ValueError(f"account {id}: desk, office or key do not fit a {role.value}")
    if AccountStore(work.session).find(id) is not None:
        raise Conflict(f"account {id} exists")
    chosen = NewPassword.of(password)
    secret = second_factor.new_secret()
    AccountStore(work.session).add(
        Account(
            member=member,
            salt=chosen.salt,
            login_hash=chosen.stretched.login_hash(),
            totp_sealed=second_factor.seal_secret(secret, account=id, secret_key=secret_key),
            slot=None if key is None else seal_slot(id, key, chosen.stretched),
            recipient=None if key is None else key.recipient.raw,
            verification_key=None if key is None else key.verification_key.raw,
        )
    )
    record(work, actor=OPERATOR, verb="account.enrolled", subject=id, role=role.value)
    return secret


def seal_slot(id: str, key: MemberKey, stretched: Stretched) -> bytes:
    """Return the slot of account `id`: its member key under the password's second half."""
    return seal(stretched.slot_key, key.to_bytes(), place=f"slot/{id}")


def open_slot(account: Account, stretched: Stretched) -> MemberKey:
    """Return the member key in the account's slot.

    Ask only after the login half was found right: otherwise who writes slots learns about
    passwords from whether they open.

    Raises:
        Broken: if the slot was altered or moved from another account.
    """
    if account.slot is None:
        raise AccountMismatch(account.member.id, "has no key")
    raw = unseal(stretched.slot_key, account.slot, place=f"slot/{account.member.id}")
    return MemberKey.from_bytes(raw)


def check_members(work: Work, keyring: Keyring) -> None:
    """Check that every account with a key has the keys, the desk and the role of the keyring.

    Raises:
        AccountMismatch: naming the first account that has not.
    """
    for account in AccountStore(work.session).all():
        check_account(account, keyring)


def check_account(account: Account, keyring: Keyring) -> None:
    """Check one account against the keyring.

    Raises:
        AccountMismatch: if they do not agree, or somebody holds a key who should not.
    """
    member = account.member
    if not member.holds_key:
        if account.slot or account.recipient or account.verification_key or member.desk:
            raise AccountMismatch(member.id, f"the role {member.role.value} holds no key")
        if any(member.id == other.id for other in keyring.members):
            raise AccountMismatch(member.id, f"the role {member.role.value} is not in the keyring")
        return
    check_post(member, keyring)
    signed = keyring.member(member.id)
    if account.recipient != signed.recipient.raw:
        raise AccountMismatch(member.id, "another recipient than the keyring's")
    if account.verification_key != signed.verification_key.raw:
        raise AccountMismatch(member.id, "another verification key than the keyring's")


def check_post(member: StaffMember, keyring: Keyring) -> None:
    """Check that somebody with a key is in the keyring, in this role and on this desk, if any.

    Raises:
        AccountMismatch: if she is not.
    """
    try:
        signed = keyring.member(member.id)
    except KeyringError:
        raise AccountMismatch(member.id, "not in the keyring") from None
    desks = [desk.id for desk in keyring.desks if member.id in desk.members]
    if desks != ([] if member.desk is None else [member.desk]):
        raise AccountMismatch(member.id, "another desk than the keyring's")
    if member.role.value != signed.role.value:
        raise AccountMismatch(member.id, "another role than the keyring's")


def check_key(key: MemberKey, id: str, keyring: Keyring) -> None:
    """Check that an opened key is the one whose public halves the keyring has for `id`.

    Raises:
        AccountMismatch: if it is not: whoever exchanged it could read along.
    """
    signed = keyring.member(id)
    if key.recipient != signed.recipient or key.verification_key != signed.verification_key:
        raise AccountMismatch(id, "the key in the slot is not the keyring's")


def account(work: Work, id: str) -> Account:
    """Return an account.

    Raises:
        Missing: if there is none.
    """
    found = AccountStore(work.session).find(id)
    if found is None:
        raise Missing(f"account {id}")
    return found


def change_password(
    work: Work, id: str, *, old: Stretched, new: NewPassword, by: str | None = None
) -> bool:
    """Seal the slot under a new password, and end every session; False if the old is wrong.

    A wrong one counts as a failed sign-in: a browser left open is no place to guess at leisure.

    Raises:
        Missing: if there is no such account.
        Broken: if the slot does not open.
    """
    found = AccountStore(work.session).find(id, lock=True)
    if found is None:
        raise Missing(f"account {id}")
    if found.is_locked(work.now):
        return False
    if not old.signs_in(found.login_hash):
        if note_failure(work, found, reason="old-password", by=id):
            SessionStore(work.session).end_all_of(id)
        return False
    key = open_slot(found, old) if found.member.holds_key else None
    AccountStore(work.session).set_password(
        id,
        salt=new.salt,
        login_hash=new.stretched.login_hash(),
        slot=None if key is None else seal_slot(id, key, new.stretched),
    )
    SessionStore(work.session).end_all_of(id)
    record(work, actor=by or id, verb="password.changed", subject=id)
    return True


def note_failure(work: Work, account: Account, *, reason: str, by: str) -> bool:
    """Count and record a wrong password or code; True if the account is locked from now on."""
    id = account.member.id
    failures = account.failures + 1
    locks = failures >= FAILURES_BEFORE_LOCK
    until = work.now + LOCKED_FOR if locks else None
    AccountStore(work.session).note_failures(id, 0 if locks else failures, until)
    record(work, actor=by, verb="sign-in.failed", subject=id, reason=reason)
    if locks:
        record(work, actor=by, verb="sign-in.locked", subject=id)
    return locks


def move(work: Work, member: StaffMember, *, by: str = OPERATOR) -> None:
    """Give an account another name, role, desk or office, and end its sessions.

    Somebody in the keyring is moved as the keyring has her.

    Raises:
        Missing: if there is no such account.
        ValueError: if she would change sides: a key that opened cases, the custody of the
            statistics and the running of the system are never one person's, one after another.
    """
    if _side(account(work, member.id).member.role) != _side(member.role):
        raise ValueError(f"account {member.id}: open another account instead")
    if not member.is_placed:
        raise ValueError(f"account {member.id}: desk or office do not fit a {member.role.value}")
    AccountStore(work.session).set_post(member)
    SessionStore(work.session).end_all_of(member.id)
    details = {"role": member.role.value, "desk": member.desk or "none"}
    if member.office is not None:
        details["office"] = member.office
    record(work, actor=by, verb="role.changed", subject=member.id, **details)


def _side(role: Role) -> frozenset[Role]:
    alone = (frozenset({Role.ADMINISTRATOR}), frozenset({Role.CUSTODIAN}), ON_A_DESK)
    return next((side for side in alone if role in side), frozenset(Role).difference(*alone))


def remove(work: Work, id: str, *, by: str = OPERATOR) -> None:
    """Close an account: its sessions, its slot and its one-time secret are gone.

    Raises:
        Missing: if there is no such account.
    """
    account(work, id)
    SessionStore(work.session).end_all_of(id)
    AccountStore(work.session).remove(id)
    record(work, actor=by, verb="account.removed", subject=id)


def renew_second_factor(work: Work, id: str, *, secret_key: str, by: str = OPERATOR) -> str:
    """Give an account another one-time secret, end its sessions, and return the secret.

    Raises:
        Missing: if there is no such account.
    """
    secret = second_factor.new_secret()
    sealed = second_factor.seal_secret(secret, account=id, secret_key=secret_key)
    AccountStore(work.session).set_second_factor(id, sealed)
    SessionStore(work.session).end_all_of(id)
    record(work, actor=by, verb="second-factor.changed", subject=id)
    return secret


def end_sessions(work: Work, id: str, *, by: str, but: bytes | None = None) -> int:
    """End the sessions of an account, all or all but one, and return how many there were."""
    ended = SessionStore(work.session).end_all_of(id, but=but)
    record(work, actor=by, verb="sessions.ended", subject=id, count=ended)
    return ended


def sessions(work: Work, id: str) -> list[StaffSession]:
    """Return the open sessions of an account, the last used first."""
    found = SessionStore(work.session).of(id)
    return [session for session in found if not session.has_ended(work.now)]


def members(work: Work) -> list[StaffMember]:
    """Return everybody with an account, in the order of their ids."""
    return [account.member for account in AccountStore(work.session).all()]


def count_accounts(work: Work) -> dict[Role, int]:
    """Return how many accounts there are in each role."""
    counts = AccountStore(work.session).counts()
    return {role: counts.get(role, 0) for role in Role}


def current_code(work: Work, id: str, *, secret_key: str) -> str:
    """Return the one-time code of an account at this instant: for a demonstration only.

    Raises:
        Missing: if there is no such account.
    """
    found = account(work, id)
    secret = second_factor.open_secret(found.totp_sealed, account=id, secret_key=secret_key)
    return second_factor.code_at(secret, work.now)
