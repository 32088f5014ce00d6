"""The audit log as mathematics: leaves, the tree over them, proofs, and what an entry may say.

Source: RFC 6962, section 2.1 (hashes, proofs); RFC 9162, sections 2.1.3.2 and 2.1.4.2
(their verification); c2sp.org/tlog-checkpoint (the text of a checkpoint).
"""

import enum
import json
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Self

HASH = 32  # bytes
EMPTY_ROOT = sha256(b"").digest()
MOST_DETAILS = 8
LARGEST_NUMBER = 2**53 - 1  # above it, JSON readers disagree
# No spaces: a sentence of a reporter's or a handler's cannot stand where only this fits.
IDENTIFIER = re.compile(r"[A-Za-z0-9._:/+=-]{1,80}", re.ASCII)
DETAIL_NAME = re.compile(r"[a-z][a-z_]{0,30}", re.ASCII)

Details = Mapping[str, str | int]
# Gives the hash of the full subtree over the leaves [start, stop).
Subtree = Callable[[int, int], bytes]


class Verb(enum.StrEnum):
    """What can be done: a thing, a full stop, and what became of it."""

    ACCOUNT_ENROLLED = "account.enrolled"
    ACCOUNT_MISMATCHED = "account.mismatched"
    ACCOUNT_REMOVED = "account.removed"
    APPROVAL_EXPIRED = "approval.expired"
    APPROVAL_FINISHED = "approval.finished"
    APPROVAL_GIVEN = "approval.given"
    APPROVAL_PROPOSED = "approval.proposed"
    APPROVAL_WITHDRAWN = "approval.withdrawn"
    CASE_ALERTED = "case.alerted"
    CASE_CLOSED = "case.closed"
    CASE_DECLARED = "case.declared"
    CASE_EXPORTED = "case.exported"
    CASE_LISTED = "case.listed"
    CASE_MOVED = "case.moved"
    CASE_OPENED = "case.opened"
    CASE_READ = "case.read"
    CASE_REDACTION_WITHDRAWN = "case.redaction-withdrawn"
    CASE_REFUSED = "case.refused"
    CASE_REDACTED = "case.redacted"
    CASE_REDACTION_READ = "case.redaction-read"
    CASE_SHEET_READ = "case.sheet-read"
    CASE_SHEET_SAVED = "case.sheet-saved"
    CASE_REWRAPPED = "case.rewrapped"
    CASE_STATE_SET = "case.state-set"
    CASE_STEP_REFUSED = "case.step-refused"
    COLLECTION_MADE = "collection.made"
    DRAFT_APPROVED = "draft.approved"
    DRAFT_RETURNED = "draft.returned"
    DRAFT_WITHDRAWN = "draft.withdrawn"
    DRAFT_WRITTEN = "draft.written"
    FILE_CLEANED = "file.cleaned"
    FILE_DOWNLOADED = "file.downloaded"
    FILE_OPENED = "file.opened"
    FREEZE_REFUSED = "freeze.refused"
    KEY_CHANGED = "key.changed"
    KEY_UNLOCKED = "key.unlocked"
    KEYRING_ACCEPTED = "keyring.accepted"
    LETTER_REFUSED = "letter.refused"
    LOG_CHECKPOINTED = "log.checkpointed"
    NOTE_WRITTEN = "note.written"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 -- a verb, not a password
    RELEASE_FROZEN = "release.frozen"
    RELEASE_WITHDRAWN = "release.withdrawn"
    REPLY_SENT = "reply.sent"
    ROLE_CHANGED = "role.changed"
    SEARCH_BUILT = "search.built"
    SEARCH_MADE = "search.made"
    SECOND_FACTOR_CHANGED = "second-factor.changed"
    SESSION_ENDED = "session.ended"
    SESSIONS_ENDED = "sessions.ended"
    SIGN_IN_FAILED = "sign-in.failed"
    SIGN_IN_LOCKED = "sign-in.locked"
    SIGN_IN_SUCCEEDED = "sign-in.succeeded"
    SLIPS_HANDED_OVER = "slips.handed-over"
    WORK_LIST_MADE = "work-list.made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that somebody of the staff did. Identifiers only, never a word of a reporter's."""

    number: int
    at: datetime
    actor: str
    verb: Verb
    subject: str
    details: Details

    def __post_init__(self) -> None:
        if not IDENTIFIER.fullmatch(self.actor):
            raise ValueError("the actor of an audit entry must be an identifier")
        if self.subject and not IDENTIFIER.fullmatch(self.subject):
            raise ValueError("the subject of an audit entry must be an identifier")
        if len(self.details) > MOST_DETAILS:
            raise ValueError(f"an audit entry has at most {MOST_DETAILS} details")
        for name, value in self.details.items():
            _check_detail(name, value)

    def leaf(self) -> bytes:
        """Return the bytes that are hashed: canonical JSON (RFC 8785), ASCII by construction."""
        said = {
            "actor": self.actor,
            "at": self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "details": dict(self.details),
            "number": self.number,
            "subject": self.subject,
            "verb": self.verb.value,
        }
        return json.dumps(said, sort_keys=True, separators=(",", ":")).encode("ascii")

    @classmethod
    def of_leaf(cls, leaf: bytes) -> Self:
        """Return the entry that `leaf` states.

        Raises:
            ValueError: if these are not the bytes an entry would be written as.
        """
        try:
            said = json.loads(leaf)
            at = datetime.strptime(said["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            entry = cls(
                number=said["number"],
                at=at,
                actor=said["actor"],
                verb=Verb(said["verb"]),
                subject=said["subject"],
                details=said["details"],
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not an audit entry") from error
        if entry.leaf() != leaf:
            raise ValueError("not in canonical form")
        return entry


def _check_detail(name: str, value: object) -> None:
    if not DETAIL_NAME.fullmatch(name):
        raise ValueError("the name of a detail is lower case letters and underscores")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"detail {name} must be text or a whole number")
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        raise ValueError(f"detail {name} is too large a number")
    if isinstance(value, str) and not IDENTIFIER.fullmatch(value):
        raise ValueError(f"detail {name} must be an identifier, without spaces")


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one leaf. The prefix keeps a leaf from passing for a node."""
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two children."""
    return sha256(b"\1" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Edge:
    """A tree of `size` leaves by the hashes of its full subtrees, the largest first.

    One subtree for each bit that is set in `size`: all that the next append needs.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} leaves has another number of full subtrees")

    def with_leaf(self, hashed: bytes) -> "Edge":
        """Return the tree with one leaf more, in O(log n) hashes."""
        hashes = [*self.hashes, hashed]
        # As many subtrees merge as a binary counter carries.
        for _carry in range((~self.size & (self.size + 1)).bit_length() - 1):
            right = hashes.pop()
            hashes.append(node_hash(hashes.pop(), right))
        return Edge(self.size + 1, tuple(hashes))

    @property
    def root(self) -> bytes:
        """The Merkle tree hash."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield the leaves [start, stop) that each full subtree covers, in the order of hashes."""
        start = 0
        for bit in range(self.size.bit_length() - 1, -1, -1):
            if self.size >> bit & 1:
                yield start, start + (1 << bit)
                start += 1 << bit


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash over `leaf_hashes`, in O(n)."""
    edge = Edge()
    for hashed in leaf_hashes:
        edge = edge.with_leaf(hashed)
    return edge.root


def inclusion_proof(number: int, leaf_hashes: Sequence[bytes]) -> list[bytes]:
    """Return the audit path of leaf `number` in the tree over `leaf_hashes`.

    Source: RFC 6962, section 2.1.1.
    """
    if not 0 <= number < len(leaf_hashes):
        raise ValueError(f"there is no leaf {number} among {len(leaf_hashes)}")
    path: list[bytes] = []
    while len(leaf_hashes) > 1:
        split = _split(len(leaf_hashes))
        left, right = leaf_hashes[:split], leaf_hashes[split:]
        if number < split:
            path.append(root_of(right))
            leaf_hashes = left
        else:
            path.append(root_of(left))
            leaf_hashes, number = right, number - split
    return path[::-1]


def consistency_proof(size: int, leaf_hashes: Sequence[bytes]) -> list[bytes]:
    """Return the proof that the first `size` leaves are still the first.

    Source: RFC 6962, section 2.1.2.
    """
    if not 0 < size <= len(leaf_hashes):
        raise ValueError(f"there was no tree of {size} leaves among {len(leaf_hashes)}")
    path: list[bytes] = []
    known = True  # whether the verifier has the hash of the subtree we stand in
    while size < len(leaf_hashes):
        split = _split(len(leaf_hashes))
        left, right = leaf_hashes[:split], leaf_hashes[split:]
        if size <= split:
            path.append(root_of(right))
            leaf_hashes = left
        else:
            path.append(root_of(left))
            leaf_hashes, size, known = right, size - split, False
    if not known:
        path.append(root_of(leaf_hashes))
    return path[::-1]


def _split(count: int) -> int:
    """Return the largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def verifies_inclusion(
    hashed: bytes, *, number: int, size: int, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Say whether `proof` shows leaf `number` in the tree of `size` leaves under `root`.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= number < size:
        return False
    turns = _turns(number, size - 1)
    if len(turns) != len(proof):
        return False
    for step, from_left in zip(proof, turns, strict=True):
        hashed = node_hash(step, hashed) if from_left else node_hash(hashed, step)
    return hashed == root


def verifies_consistency(
    *, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Say whether `proof` shows that the older tree is a beginning of the newer one.

    Source: RFC 9162, section 2.1.4.2.
    """
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root
    # A full older tree is a node of the newer one, and the verifier has its hash already.
    steps = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    shared = (old_size ^ (old_size - 1)).bit_length() - 1
    turns = _turns((old_size - 1) >> shared, (size - 1) >> shared)
    if len(steps) != len(turns) + 1:
        return False
    older = newer = steps[0]
    for step, from_left in zip(steps[1:], turns, strict=True):
        older = node_hash(step, older) if from_left else older
        newer = node_hash(step, newer) if from_left else node_hash(newer, step)
    return older == old_root and newer == root


def _turns(place: int, last: int) -> list[bool]:
    """Return, level by level up to the root, whether the sibling stands to the left.

    `place` is a node's number on its level and `last` that of the level's last node.
    """
    turns: list[bool] = []
    while last:
        from_left = bool(place & 1) or place == last
        turns.append(from_left)
        # A last node without sibling stands for itself on the next level.
        while from_left and place and not place & 1:
            place, last = place >> 1, last >> 1
        place, last = place >> 1, last >> 1
    return turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a witness keeps: that log `origin` had `size` entries under `root`."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed.

        Source: c2sp.org/tlog-checkpoint, "Note text".
        """
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode('ascii')}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the checkpoint that `text` states.

        Raises:
            ValueError: if it is not one; extension lines are allowed and ignored.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not lines[0]:
            raise ValueError("a checkpoint has three lines: origin, size, root")
        if not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1], re.ASCII):
            raise ValueError("the size in a checkpoint is not a number")
        try:
            root = b64decode(lines[2], validate=True)
        except NotBase64 as error:
            raise ValueError("the root in a checkpoint is not base64") from error
        if len(root) != HASH:
            raise ValueError(f"the root in a checkpoint has {len(root)} bytes")
        return cls(origin=lines[0], size=int(lines[1]), root=root)
