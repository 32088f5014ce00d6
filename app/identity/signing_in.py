"""Signing in and out: an attempt is judged in one transaction, and recorded whatever comes of it.

A name nobody has, a wrong password, a code used before and a locked account get the same answer
after the same work, so the page tells nobody which names exist.
"""

import enum
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from hashlib import sha256

from app.audit.service import record
from app.envelope.derivation import derive
from app.envelope.keyring import Keyring
from app.envelope.member_keys import MemberKey
from app.errors import Broken
from app.identity import passwords, second_factor
from app.identity.domain import ID, Account, StaffMember, StaffSession
from app.identity.passwords import Stretched
from app.identity.sealing import seal, unseal
from app.identity.service import check_account, check_key, note_failure, open_slot
from app.identity.store import AccountStore, SessionStore
from app.work import Work

TOKEN = 32  # bytes
NOBODYS_SECRET = second_factor.new_secret()
ANYBODY = "sign-in"  # actor of an attempt by nobody we know


class Refusal(enum.Enum):
    """Why nobody was signed in. For the audit log; the page says the same for each."""

    UNKNOWN = "unknown-name"
    LOCKED = "locked"
    PASSWORD = "password"  # noqa: S105 -- a reason, not a password
    CODE = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What somebody typed, the password stretched already."""

    name: str
    stretched: Stretched
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A fresh session: the token is for the cookie and stands nowhere else."""

    token: str = field(repr=False)
    member: StaffMember


def salt_for(work: Work, name: str) -> bytes:
    """Return the salt to stretch a password with; one of nobody's for a name nobody has."""
    found = AccountStore(work.session).find(name) if ID.fullmatch(name) else None
    return passwords.NOBODYS_SALT if found is None else found.salt


def sign_in(
    work: Work, attempt: Attempt, keyring: Keyring | Broken, *, secret_key: str
) -> SignedIn | Refusal | Broken:
    """Judge an attempt and record it; a success starts a session with a token of its own.

    Args:
        work: a transaction that writes; to be committed whatever is returned.
        attempt: what was typed.
        keyring: what a member's key must agree with, or what is wrong with it: then only an
            administrator gets in, who has no key.
        secret_key: the portal's, under which the one-time secrets lie.

    Returns:
        What is returned as `Broken` is for the caller to raise once this transaction, with
        the alarm in it, is committed.
    """
    known = ID.fullmatch(attempt.name) is not None
    account = AccountStore(work.session).find(attempt.name, lock=True) if known else None
    refusal = _judge(work, account, attempt, secret_key=secret_key)
    if refusal is not None or account is None:
        return _refuse(work, account, refusal or Refusal.UNKNOWN)
    id = account.member.id
    try:
        key = _unlock(account, attempt.stretched, keyring)
    except Broken as error:
        record(work, actor=id, verb="account.mismatched", subject=id)
        return error
    AccountStore(work.session).note_failures(id, 0, None)
    signed_in = _start(work, account.member, key)
    record(work, actor=id, verb="sign-in.succeeded", subject=id)
    if key is not None:
        record(work, actor=id, verb="key.unlocked", subject=id)
    return signed_in


def _judge(
    work: Work, account: Account | None, attempt: Attempt, *, secret_key: str
) -> Refusal | None:
    refusal = _judge_password(work, account, attempt)
    if refusal is not None or account is None:
        # As much work as for a right password, so that the time taken does not say it was.
        second_factor.matching_step(NOBODYS_SECRET, attempt.code, work.now, after=0)
        return refusal
    id = account.member.id
    secret = second_factor.open_secret(account.totp_sealed, account=id, secret_key=secret_key)
    after = account.totp_last_step
    step = second_factor.matching_step(secret, attempt.code, work.now, after=after)
    if step is None or not AccountStore(work.session).use_step(id, step):
        return Refusal.CODE
    return None


