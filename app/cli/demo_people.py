"""The invented staff of the demonstration, and the keyring that lists their keys."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.envelope.keyring import Desk, Keyring, Member, Statistics
from app.envelope.keyring import Role as SignedRole
from app.envelope.member_keys import MemberKey
from app.envelope.recipients import Recipient
from app.identity.domain import IN_KEYRING, ROLE_NAMES, Role

VALID_FOR = timedelta(days=365)
# Long enough ago that the invented concerns of past weeks were sealed under it.
ISSUED_BEFORE = timedelta(days=60)

# Offices that own actions of the plans that are loaded.
OFFICES = {"hr": "HR", "corporate-services": "Corporate Services"}
LABELS = {
    "psd": "Professional Standards",
    "ccu": "Counter-Corruption Unit",
    "independent": "Independent recipients",
    "chief": "Recipients the chief constable named",
    "reciprocal": "Professional Standards of a twinned force",
    "policing-body": "Office of the local policing body",
}


@dataclass(frozen=True, slots=True)
class InventedStaff:
    """Somebody who does not exist, with a password that everybody may know."""

    id: str
    name: str
    role: Role
    desk: str | None
    password: str
    office: str | None = None

    @property
    def is_introduced(self) -> bool:
        """Whether a newcomer is told of this person: one of each kind on each desk is enough."""
        return not any(
            (other.role, other.desk, other.office) == (self.role, self.desk, self.office)
            or (other.desk == self.desk != "psd" and self.desk)
            for other in STAFF[: STAFF.index(self)]
        )

    @property
    def holds_key(self) -> bool:
        """Whether the keyring lists a key of this person."""
        return self.role in IN_KEYRING

    @property
    def works_as(self) -> str:
        """What a newcomer is told of this person."""
        role = ROLE_NAMES[self.role].lower()
        if self.desk:
            return f"{role}, {LABELS[self.desk]}"
        if self.office:
            return f"{role}, {OFFICES[self.office]}"
        return role if self.holds_key else f"{role}, holds no key"


STAFF = (
    InventedStaff("amara", "Amara Bello", Role.HANDLER, "psd", "amara-opens-envelopes"),
    InventedStaff("tom", "Tom Ridley", Role.HANDLER, "psd", "tom-opens-envelopes"),
    InventedStaff("helen", "Helen Marsh", Role.DESK_HEAD, "psd", "helen-heads-the-desk"),
    InventedStaff("ruth", "Ruth Carey", Role.DESK_HEAD, "independent", "ruth-is-independent"),
    InventedStaff("dev", "Dev Anand", Role.HANDLER, "independent", "dev-is-independent"),
    InventedStaff("nadia", "Nadia Frost", Role.DESK_HEAD, "ccu", "nadia-counters-corruption"),
    InventedStaff("owen", "Owen Pryce", Role.HANDLER, "ccu", "owen-counters-corruption"),
    InventedStaff("mira", "Mira Sethi", Role.DESK_HEAD, "chief", "mira-was-nominated"),
    InventedStaff("hal", "Hal Brandt", Role.HANDLER, "chief", "hal-was-nominated"),
    InventedStaff("grace", "Grace Odell", Role.DESK_HEAD, "reciprocal", "grace-is-elsewhere"),
    InventedStaff("leo", "Leo Marchant", Role.HANDLER, "reciprocal", "leo-is-elsewhere"),
    InventedStaff("joan", "Joan Tarrant", Role.DESK_HEAD, "policing-body", "joan-monitors-only"),
    InventedStaff("kofi", "Kofi Mensah", Role.HANDLER, "policing-body", "kofi-monitors-only"),
    InventedStaff("sam", "Sam Okafor", Role.ADMINISTRATOR, None, "sam-holds-no-key"),
    InventedStaff("iris", "Iris Lund", Role.INTEGRITY_LEAD, None, "iris-leads-on-integrity"),
    InventedStaff("hugo", "Hugo Reyes", Role.PLAN_OWNER, None, "hugo-owns-some-actions", "hr"),
    InventedStaff(
        "cora", "Cora Whitby", Role.PLAN_OWNER, None, "cora-owns-some-actions", "corporate-services"
    ),
    InventedStaff("bea", "Bea Castle", Role.BOARD_MEMBER, None, "bea-sits-on-the-board"),
    InventedStaff("omar", "Omar Nasser", Role.POLICING_OBSERVER, None, "omar-observes-only"),
    InventedStaff("clara", "Clara Boyd", Role.CUSTODIAN, None, "clara-keeps-statistics"),
    InventedStaff("piers", "Piers Ames", Role.CUSTODIAN, None, "piers-keeps-statistics"),
    InventedStaff("yusuf", "Yusuf Khan", Role.CUSTODIAN, None, "yusuf-keeps-statistics"),
)


def invented_keyring(keys: dict[str, MemberKey], statistics: Recipient, today: date) -> Keyring:
    """Return the keyring of the demonstration: all desks, and everybody who holds a key."""
    holders = [person for person in STAFF if person.holds_key]
    return Keyring(
        serial=1,
        issued_on=today - ISSUED_BEFORE,
        expires_on=today + VALID_FOR,
        members=tuple(
            Member(
                id=person.id,
                name=person.name,
                role=SignedRole(person.role.value),
                recipient=keys[person.id].recipient,
                verification_key=keys[person.id].verification_key,
            )
            for person in holders
        ),
        desks=tuple(
            Desk(
                id=desk,
                label=label,
                members=tuple(person.id for person in holders if person.desk == desk),
            )
            for desk, label in LABELS.items()
        ),
        statistics=Statistics(
            recipient=statistics,
            custodians=tuple(person.id for person in holders if person.role is Role.CUSTODIAN),
        ),
    )
