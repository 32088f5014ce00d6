"""Every answer a reporter can give, and who reads at the desks of the tests."""

import itertools
from datetime import date

from app.routing.domain import ABOUT, QUESTIONS, Answers
from app.routing.service import table_on

DAY = date(2026, 11, 21)
TABLE = table_on(DAY)
DESKS = {
    "psd": ["amara", "tom", "helen"],
    "ccu": ["nadia", "owen"],
    "independent": ["ruth", "dev"],
    "chief": ["mira", "hal"],
    "reciprocal": ["grace", "leo"],
    "policing-body": ["joan", "kofi"],
}
CODES = {
    question: tuple(choice.code for choice in TABLE.choices(question, DAY))
    for question in QUESTIONS
}
SINGLE = [("", *CODES[question]) for question in QUESTIONS if question != ABOUT]


def every_answer(most: int):
    """Yield all answers with up to `most` codes of whom it is about, always in this order."""
    for size in range(most + 1):
        for about in itertools.combinations(CODES[ABOUT], size):
            for force, category, wish in itertools.product(*SINGLE):
                yield Answers(about=about, force=force, category=category, wish=wish)


def conflicted(answers: Answers) -> set[str]:
    """Return the desks that must not read, said without the table's own rules and bars."""
    never: set[str] = set()
    about = set(answers.about)
    elsewhere = answers.force == "another"
    if "psd_or_ccu" in about:
        never |= {"psd", "ccu"} | ({"reciprocal"} if elsewhere else set())
    if "chief_officer" in about:
        never |= {"psd", "ccu", "independent"} | ({"reciprocal", "chief"} if elsewhere else set())
    if "chief_constable" in about:
        never |= {"psd", "ccu", "independent", "chief", "reciprocal"}
        never |= {"policing-body"} if elsewhere else set()
    if "policing_body" in about or answers.wish == "independent":
        never |= set(DESKS)
    if answers.wish == "outside_force":
        never |= {"psd", "ccu", "independent", "chief"}
    if answers.category == "retaliation":
        never |= {"psd", "ccu"}
    return never
