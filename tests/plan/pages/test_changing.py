"""Forms: what is wrong is said and nothing typed is lost; two editors see both."""

import io

import pytest

from tests.plan.pages.conftest import Page

ALLIANCE, HERTS = "/staff/plans/alliance", "/staff/plans/hertfordshire"


def test_a_new_action_is_offered_the_next_number(lead):
    assert lead.opens(f"{ALLIANCE}/new-action").form()["number"] == "8"
    done = lead.submits(
        f"{ALLIANCE}/new-action", title="Look twice", owners="HR\nPSD", theme="people",
        review_on__day="1", review_on__month="2", review_on__year="2027", risk="1", objective="2",
    )  # fmt: skip
    assert (done.status, done.answer.location) == (303, f"{ALLIANCE}/actions/8")
    page = lead.opens(f"{ALLIANCE}/actions/8")
    assert "Added." in page.text
    for said in (
        "HR, PSD",
        "Review: 1 February 2027",
        "1. Misuse of police systems",
        "2. Systems and",
    ):
        assert said in page.text, said


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(lead):
    page = lead.submits(
        f"{ALLIANCE}/new-action", number="x", title="", details="Kept as typed", owners="=",
        review_on__day="31", review_on__month="2", review_on__year="2027",
    )  # fmt: skip
    assert page.status == 422
    assert len(page.errors) == 4
    fields = page.form()
    assert (fields["number"], fields["details"], fields["owners"]) == ("x", "Kept as typed", "=")
    assert fields["review_on-day"] == "31"
    assert page.soup.select_one("title").text.startswith("Error: ")


def test_a_number_that_is_taken_is_said(lead):
    page = lead.submits(f"{ALLIANCE}/new-action", number="3", title="Again")
    assert page.status == 422
    assert page.errors == ["The plan has an action 3 already"]
    assert page.form()["title"] == "Again"


def test_an_action_is_changed_and_the_history_says_so(lead):
    done = lead.submits(f"{ALLIANCE}/actions/5/edit", title="Train everybody", priority="low")
    assert done.status == 303
    page = lead.opens(f"{ALLIANCE}/actions/5")
    assert (
        "Action: from Train first-line managers to receive a concern → to Train everybody"
        in page.text
    )
    assert "Priority: from High → to Low" in page.text


def test_a_form_that_is_sent_unchanged_changes_nothing(lead):
    before = lead.opens(f"{ALLIANCE}/history").text
    for path in (f"{ALLIANCE}/actions/5/edit", f"{ALLIANCE}/actions/2/progress", f"{ALLIANCE}/edit",
                 f"{ALLIANCE}/risks/4/edit", f"{ALLIANCE}/corporate-risks/1/edit",
                 f"{HERTS}/actions/3/edit", "/staff/plans/norfolk-suffolk/edit"):  # fmt: skip
        assert lead.submits(path).status == 303, path
    assert lead.opens(f"{ALLIANCE}/history").text == before


@pytest.mark.parametrize(
    ("path", "hers", "his", "field"),
    [(f"{ALLIANCE}/actions/5/edit", "Hers", "His", "title"),
     (f"{ALLIANCE}/risks/1/edit", "Hers", "His", "title"),
     (f"{ALLIANCE}/corporate-risks/1/edit", "Hers", "His", "title"),
     (f"{ALLIANCE}/edit", "Hers", "His", "about"),
     (f"{ALLIANCE}/actions/5/progress", "Hers", "His", "note")],
)  # fmt: skip
def test_two_editors_at_once_see_both_and_lose_nothing(loaded, path, hers, his, field):
    ines, otto = loaded.person("ines"), loaded.person("otto")
    his_form = otto.opens(path).form()
    assert ines.submits(path, **{field: hers}).status == 303
    page = otto.posts(path, his_form | {field: his})
    assert page.status == 409
    told = " ".join(page.soup.select_one("#meanwhile").text.split())
    assert "Somebody else saved this while you had it open" in told
    assert hers in told
    assert his in told
    assert page.form()[field] == his
    assert otto.posts(path, page.form()).status == 303
    seen = (
        path.removesuffix("/edit").removesuffix("/progress").replace("corporate-risks/1", "risks")
    )
    text = otto.opens(seen).text
    assert his in text
    if field == "note":
        assert hers in text


def test_the_same_saved_twice_is_said(loaded):
    ines, otto = loaded.person("ines"), loaded.person("otto")
    path = f"{ALLIANCE}/actions/5/edit"
    his_form = otto.opens(path).form()
    ines.submits(path, title="The same")
    page = otto.posts(path, his_form | {"title": "The same"})
    assert page.status == 409
    assert "What they saved is what you typed" in page.text


