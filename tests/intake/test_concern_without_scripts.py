"""From the first page to an envelope that the right people can open, without scripts."""

import pytest

from app.envelope.errors import NoMatch
from app.envelope.format import parse_header_bytes
from app.envelope.padding import is_sealed_payload_length
from tests.intake.desk import opened, waiting

ON_SQLITE_UNLESS_PROVING = True


def test_the_whole_way_ends_in_an_envelope_that_the_right_members_open(portal, reporter, people):
    reporter.opens("/")
    page = reporter.writes(
        {"about": ["manager", "not_sure"], "danger": "no", "leave_out": ["tom"]},
        what="The keys were copied.\n\nTwice.",
        who="Sergeant X — “the usual”",
        afraid_of="Being moved",
    )
    assert page.heading == "Check what you wrote before it is sealed"
    assert {"Amara", "Helen"} <= set(page.text.replace("<", " ").replace(">", " ").split())
    assert waiting(portal) == []

    page = reporter.submits("/report/send")

    assert page.heading == "Your concern is sealed. This is your receipt"
    assert len(page.words) == 12
    [(letter, payload)] = waiting(portal)
    assert (letter.desk, letter.first, letter.urgent) == ("psd", True, False)
    for member in ("amara", "helen"):
        inside, attachments = opened(letter.header, payload, people.keys[member])
        assert inside.answers["what"] == "The keys were copied.\n\nTwice."
        assert inside.answers["who"] == "Sergeant X — “the usual”"
        assert inside.answers["about"] == "manager not_sure"
        assert inside.readers == ("amara", "helen")
        assert inside.left_out == ("tom",)
        assert inside.mailbox == letter.mailbox.hex()
        assert attachments == []
    for member in ("tom", "ruth", "dev"):
        with pytest.raises(NoMatch):
            opened(letter.header, payload, people.keys[member])


def test_the_envelope_has_the_form_of_every_other(portal, reporter):
    reporter.reports(what="Short.")
    [(letter, payload)] = waiting(portal)
    assert len(parse_header_bytes(letter.header, exactly=16).stanzas) == 16
    assert is_sealed_payload_length(len(payload))
    assert letter.size == len(payload)


def test_two_of_the_words_are_asked_for_and_the_words_are_out_of_sight(reporter):
    page = reporter.reports()
    words = page.words
    page = reporter.submits("/report/receipt", show="ask")
    assert page.heading == "Two of your twelve words"
    assert not any(f">{word}<" in page.text for word in words)

    page = reporter.submits("/report/receipt", word_1="wrong", word_2="")
    assert page.status == 422
    assert len(page.problems) == 2
    assert page.form("/report/receipt")["word_1"] == "wrong"

    asked = [int(place) for place in page.form("/report/receipt")["asked"].split()]
    page = reporter.submits(
        "/report/receipt", word_1=words[asked[0] - 1].upper(), word_2=words[asked[1] - 1][:4]
    )
    assert page.status == 200
    assert page.heading == "Your concern is sealed"
    assert "29 November 2026" in page.text


def test_the_words_can_be_seen_again_before_the_question_is_answered(reporter):
    words = reporter.reports().words
    reporter.submits("/report/receipt", show="ask")
    assert reporter.submits("/report/receipt", show="words").words == words


@pytest.mark.parametrize(
    ("about", "desk"),
    [
        (["psd_or_ccu"], "independent"),
        (["psd_or_ccu", "colleague"], "independent"),
        (["colleague"], "psd"),
        (["nobody"], "psd"),
    ],
)
def test_the_answers_choose_the_desk(portal, reporter, about, desk):
    reporter.reports({"about": about})
    [(letter, _payload)] = waiting(portal)
    assert letter.desk == desk


def test_whoever_leaves_the_whole_desk_out_is_sent_to_the_next(portal, reporter, people):
    reporter.reports({"about": ["colleague"], "leave_out": ["amara", "tom", "helen"]})
    [(letter, payload)] = waiting(portal)
    assert letter.desk == "independent"
    inside, _files = opened(letter.header, payload, people.keys["ruth"])
    assert inside.left_out == ("amara", "helen", "tom")


@pytest.mark.parametrize(
    "routing",
    [
        {"about": ["chief_constable"]},
        {"about": ["policing_body", "colleague"]},
        {"about": ["colleague"], "leave_out": ["amara", "tom", "helen", "ruth", "dev"]},
    ],
)
def test_what_nobody_here_should_read_is_sent_elsewhere_and_nothing_is_kept(
    portal, reporter, routing
):
    page = reporter.answers_routing(**routing)
    assert page.heading == "Somebody outside should take this"
    assert "IOPC" in page.text
    page = reporter.submits("/report")
    assert page.form("/report/write").getlist("about") == sorted(routing["about"])
    assert waiting(portal) == []


def test_danger_brings_999_and_a_choice_that_says_what_it_costs(portal, reporter):
    page = reporter.answers_routing(danger="yes")
    warning = page.main.select_one("[data-if-danger]")
    assert not warning.has_attr("hidden")
    assert "999" in warning.text
    assert "to the minute" in warning.text
    reporter.submits("/report/check", what="Now.", urgent="yes")
    reporter.submits("/report/send")
    [(letter, _payload)] = waiting(portal)
    assert letter.urgent


