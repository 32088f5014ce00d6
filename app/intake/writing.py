"""What a reporter writes: the questions, the limits, and what is wrong with a draft.

A draft lives in the page and in the memory of one request. Nothing here stores it.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from app.intake.domain import LARGEST_FILES, MOST_FILES
from app.routing.domain import Answers

MOST_CHARACTERS = 40_000  # over all answers
LONGEST_LETTER = 60_000  # bytes of letter.json; envelope-spec.md, section 4.3
# Bytes of letter.json beside words, labels and ids: keys, digests, names of fields.
REST_OF_LETTER = 4_000
REST_OF_ATTACHMENT = 140
LONGEST_LABEL = 80  # characters

# Control characters draw nothing, and would only tell one browser from another.
UNREADABLE = dict.fromkeys(code for code in range(32) if chr(code) not in "\n\t")

DANGER = ("yes", "no", "")
CHOOSE_HERE = "Choose from the answers on this page"

Problems = dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a concern; its code is the answer's name in the letter."""

    code: str
    label: str
    hint: str
    rows: int


QUESTIONS = (
    Question(
        "what",
        "What happened, or is happening?",
        "Begin with what worries you most. You do not have to prove it.",
        8,
    ),
    Question("who", "Who is involved?", "Names, ranks or roles, as far as you want to say.", 3),
    Question("where", "Where?", "A station, a system, a place.", 2),
    Question("when", "When?", "A month or a year is enough. An exact time can point to you.", 2),
    Question(
        "how_known",
        "How do you know?",
        "For example: I saw it, somebody told me, I found it in a record. "
        "If only a few people could know it, think about saying less.",
        3,
    ),
    Question(
        "who_else", "Who else knows about it?", "Somebody who saw it, or who was told before.", 3
    ),
    Question(
        "afraid_of",
        "What are you afraid might happen if this comes out?",
        "It helps the team to act without pointing at you.",
        3,
    ),
)
CODES = tuple(question.code for question in QUESTIONS)
LABELS = {question.code: question.label for question in QUESTIONS}


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that waits sealed, as the page that holds its key refers to it."""

    id: bytes
    size: int
    sha256: str
    label: str

    def __str__(self) -> str:
        return f"{self.id.hex()}:{self.size}:{self.sha256}:{self.label}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the file a page refers to, or None if no page of ours wrote this."""
        found = re.fullmatch(r"([0-9a-f]{32}):([0-9]{1,9}):([0-9a-f]{64}):(.{1,80})", text)
        if found is None:
            return None
        return cls(bytes.fromhex(found[1]), int(found[2]), found[3], found[4])


@dataclass(frozen=True, slots=True)
class Draft:
    """A concern as far as it is written."""

    about: tuple[str, ...] = ()
    force: str = ""
    category: str = ""
    wish: str = ""
    danger: str | None = None
    urgent: bool = False
    left_out: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(CODES, ""))

    @property
    def routing(self) -> Answers:
        """What the routing table decides by."""
        return Answers(about=self.about, force=self.force, category=self.category, wish=self.wish)

    def without_urgency_unless_danger(self) -> Self:
        """Return this draft with `urgent` only where somebody is in danger."""
        return replace(self, urgent=self.urgent and self.danger == "yes")


def tidy(text: str) -> str:
    """Return `text` with one kind of line end, without what cannot be read anyway."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines.translate(UNREADABLE).strip()


def tidy_label(text: str, number: int) -> str:
    """Return the label of a file in one line; `File 2` if it has none."""
    return " ".join(tidy(text).split()) or f"File {number}"


def routing_problems(draft: Draft, offered: Mapping[str, Collection[str]]) -> Problems:
    """Return what is wrong with the answers that choose the desk, by field.

    Args:
        draft: as it was sent.
        offered: the codes of the answers to each question of the routing table.
    """
    given = draft.routing.said
    problems = {
        question: CHOOSE_HERE
        for question, codes in offered.items()
        if any(code and code not in codes for code in given[question])
    }
    if not any(draft.about):
        problems["about"] = "Choose who it is about, or choose “I am not sure”"
    if draft.danger is not None and draft.danger not in DANGER:
        problems["danger"] = CHOOSE_HERE
    return problems


def answer_problems(draft: Draft, files: Sequence[WaitingFile]) -> Problems:
    """Return what is wrong with the answers, by field."""
    if not draft.answers["what"]:
        return {"what": "Say what happened, in a few words or many"}
    return _length_problems("what", draft.answers, _ids(draft), files)


def _ids(draft: Draft) -> list[str]:
    codes = [code for given in draft.routing.said.values() for code in given]
    return [*codes, *draft.left_out]


def text_problems(text: str, files: Sequence[WaitingFile]) -> Problems:
    """Return what is wrong with a later message, by field."""
    if not text:
        return {"text": "Write a message"}
    return _length_problems("text", {"text": text}, [], files)


def file_problems(files: Sequence[WaitingFile]) -> Problems:
    """Return what is wrong with the files together."""
    if len(files) > MOST_FILES:
        return {"file_1": f"You can send {MOST_FILES} files at most. Remove some of them"}
    if sum(file.size for file in files) > LARGEST_FILES:
        return {"file_1": "All files together must be smaller than 64 MB. Remove some of them"}
    return {}


def _length_problems(
    name: str, answers: Mapping[str, str], ids: Sequence[str], files: Sequence[WaitingFile]
) -> Problems:
    characters = sum(len(answer) for answer in answers.values())
    if characters > MOST_CHARACTERS:
        return {
            name: f"You have written {characters:,} characters in all. "
            f"Shorten it to {MOST_CHARACTERS:,}, or send the rest as a later message"
        }
    labels = [file.label for file in files]
    size = len(json.dumps([answers, ids, labels], ensure_ascii=False).encode())
    if size + REST_OF_LETTER + REST_OF_ATTACHMENT * len(files) > LONGEST_LETTER:
        return {name: "What you have written is too long for one letter. Send part of it later"}
    return {}
