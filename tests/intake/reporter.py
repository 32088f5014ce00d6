"""A reporter at a browser without scripts. Looks at every page she is given."""

import re
from io import BytesIO

from bs4 import BeautifulSoup
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from app.web.headers import HEADERS

MULTIPART = "multipart/form-data"
IDENTIFYING = {
    "User-Agent": "Needle/9.9 (identifying)",
    "X-Forwarded-For": "203.0.113.99",
    "Referer": "https://intranet.example/needle-path",
    "Accept-Language": "cy-needle",
}
ADDRESS = "198.51.100.77"


class Page:
    """A page somebody is looking at."""

    def __init__(self, response):
        self.status = response.status_code
        self.headers = response.headers
        self.text = response.text
        self.soup = BeautifulSoup(response.text, "html.parser")
        self._check()

    @property
    def heading(self):
        return " ".join(self.main.select_one("h1").text.split())

    @property
    def main(self):
        return self.soup.select_one("main")

    @property
    def problems(self):
        return [" ".join(li.text.split()) for li in self.main.select(".govuk-error-summary li")]

    @property
    def words(self):
        return [li.text for li in self.main.select("ol.cd-receipt__words li")]

    @property
    def letters(self):
        return [
            (
                letter.select_one(".cd-letter__from").text,
                letter.select_one(".cd-letter__when").text,
                letter.select_one(".cd-letter__text").text.strip(),
            )
            for letter in self.main.select(".cd-letter")
        ]

    @property
    def warnings(self):
        return [" ".join(item.text.split()) for item in self.main.select(".cd-thread__warning")]

    def form(self, action):
        """Return what a browser would send if nothing were changed, hidden fields included."""
        form = self.main.find("form", action=action)
        assert form is not None, f"no form leads to {action}: {self.heading} {self.problems}"
        fields = MultiDict()
        for field in form.find_all(["input", "textarea", "select"]):
            kind = field.get("type", "textarea")
            if not field.get("name") or kind == "file" or field.find_parent("template"):
                continue
            if field.name == "select":
                fields.add(
                    field["name"], (field.select_one("option[selected]") or field.option)["value"]
                )
                continue
            if kind in {"checkbox", "radio"} and not field.has_attr("checked"):
                continue
            # A browser drops the line end after the tag, and sends both signs of every other.
            value = field.text.removeprefix("\n") if kind == "textarea" else field.get("value", "")
            fields.add(field["name"], re.sub("\r?\n", "\r\n", value))
        return fields

    def _check(self):
        assert "Set-Cookie" not in self.headers
        assert not set(HEADERS) - set(self.headers.keys())
        title = self.soup.select_one("title").text.strip()
        assert len(self.main.select("h1")) == 1, "a page has one h1"
        assert title.removeprefix("Error: ").startswith(self.heading)
        assert title.startswith("Error: ") == bool(self.problems)
        ids = [tag["id"] for tag in self.soup.select("[id]") if not tag.find_parent("template")]
        assert len(ids) == len(set(ids)), "an id stands twice"
        for link in self.main.select(".govuk-error-summary a"):
            assert self.main.select_one(link["href"]), f"nothing at {link['href']}"
        for label in self.soup.select("label[for]"):
            assert label.find_parent("template") or self.soup.find(id=label["for"])
        for form in self.soup.select("form"):
            assert form["method"] == "post"
            assert form.has_attr("novalidate")
            assert form["autocomplete"] == "off"
        assert not self.soup.select("[style], [onclick]")


class Reporter:
    """Somebody who reports, and everything her browser says about her with every request."""

    def __init__(self, portal):
        self.browser = portal.test_client()
        self.page = None
        self.words = []

    def opens(self, path):
        return self._see(self.browser.get(path, **self._traces()))

    def posts(self, path, fields, **files):
        if not files:
            return self._see(self.browser.post(path, data=fields, **self._traces()))
        body = MultiDict(fields)
        for name, (content, file_name) in files.items():
            body.add(name, FileStorage(BytesIO(content), file_name))
        # In memory: the client would put a large body into a temporary file and leave it open.
        boundary, data = encode_multipart(body)
        kind = f"{MULTIPART}; boundary={boundary}"
        return self._see(self.browser.post(path, data=data, content_type=kind, **self._traces()))

    def submits(self, action, *, keep=(), to=None, **changes):
        """Fill in the form that leads to `action`, and send it there or `to` somewhere else."""
        fields = self.page.form(action)
        files = {name: changes.pop(name) for name in list(changes) if name.startswith("file_")}
        for name, value in changes.items():
            fields.setlist(name, value if isinstance(value, list) else [value])
        if action.endswith("/check") and to is None and not files:
            return self._see(
                self.browser.post(action, data=fields, content_type=MULTIPART, **self._traces())
            )
        return self.posts(to or action, fields, **files)

    def answers_routing(self, **answers):
        self.opens("/report")
        return self.submits("/report/write", **{"about": ["colleague"], "danger": "no", **answers})

    def writes(self, routing=None, **answers):
        """Go all the way to the page that asks to check."""
        self.answers_routing(**(routing or {}))
        return self.submits("/report/check", **{"what": "Somebody took the money.", **answers})

    def reports(self, routing=None, **answers):
        """Send a concern; remember the words."""
        self.writes(routing, **answers)
        page = self.submits("/report/send")
        self.words = page.words
        return page

    def comes_back(self, words=None):
        self.opens("/mailbox")
        return self.submits("/mailbox", receipt=" ".join(words or self.words))

    def answers(self, text, **files):
        """Write a further message from the open mailbox."""
        self.submits("/mailbox/check", text=text, **files)
        return self.submits("/mailbox/send")

    def _traces(self):
        return {"headers": IDENTIFYING, "environ_base": {"REMOTE_ADDR": ADDRESS}}

    def _see(self, response):
        assert not response.history
        self.page = Page(response)
        return self.page
