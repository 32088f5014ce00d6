"""The people of the tests: two desks, their keys, and who signs the keyring."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from app.envelope.keyring import Desk, Keyring, Member, Role, sign_keyring
from app.envelope.member_keys import MemberKey
from app.envelope.signing import SigningKey

ON_DESK = {
    "psd": {"amara": Role.HANDLER, "tom": Role.HANDLER, "helen": Role.DESK_HEAD},
    "independent": {"ruth": Role.DESK_HEAD, "dev": Role.HANDLER},
}
LABELS = {"psd": "Professional Standards", "independent": "Independent recipients"}


@dataclass(frozen=True)
class People:
    """Who is who, with the private keys that only tests hold together."""

    keys: dict[str, MemberKey]
    signer: SigningKey
    keyring: Keyring

    @classmethod
    def make(cls, today: date) -> "People":
        keys = {name: MemberKey.generate() for desk in ON_DESK.values() for name in desk}
        members = tuple(
            Member(
                id=name,
                name=name.title(),
                role=role,
                recipient=keys[name].recipient,
                verification_key=keys[name].verification_key,
            )
            for desk in ON_DESK.values()
            for name, role in desk.items()
        )
        desks = tuple(
            Desk(id=desk, label=LABELS[desk], members=tuple(names))
            for desk, names in ON_DESK.items()
        )
        keyring = Keyring(
            serial=1,
            issued_on=today - timedelta(days=400),
            expires_on=today + timedelta(days=400),
            members=members,
            desks=desks,
        )
        return cls(keys, SigningKey.generate(), keyring)

    def write_keyring(self, folder: Path, keyring: Keyring | None = None) -> None:
        (folder / "keyring.json").write_bytes(sign_keyring(keyring or self.keyring, self.signer))
        (folder / "signer.pub").write_text(f"{self.signer.verification_key}\n", encoding="ascii")

    def next_keyring(self, **changes) -> Keyring:
        return replace(self.keyring, serial=self.keyring.serial + 1, **changes)