def test_an_owner_says_how_far_it_is(loaded):
    hugo = loaded.person("hugo")
    page = hugo.submits(f"{ALLIANCE}/actions/6/progress", status="adopted, no change")
    assert page.status == 422
    assert page.errors == ["Say what was decided and why: “adopted, no change” is a decision"]
    done = hugo.submits(
        f"{ALLIANCE}/actions/6/progress", status="done", note="Every panel has one."
    )
    assert done.status == 303
    page = hugo.opens(f"{ALLIANCE}/actions/6")
    assert "Progress noted." in page.text
    assert "Every panel has one." in page.text
    assert "Status: from Not started → to Done" in page.text


@pytest.mark.parametrize("version", [None, "", "x", "-1", "1" * 20])
def test_a_form_without_its_version_is_no_form_of_ours(lead, version):
    path = f"{ALLIANCE}/actions/5/edit"
    fields = lead.opens(path).form()
    fields.pop("version")
    if version is not None:
        fields["version"] = version
    assert lead.posts(path, fields).status == 400


def test_a_form_without_its_token_is_refused(lead):
    for path in (f"{ALLIANCE}/actions/5/edit", f"{ALLIANCE}/review", f"{ALLIANCE}/new-risk"):
        fields = lead.opens(path).form()
        fields.pop("csrf_token")
        assert lead.posts(path, fields).status == 400


def test_risks_are_added_and_changed(lead):
    page = lead.submits(f"{ALLIANCE}/new-risk")
    assert page.status == 422
    assert len(page.errors) == 5
    done = lead.submits(
        f"{ALLIANCE}/new-risk", title="Gifts", corporate="1", likelihood="2", impact="3",
        theme="anti-corruption", force="Eastmere Constabulary",
    )  # fmt: skip
    assert done.answer.location == f"{ALLIANCE}/risks/5"
    assert "Medium, 6" in lead.opens(f"{ALLIANCE}/risks/5").text
    assert lead.submits(f"{ALLIANCE}/risks/5/edit", impact="5", force="").status == 303
    text = lead.opens(f"{ALLIANCE}/risks/5").text
    assert "Scope: from Eastmere Constabulary → to All forces together" in text
    assert lead.submits(f"{ALLIANCE}/new-corporate-risk").status == 422
    assert lead.submits(f"{ALLIANCE}/new-corporate-risk", title="Third").status == 303
    assert "Corporate risk 3: Third" in lead.opens(f"{ALLIANCE}/risks").text
    assert lead.submits(f"{ALLIANCE}/corporate-risks/3/edit", title="").status == 422


def test_a_plan_is_begun_and_changed(lead):
    page = lead.submits("/staff/plans/new", slug="New Plan")
    assert page.status == 422
    assert len(page.errors) == 3
    typed = {"title": "A new plan", "force": "One Force\nTwo Force", "review_months": "6",
             "objective": "First | with a note\nSecond"}  # fmt: skip
    assert lead.submits("/staff/plans/new", slug="alliance", **typed).status == 422
    assert lead.submits("/staff/plans/new", slug="actions", **typed).status == 422
    assert lead.submits("/staff/plans/new", slug="new-plan", **typed).status == 303
    text = lead.opens("/staff/plans/new-plan").text
    assert "an alliance of 2 forces" in text
    assert "First. with a note" in text
    assert lead.submits("/staff/plans/new-plan/edit", title="").status == 422
    assert lead.submits("/staff/plans/new-plan/edit", objective="Only").status == 303
    assert "Objective list: from" in lead.opens("/staff/plans/new-plan/history").text
    assert lead.submits("/staff/plans/new-plan/review").status == 303
    assert "Last reviewed 21 November 2026" in lead.opens("/staff/plans/new-plan").text


def test_a_list_keeps_what_actions_refer_to(lead):
    page = lead.submits(f"{ALLIANCE}/edit", objective="Only one", force="Another")
    assert page.status == 422
    assert page.errors[0].startswith("An action names objective 3")
    assert page.form()["objective"] == "Only one"


def test_documents_come_and_go(lead):
    path = f"{ALLIANCE}/actions/2/document"
    page = lead.submits(path)
    assert page.status == 422
    assert len(page.errors) == 3
    assert lead.submits(path, kind="research", title="A study", source="A college",
                        dated_on__day="1", dated_on__month="5", dated_on__year="2026",
                        why="It works").status == 303  # fmt: skip
    page = lead.opens(f"{ALLIANCE}/actions/2")
    assert "A study, A college, 1 May 2026 Research" in page.text
    [remove] = [link for link in page.links() if link.endswith("/remove")]
    assert "A study, A college" in lead.opens(remove).text
    assert lead.submits(remove).status == 303
    page = lead.opens(f"{ALLIANCE}/actions/2")
    assert "None yet." in page.text
    assert "Evidence removed: A study, A college" in page.text