def test_without_danger_nothing_is_urgent(portal, reporter):
    page = reporter.answers_routing(danger="no")
    assert page.main.select_one("[data-if-danger]").has_attr("hidden")
    reporter.submits("/report/check", what="Not now.", urgent="yes")
    reporter.submits("/report/send")
    [(letter, _payload)] = waiting(portal)
    assert not letter.urgent


def test_nothing_typed_is_lost_on_the_way_back_and_forth(reporter):
    reporter.writes(
        {"about": ["manager"], "leave_out": ["tom"]}, what="<b>One</b> & two", where="There"
    )
    page = reporter.submits("/report/send", to="/report")
    assert page.heading == "Choose who can read your concern"
    assert page.form("/report/write").getlist("about") == ["manager"]
    page = reporter.submits("/report/write", about=["psd_or_ccu"])
    assert page.main.select_one("#what").text.strip() == "<b>One</b> & two"
    assert page.main.select_one("#where").text.strip() == "There"
    assert "Ruth" in page.text
    page = reporter.submits("/report/check")
    assert "<b>One</b> & two" in page.main.text
    page = reporter.submits("/report/send", to="/report/write")
    assert page.form("/report/check")["what"] == "<b>One</b> & two"


def test_wrong_input_says_so_and_keeps_everything(reporter):
    reporter.opens("/report")
    page = reporter.submits("/report/write", danger="yes", leave_out=["tom"])
    assert page.status == 422
    assert page.problems == ["Choose who it is about, or choose “I am not sure”"]
    assert page.form("/report/write").getlist("leave_out") == ["tom"]
    page = reporter.submits("/report/write", about=["colleague"])
    page = reporter.submits("/report/check", who="Everybody", urgent="yes")
    assert page.status == 422
    assert page.problems == ["Say what happened, in a few words or many"]
    assert page.form("/report/check")["who"] == "Everybody"
    assert page.form("/report/check")["urgent"] == "yes"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"what": "a" * 20_001, "who": "b" * 20_000}, "40,001 characters"),
        ({"what": "漢" * 19_000}, "too long for one letter"),
    ],
)
def test_too_many_words_are_said_to_be_too_many(portal, reporter, answers, said):
    page = reporter.writes(**answers)
    assert page.status == 422
    assert said in page.problems[0]
    for name, words in answers.items():
        assert page.form("/report/check")[name] == words
    assert waiting(portal) == []


def test_as_many_words_as_are_allowed_fit(portal, reporter, people):
    text = "é" * 20_000 + "x" * 12_000
    reporter.reports(what=text)
    [(letter, payload)] = waiting(portal)
    inside, _files = opened(letter.header, payload, people.keys["amara"])
    assert inside.answers["what"] == text


@pytest.mark.parametrize("routing", [{"about": ["made_up"]}, {"danger": "perhaps"}, {"about": []}])
def test_answers_that_no_page_of_ours_offers(reporter, routing):
    page = reporter.answers_routing(**routing)
    assert page.status == 422


def test_if_the_readers_change_meanwhile_the_page_shows_it_before_anything_is_sent(
    portal, reporter, people, settings
):
    reporter.writes()
    desks = (
        people.keyring.desks[0].__class__(
            id="psd", label="Professional Standards", members=("amara", "helen")
        ),
        people.keyring.desks[1],
    )
    people.write_keyring(settings.keyring.parent, people.next_keyring(desks=desks))
    page = reporter.submits("/report/send")
    assert page.status == 409
    assert "people who can read this have changed" in page.problems[0]
    assert waiting(portal) == []
    reporter.submits("/report/send")
    [(letter, payload)] = waiting(portal)
    with pytest.raises(NoMatch):
        opened(letter.header, payload, people.keys["tom"])


def test_recipients_depend_on_answers_and_keyring_alone(portal, reporter):
    """Whatever lies in the letterbox, the next reporter is offered the same people."""
    reporter.opens("/report")
    before = [box["value"] for box in reporter.page.main.select("input[name=leave_out]")]
    reporter.reports({"about": ["colleague"], "leave_out": ["tom"]})
    keyring = portal.test_client().get("/report/keyring.json").data
    reporter.reports({"about": ["psd_or_ccu"]})
    reporter.opens("/report")
    assert [box["value"] for box in reporter.page.main.select("input[name=leave_out]")] == before
    assert portal.test_client().get("/report/keyring.json").data == keyring
    assert "Tom" in reporter.answers_routing().main.select_one("[data-readers]").text


def test_exit_leads_to_a_page_that_says_nothing(portal, reporter):
    page = reporter.opens("/leave")
    assert page.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert page.soup.title.text == "Notices"
    for word in ("Candour", "concern", "report", "Constabulary"):
        assert word.lower() not in page.main.text.lower()
    assert "http" not in page.text


@pytest.mark.parametrize(
    "path",
    ["/", "/report", "/mailbox", "/help/anonymity", "/help/privacy", "/help/accessibility"],
)
def test_every_page_has_the_way_out(reporter, path):
    assert reporter.opens(path).soup.select_one('a.govuk-js-exit-this-page-button[href="/leave"]')
