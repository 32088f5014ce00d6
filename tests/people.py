"""The people of the tests: two desks, three custodians, their keys, and the two who sign the keyring."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from app.envelope.identities import Identity
from app.envelope.keyring import Desk, Keyring, Member, Role, Statistics
from app.envelope.keyring_file import sign_keyring
from app.envelope.member_keys import MemberKey
from app.envelope.signing import SigningKey

ON_DESK = {
    "psd": {"amara": Role.HANDLER, "tom": Role.HANDLER, "helen": Role.DESK_HEAD},
    "independent": {"ruth": Role.DESK_HEAD, "dev": Role.HANDLER},
}
# What a portal with all six desks has besides.
ON_OTHER_DESKS = {
    "ccu": {"nadia": Role.DESK_HEAD, "owen": Role.HANDLER},
    "chief": {"mira": Role.DESK_HEAD, "hal": Role.HANDLER},
    "reciprocal": {"grace": Role.DESK_HEAD, "leo": Role.HANDLER},
    "policing-body": {"joan": Role.DESK_HEAD, "kofi": Role.HANDLER},
}
CUSTODIANS = ("carol", "cyril", "cleo")
LABELS = {
    "psd": "Professional Standards",
    "independent": "Independent recipients",
    "ccu": "Counter-Corruption Unit",
    "chief": "Recipients the chief constable named",
    "reciprocal": "Professional Standards of a twinned force",
    "policing-body": "Office of the local policing body",
}


@dataclass(frozen=True)
class People:
    """Who is who, with the private keys that only tests hold together."""

    keys: dict[str, MemberKey]
    signers: tuple[SigningKey, SigningKey]
    keyring: Keyring
    # What two custodians unlock together in a freeze.
    statistics: Identity

    @classmethod
    def make(cls, today: date, *, six_desks: bool = False) -> "People":
        on_desk = ON_DESK | (ON_OTHER_DESKS if six_desks else {})
        roles = {name: role for desk in on_desk.values() for name, role in desk.items()}
        roles |= dict.fromkeys(CUSTODIANS, Role.CUSTODIAN)
        keys = {name: MemberKey.generate() for name in roles}
        statistics = Identity.generate()
        members = tuple(
            Member(
                id=name,
                name=name.title(),
                role=role,
                recipient=keys[name].recipient,
                verification_key=keys[name].verification_key,
            )
            for name, role in roles.items()
        )
        desks = tuple(
            Desk(id=desk, label=LABELS[desk], members=tuple(names))
            for desk, names in on_desk.items()
        )
        keyring = Keyring(
            serial=1,
            issued_on=today - timedelta(days=400),
            expires_on=today + timedelta(days=400),
            members=members,
            desks=desks,
            statistics=Statistics(recipient=statistics.recipient, custodians=CUSTODIANS),
        )
        return cls(keys, (SigningKey.generate(), SigningKey.generate()), keyring, statistics)

    def write_keyring(self, folder: Path, keyring: Keyring | None = None) -> None:
        (folder / "keyring.json").write_bytes(sign_keyring(keyring or self.keyring, self.signers))
        public = "".join(f"{signer.verification_key}\n" for signer in self.signers)
        (folder / "signer.pub").write_text(public, encoding="ascii")

    def next_keyring(self, **changes) -> Keyring:
        return replace(self.keyring, serial=self.keyring.serial + 1, **changes)
