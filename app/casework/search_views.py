"""The page on which a member searches the cases she has opened.

What she looks for is sent in a form and not in an address, and answered without a redirect: it
may be a name, and addresses are written down along the way, by browsers and by whatever stands
between them and this server.
"""

from typing import cast

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.casework import at_desk, search, search_rows, wording
from app.casework.search import Hit, Reader
from app.casework.search_forms import SearchForm
from app.casework.search_index import Index
from app.envelope.places import FinderKey, Places
from app.identity.access import allows, remember, remembered, signed_in, unlocked
from app.identity.domain import Permission
from app.keyring.service import KeyringFiles, signed
from app.web.request_work import begin_work, look_work, settings

bp = Blueprint("search", __name__, url_prefix="/staff/search")


@bp.get("/")
@allows(Permission.READ_CASES)
def ask_search() -> ResponseReturnValue:
    return render_template("casework/search.html", form=SearchForm(formdata=None), hits=None)


@bp.post("/")
@allows(Permission.READ_CASES)
def find_cases() -> ResponseReturnValue:
    form = SearchForm()
    if not form.validate_on_submit():
        return render_template("casework/search.html", form=form, hits=None), 422
    index = _index()
    shown = search.find(index, form.terms(), page=form.wanted_page())
    with begin_work() as work:
        hits: list[Hit] = search.hits(work, shown.found, by=signed_in())
        today = work.today
    return render_template(
        "casework/search.html",
        form=form,
        hits=hits,
        page=shown.page,
        more=shown.more,
        before=(shown.page - 1) * search.ON_A_PAGE,
        searched=len(index.refs),
        left_out=index.left_out,
        today=today,
        states=wording.STATES,
        due=wording.due,
    )


def _index() -> Index:
    """Return this session's index, with every case as it stands in this moment."""
    index = cast(Index | None, remembered()) or Index()
    with look_work() as work:
        # Asked before the stamps: what is written in between is looked for again next time.
        state = search_rows.state(work, by=signed_in())
    if not index.is_at(state):
        _bring_up(index, state)
    remember(index)
    return index


def _bring_up(index: Index, state: search_rows.State) -> None:
    """Bring an index to what its member may search now, which is at least what `state` says."""
    with look_work() as work:
        now = search_rows.stamps(work, by=signed_in())
        keyring = signed(work, KeyringFiles.of(settings()))
        wanted = search_rows.newest_first(work, search.outdated(index, now), by=signed_in())
    reader = Reader(key=FinderKey(unlocked().identity), keyring=keyring, objects=at_desk.objects())
    places: dict[str, Places] = {}
    for start in range(0, len(wanted), search_rows.AT_ONCE):
        with look_work() as work:
            some = wanted[start : start + search_rows.AT_ONCE]
            cases = search_rows.sealed(work, some, by=signed_in())
        places |= search.put(index, cases, reader)
    if wanted:
        with begin_work() as work:
            search.note_build(work, len(wanted), places, by=signed_in())
    index.settle(state, now)