def test_a_figure_must_be_a_published_one(lead):
    path = f"{ALLIANCE}/actions/2/figure"
    page = lead.opens(path)
    assert "No published figure is left here" in page.text
    assert "when a release is frozen" in lead.opens(path, about="all").text
    token = lead.opens(f"{ALLIANCE}/actions/2/document").form()["csrf_token"]
    for cell in ("", "0" * 32, "\x00"):
        assert lead.posts(path, {"csrf_token": token, "cell": cell}).status == 422
    nowhere = f"{ALLIANCE}/actions/77/figure"
    assert lead.posts(nowhere, {"csrf_token": token, "cell": "0" * 32}).status == 404


def sends(person, path, content, *, token=True, **fields):
    form = person.opens(path).form() | fields
    if not token:
        form.pop("csrf_token")
    parts = [
        f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in form.items()
    ]
    if content is not None:
        head = b'--limit\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
        parts.append(head + content + b"\r\n")
    body = b"".join(parts) + b"--limit--\r\n"
    kind = "multipart/form-data; boundary=limit"
    return Page(person.browser.post(path, data=body, content_type=kind))


def test_what_was_exported_is_imported_again_without_a_change(lead):
    for slug in ("alliance", "hertfordshire"):
        content = lead.opens(f"/staff/plans/{slug}/actions.csv").answer.data
        done = sends(lead, f"/staff/plans/{slug}/import", content, mode="revise")
        assert done.status == 303
        count = content.count(b"\r\n") - 1
        assert f"Imported: 0 added, 0 changed, {count} as they were." in lead.opens(
            done.answer.location).text  # fmt: skip
        assert lead.opens(f"/staff/plans/{slug}/actions.csv").answer.data == content


def test_a_plan_moves_to_an_empty_one_by_file(lead):
    lead.submits("/staff/plans/new", slug="copy", title="Copy", force="Hertfordshire Constabulary")
    content = lead.opens(f"{HERTS}/actions.csv").answer.data
    assert sends(lead, "/staff/plans/copy/import", content).status == 303
    assert lead.opens("/staff/plans/copy/actions.csv").answer.data == content


def test_a_bad_file_is_refused_whole_with_row_and_column(lead):
    content = lead.opens(f"{HERTS}/actions.csv").answer.data
    bad = content.replace(b"Chief officers", b"x" * 90).replace(b"Performance", b"Nonsense")
    page = sends(lead, f"{HERTS}/import", bad, mode="revise")
    assert page.status == 422
    assert page.soup.select_one(".govuk-error-summary__title").text.strip() == (
        "Nothing of the file was imported"
    )
    assert page.errors[0].startswith("Row 2, column Owners: ")
    assert page.errors[-1].startswith("Row 18, column Theme: ")
    assert page.form()["mode"] == "revise"
    assert lead.opens(f"{HERTS}/actions.csv").answer.data == content


def test_a_known_number_is_an_error_if_only_new_ones_are_wanted(lead):
    content = lead.opens(f"{HERTS}/actions.csv").answer.data
    page = sends(lead, f"{HERTS}/import", content, mode="add")
    assert page.status == 422
    assert page.errors[0] == "Row 2, column Number: The plan has an action 1 already"


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "Choose a CSV file"), (b"", "Choose a CSV file"),
     (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MiB"),
     (b"x" * (3 * 1024 * 1024), "larger than 2 MiB"), (b"\xff\xfea", "not UTF-8")],
)  # fmt: skip
def test_what_is_no_file_of_ours_is_said(lead, content, says):
    page = sends(lead, f"{HERTS}/import", content)
    assert page.status == 422
    assert says in page.errors[0]


def test_a_file_without_the_forms_token_is_refused(lead):
    content = lead.opens(f"{HERTS}/actions.csv").answer.data
    assert sends(lead, f"{HERTS}/import", content, token=False).status == 400
    assert sends(lead, f"{HERTS}/import", content, csrf_token="x").status == 400
    assert lead.browser.post(f"{HERTS}/import", data={"a": "b"}).status_code == 400
    other = f"{ALLIANCE}/review"
    form = lead.opens(other).form() | {"file": (io.BytesIO(b"x"), "x")}
    refused = lead.browser.post(other, data=form, content_type="multipart/form-data")
    assert refused.status_code == 400, "no other page takes a file"


def test_files_are_named_and_kept_by_nobody(lead):
    for name, kind in (("actions.csv", "text/csv"), ("actions.xlsx", "application/vnd")):
        answer = lead.opens(f"{ALLIANCE}/{name}").answer
        assert answer.content_type.startswith(kind)
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="alliance')
        assert answer.headers["Cache-Control"] == "no-store"
        assert lead.opens(f"{ALLIANCE}/{name}").answer.data == answer.data
