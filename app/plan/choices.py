"""The choices of a plan, in the words that pages, files and history share."""

import enum

SCALE = range(1, 6)  # of likelihood and of impact


class _Worded(enum.Enum):
    """A choice that pages, files and history show in the same words."""

    @property
    def label(self) -> str:
        """The choice as a page says it."""
        words = str(self.value).replace("-", " ")
        return words[:1].upper() + words[1:]


class Theme(enum.Enum):
    """The eleven themes of the Norfolk and Suffolk strategy, which every plan here uses."""

    ETHICS_AND_TRANSPARENCY = "ethics-and-transparency"
    GUIDANCE_AND_BENCHMARKING = "guidance-and-benchmarking"
    POLICY_AND_PROCEDURE = "policy-and-procedure"
    PEOPLE = "people"
    LEADERSHIP = "leadership"
    PERFORMANCE = "performance"
    CONFIDENCE = "confidence"
    COMPLAINTS = "complaints"
    COMMUNICATION = "communication"
    ANTI_CORRUPTION = "anti-corruption"
    ETHICAL_OVERSIGHT = "ethical-oversight"

    @property
    def label(self) -> str:
        """The theme as the strategy writes it."""
        if self is Theme.ANTI_CORRUPTION:
            return "Anti-Corruption"
        words = [word if word == "and" else word.title() for word in self.value.split("-")]
        return " ".join(words)


class PlanKind(_Worded):
    """What a document is: a plan has actions, a strategy says what for."""

    PLAN = "plan"
    STRATEGY = "strategy"


class ActionKind(_Worded):
    """What sort of thing an action is."""

    COMMITMENT = "commitment"
    GOVERNANCE = "governance"
    COMMUNICATION = "communication"
    REVIEW = "review"
    TRAINING = "training"
    INSPECTION = "inspection"
    CONSULTATION = "consultation"
    OTHER = "other"


class Priority(_Worded):
    """How pressing an action is. What a document does not state is not invented."""

    NOT_STATED = "not stated"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Status(_Worded):
    """How far an action is."""

    NOT_STARTED = "not started"
    IN_PROGRESS = "in progress"
    DONE = "done"
    # A decision, not an omission: looked at, and left as it is. It needs a note that says so.
    ADOPTED_NO_CHANGE = "adopted, no change"


class Level(_Worded):
    """How much a risk weighs, by likelihood times impact."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class PartKind(_Worded):
    """The lists that a plan or a strategy has beside its risks and actions."""

    FORCE = "force"
    OWNER = "owner"
    SECTION = "section"
    PRINCIPLE = "principle"
    OBJECTIVE = "objective"
    CONSIDERATION = "consideration"
    THEME = "theme"
    BODY = "body"


class Subject(_Worded):
    """What a change was made to."""

    PLAN = "plan"
    CORPORATE_RISK = "corporate risk"
    RISK = "integrity risk"
    ACTION = "action"


class EvidenceKind(_Worded):
    """What an action rests on: a published figure, or a document."""

    RELEASE = "published figure"
    DOCUMENT = "document"
    INSPECTION = "inspection finding"
    RESEARCH = "research"
    DECISION = "decision"


LIKELIHOODS = dict(
    zip(SCALE, ("Rare", "Unlikely", "Possible", "Likely", "Almost certain"), strict=True)
)
IMPACTS = dict(zip(SCALE, ("Negligible", "Minor", "Moderate", "Major", "Severe"), strict=True))