def _judge_password(work: Work, account: Account | None, attempt: Attempt) -> Refusal | None:
    if account is None:
        return Refusal.UNKNOWN
    if account.is_locked(work.now):
        return Refusal.LOCKED
    return None if attempt.stretched.signs_in(account.login_hash) else Refusal.PASSWORD


def _unlock(account: Account, stretched: Stretched, keyring: Keyring | Broken) -> MemberKey | None:
    if isinstance(keyring, Broken):
        if account.member.holds_key:
            raise keyring
        return None
    check_account(account, keyring)
    if not account.member.holds_key:
        return None
    key = open_slot(account, stretched)
    check_key(key, account.member.id, keyring)
    return key


def _refuse(work: Work, account: Account | None, refusal: Refusal) -> Refusal:
    # What was typed as a name may be a password in the wrong field: it is never recorded.
    if account is None:
        record(work, actor=ANYBODY, verb="sign-in.failed", reason=refusal.value)
    elif refusal is Refusal.LOCKED:
        # Trying does not lock it for longer: its owner would never get in.
        id = account.member.id
        record(work, actor=ANYBODY, verb="sign-in.failed", subject=id, reason=refusal.value)
    else:
        note_failure(work, account, reason=refusal.value, by=ANYBODY)
    return refusal


def _start(work: Work, member: StaffMember, key: MemberKey | None) -> SignedIn:
    sessions = SessionStore(work.session)
    sessions.end_lapsed(work.now)
    token = secrets.token_bytes(TOKEN)
    session = StaffSession(
        id=_session_id(token), member=member, started_at=work.now, seen_at=work.now
    )
    if key is not None:
        sealed = seal(_session_key(token), key.to_bytes(), place=_place(session))
        session = replace(session, sealed_key=sealed)
    sessions.add(session)
    return SignedIn(token=urlsafe_b64encode(token).decode("ascii").rstrip("="), member=member)


def resume(work: Work, token: str) -> StaffSession | None:
    """Return the session that a cookie's token stands for, unless it was idle or open too long."""
    raw = _raw(token)
    found = None if raw is None else SessionStore(work.session).find(_session_id(raw))
    return None if found is None or found.has_ended(work.now) else found


def still_open(work: Work, ids: Collection[bytes]) -> set[bytes]:
    """Return those of some sessions that have not ended."""
    found = (SessionStore(work.session).find(id) for id in ids)
    return {one.id for one in found if one is not None and not one.has_ended(work.now)}


def touch(work: Work, session: StaffSession) -> None:
    """Note that a session was used just now."""
    SessionStore(work.session).touch(session.id, work.now)


def open_key(session: StaffSession, token: str) -> MemberKey:
    """Return the member key of a session: the row and the token together open it.

    Raises:
        Broken: if they do not belong together, or the row was altered.
    """
    raw = _raw(token)
    if raw is None or session.sealed_key is None:
        raise Broken("the session holds no key")
    opened = unseal(_session_key(raw), session.sealed_key, place=_place(session))
    return MemberKey.from_bytes(opened)


def sign_out(work: Work, session: StaffSession) -> None:
    """End one session; its sealed key is gone with it."""
    SessionStore(work.session).end(session.id)
    record(work, actor=session.member.id, verb="session.ended", subject=session.member.id)


def forget(work: Work, token: str) -> None:
    """End the session of an old cookie without a word: a new one takes its place."""
    if raw := _raw(token):
        SessionStore(work.session).end(_session_id(raw))


def _raw(token: str) -> bytes | None:
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (NotBase64, ValueError):
        return None
    return raw if len(raw) == TOKEN else None


def _session_id(token: bytes) -> bytes:
    return sha256(b"candour/session/v1\0" + token).digest()


def _session_key(token: bytes) -> bytes:
    return derive(token, salt=b"", info=b"candour/session/v1")


def _place(session: StaffSession) -> str:
    # With its account: a session given to another in the database does not open.
    return f"session/{session.member.id}/{session.id.hex()}"
