"""A dozen invented concerns for the demonstration. Nobody in them exists."""

import enum
from dataclasses import dataclass, field

from app.intake.writing import CODES, Draft


class Stage(enum.Enum):
    """How far the demonstration takes a concern before a newcomer sees it."""

    IN_THE_LETTERBOX = "in the letterbox"
    UNOPENED = "unopened"
    OPENED = "opened"
    ASKED = "asked"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedConcern:
    """What an invented reporter wrote, when, and what came of it."""

    days_ago: int
    stage: Stage
    about: tuple[str, ...]
    what: str
    who: str = ""
    where: str = ""
    when: str = ""
    how_known: str = ""
    who_else: str = ""
    afraid_of: str = ""
    # What the reporter chose besides, before it was sealed.
    force: str = ""
    said_category: str = ""
    wish: str = ""
    left_out: tuple[str, ...] = field(default=())
    question: str = ""
    answer: str = ""
    closing: str = ""
    # What the desk wrote on the case sheet of one that was closed.
    place: tuple[str, str] = ("a", "unknown")
    category: str = "not_sure"
    outcome: str = "learning"
    learning: str = ""

    @property
    def draft(self) -> Draft:
        """What the reporter's pages would have carried."""
        return Draft(
            about=self.about,
            force=self.force,
            category=self.said_category,
            wish=self.wish,
            danger="no",
            left_out=self.left_out,
            answers={code: getattr(self, code) for code in CODES},
        )


CONCERNS = (
    InventedConcern(
        days_ago=30,
        stage=Stage.CLOSED,
        about=("colleague",),
        what="Overtime is claimed for shifts that were not worked. The duty sheets say one thing "
        "and the claims another, and it has gone on since the spring.",
        who="Two people on the same response team. I would rather not name them yet.",
        where="The northern response base.",
        when="April until now, mostly at weekends.",
        how_known="I help with the duty sheets.",
        question="Which weekends should we look at first?",
        answer="The first two of June. The sheets for those were changed afterwards.",
        closing="Thank you. We found things to put right and have changed how claims are checked. "
        "We cannot give personal details. Your words still work if you want to add something.",
        place=("a", "response"),
        category="theft_fraud",
        learning="Claims for overtime are checked against the duty sheets each month.",
    ),
    InventedConcern(
        days_ago=21,
        stage=Stage.ANSWERED,
        about=("manager",),
        what="A sergeant makes remarks about women on the team in briefings, and people laugh "
        "because they are afraid not to.",
        who="The sergeant of the late turn.",
        where="Briefing room, town centre station.",
        when="Nearly every week.",
        how_known="I am there.",
        who_else="Most of the late turn.",
        afraid_of="My next posting is his to decide.",
        question="Is there anything in writing, such as messages in a group? You do not have to "
        "answer, and please add nothing that could point to you.",
        answer="There is a group. I am not the only one who has seen it, so it would not be me.",
    ),
    InventedConcern(
        days_ago=15,
        stage=Stage.ASKED,
        about=("colleague",),
        what="Someone looks people up on force systems who are not part of any job. I have seen a "
        "neighbour's name on the screen.",
        where="The control room annexe.",
        when="Last month, at least three times.",
        how_known="I walked past and saw the screen.",
        question="Can you remember which day of the week it was? If you are not sure, say so.",
    ),
    InventedConcern(
        days_ago=12,
        stage=Stage.ASKED,
        about=("psd_or_ccu",),
        what="A complaint I know about was closed within two days by someone who used to be on the "
        "same team as the officer complained of.",
        who="A member of Professional Standards.",
        when="This autumn.",
        how_known="I was told by the person who complained.",
        question="Do you know whether the person who complained was given a reference?",
    ),
    InventedConcern(
        days_ago=9,
        stage=Stage.OPENED,
        about=("contractor",),
        said_category="theft_fraud",
        what="Parts from seized vehicles are going missing at the yard the contractor runs.",
        where="The vehicle pound.",
        when="Since the new contract began.",
        how_known="The inventory and the photographs do not match.",
    ),
    InventedConcern(
        days_ago=7,
        stage=Stage.OPENED,
        about=("chief_officer",),
        force="a",
        said_category="bribery_gifts",
        what="A chief officer accepted hospitality from a company that was bidding for a contract, "
        "and I cannot find it in the register.",
        when="In the summer, before the award.",
        how_known="I saw the invitation.",
        afraid_of="There are few of us who could have seen it.",
    ),
    InventedConcern(
        days_ago=6,
        stage=Stage.OPENED,
        about=("colleague",),
        what="A colleague smells of drink at the start of early turn and drives.",
        who="Someone on my own team.",
        when="Twice this month.",
        afraid_of="I want him to get help. I do not want him sacked.",
        left_out=("tom",),
    ),
    InventedConcern(
        days_ago=4,
        stage=Stage.UNOPENED,
        about=("nobody",),
        what="Body-worn video is switched off at the same point in the same kind of stop. Nobody "
        "says it aloud but it is taught to new joiners.",
        when="As long as I have been here.",
    ),
    InventedConcern(
        days_ago=3,
        stage=Stage.UNOPENED,
        about=("manager",),
        what="I raised a health and safety matter and was moved off the unit a week later.",
        where="The custody suite.",
        when="October.",
        afraid_of="That this looks like a grudge.",
    ),
    InventedConcern(
        days_ago=3,
        stage=Stage.UNOPENED,
        about=("psd_or_ccu", "colleague"),
        what="Somebody warned a team that an integrity test was coming. They knew the date.",
        who="It can only have come from inside the Counter-Corruption Unit.",
        how_known="Three people told me the same story before the day.",
    ),
    InventedConcern(
        days_ago=2,
        stage=Stage.UNOPENED,
        about=("chief_constable",),
        force="a",
        what="The chief constable asked for a friend's speeding case to be looked at again.",
        how_known="I saw the message.",
    ),
    InventedConcern(
        days_ago=2,
        stage=Stage.UNOPENED,
        about=("manager",),
        force="b",
        wish="outside_force",
        what="Two people who spoke up on our unit were named in a briefing the next day.",
        when="Last month.",
    ),
    InventedConcern(
        days_ago=0,
        stage=Stage.IN_THE_LETTERBOX,
        about=("not_sure",),
        what="Cash from a search was counted twice and the two counts differ.",
        when="Last week.",
    ),
    InventedConcern(
        days_ago=0,
        stage=Stage.IN_THE_LETTERBOX,
        about=("colleague",),
        said_category="media_social",
        what="A special constable shares pictures from incidents in a private chat.",
        when="This month.",
        how_known="A friend showed me on her phone.",
    ),
)
