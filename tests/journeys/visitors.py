"""Who uses a portal, and what they do there: HTTP without scripts, every page checked."""

import http.client
import socket
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.cookies import SimpleCookie

from app.envelope.receipts import Receipt
from tests.journeys.canaries import canary
from tests.journeys.pages import Body, Enclosed, Page, check_headers
from tests.journeys.running import PASSWORD, RunningPortal

ADDRESS = "127.0.0.77"  # of every reporter
AGENT = f"Mozilla/5.0 (X11; {canary('agent')}) Gecko/20100101 Firefox/140.0"
LANGUAGES = f"en-GB,en;q=0.7,x-{canary('tongue')};q=0.1"
PATIENCE = 120.0  # seconds
HALF = 2  # an upload is sent in this many parts when somebody wants to look between them
MOST_LOOKS = 40  # at an inbox


class Refused(Exception):
    """The portal answered with a page, but not with the one that was expected."""

    def __init__(self, page: Page) -> None:
        super().__init__(f"{page.status} on {page.path}: {page.heading}: {page.main}")
        self.page = page


class Visitor:
    """A browser without scripts: follows redirects, fills in forms, checks every page."""

    source = "127.0.0.1"
    agent = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"
    languages = "en-GB"
    more_headers: Mapping[str, str] = {}
    takes_cookies = False

    def __init__(self, portal: RunningPortal) -> None:
        self.portal = portal
        self.cookies: dict[str, str] = {}
        # Called after each answer, and while the second half of a body is held back.
        self.after_each: Callable[[], None] = lambda: None
        self.halfway: Callable[[], None] | None = None

    def opens(self, path: str, *, expecting: int = 200) -> Page:
        """Open a page."""
        return self._page(Body("GET", path, "", b""), expecting)

    def submits(
        self,
        page: Page,
        action: str,
        press: str | None = None,
        *,
        expecting: int = 200,
        **typed: str | Sequence[str] | Enclosed | None,
    ) -> Page:
        """Fill in the form that goes to `action`, press a button, and return the next page."""
        return self._page(page.form(action).filled(press, typed), expecting)

    def _page(self, body: Body, expecting: int) -> Page:
        status, headers, content = self.asks(body)
        if status == 303:
            assert not headers["Location"].startswith("http"), headers["Location"]
            return self._page(Body("GET", headers["Location"], "", b""), expecting)
        assert headers["Content-Type"] == "text/html; charset=utf-8", (status, body.path)
        page = Page(body.path, status, headers, content.decode())
        if status != expecting:
            raise Refused(page)
        return page

    def asks(self, body: Body) -> tuple[int, Mapping[str, str], bytes]:
        """Send one request, and return what comes back."""
        with self.during(f"{body.method} {body.path}"):
            status, headers, content = self._exchange(body)
        check_headers(headers, f"{status} {body.path}")
        self._take_cookies(headers)
        self.after_each()
        return status, headers, content

    @contextmanager
    def during(self, _what: str) -> Iterator[None]:
        yield

    def _exchange(self, body: Body) -> tuple[int, Mapping[str, str], bytes]:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.portal.port, timeout=PATIENCE, source_address=(self.source, 0)
        )
        try:
            connection.putrequest(body.method, body.path, skip_accept_encoding=True)
            for name, value in self._headers(body).items():
                connection.putheader(name, value)
            connection.endheaders()
            self._send(connection.sock, body.content)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def _send(self, connection: socket.socket, content: bytes) -> None:
        if self.halfway is None or not content:
            connection.sendall(content)
            return
        half = len(content) // HALF
        connection.sendall(content[:half])
        self.portal.wait_until_read(connection)
        self.halfway()
        connection.sendall(content[half:])

    def breaks_off(self, body: Body, *, meanwhile: Callable[[], None]) -> None:
        """Send half of a request, and hang up once the server has read that."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.portal.port, timeout=PATIENCE, source_address=(self.source, 0)
        )
        with self.during(f"half of {body.method} {body.path}"):
            connection.putrequest(body.method, body.path, skip_accept_encoding=True)
            for name, value in self._headers(body).items():
                connection.putheader(name, value)
            connection.endheaders()
            connection.sock.sendall(body.content[: len(body.content) // HALF])
            self.portal.wait_until_read(connection.sock)
            meanwhile()
            connection.close()
        # A worker that still answers this one would hold the next: the next comes when it has.
        self.opens("/leave")

    def _headers(self, body: Body) -> dict[str, str]:
        headers = {"User-Agent": self.agent, "Accept-Language": self.languages, **self.more_headers}
        if body.method == "POST":
            headers |= {"Content-Type": body.kind, "Content-Length": str(len(body.content))}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return headers

    def _take_cookies(self, headers: Mapping[str, str]) -> None:
        for line in headers.get_all("Set-Cookie", ()):
            assert self.takes_cookies, f"a reporter's page set a cookie: {line}"
            for name, morsel in SimpleCookie(line).items():
                assert morsel["httponly"], line
                assert morsel["samesite"] == "Strict", line
                self.cookies[name] = morsel.value
                if not morsel.value or morsel["max-age"] == "0":
                    del self.cookies[name]


class Reporter(Visitor):
    """Somebody who writes, keeps twelve words, and comes back with them."""

    source = ADDRESS
    agent = AGENT
    languages = LANGUAGES
    more_headers = {  # noqa: RUF012 -- read only
        "Referer": f"https://intranet.example/{canary('referer')}",
        "X-Forwarded-For": ADDRESS,
    }

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        with self.portal.diary.act(what):
            yield

    # The way of a concern, page by page.

    def chooses(
        self,
        about: Sequence[str] = ("colleague",),
        danger: str = "no",
        leave_out: Sequence[str] = (),
        category: str = "",
    ) -> Page:
        """Answer the questions that choose the desk; the page to write on."""
        page = self.submits(
            self.opens("/report"),
            "/report/write",
            about=about,
            danger=danger,
            leave_out=leave_out,
            category=category,
        )
        assert page.heading == "Write your concern"
        return page

    def writes(
        self, page: Page, answers: Mapping[str, str], files: Sequence[Enclosed] = ()
    ) -> Page:
        """Fill in the page to write on; the page for a last look."""
        page = self.submits(page, "/report/check", "Continue", **answers, **enclosing(files))
        assert page.heading == "Check what you wrote before it is sealed"
        return page

    def sends(self, page: Page) -> Receipt:
        """Seal what was checked; the receipt, its words copied from the page."""
        page = self.submits(page, "/report/send", "Seal and send")
        return self.copies_words(page)

    def copies_words(self, page: Page) -> Receipt:
        """Copy the words, and prove it by two of them."""
        words = page.texts("ol[data-words] li")
        assert len(words) == 12
        page = self.submits(page, "/report/receipt", "I have written them down")
        assert not set(words) & set(page.texts("li")), "words and questions stand together"
        places = [int(place) for place in page.texts("[data-ask]")]
        typed = {f"word_{at}": words[place - 1] for at, place in enumerate(places, 1)}
        page = self.submits(page, "/report/receipt", "Continue", **typed)
        assert page.heading == "Your concern is sealed"
        return Receipt.parse(" ".join(words))

    def seals(
        self,
        answers: Mapping[str, str],
        files: Sequence[Enclosed] = (),
        **choices: str | Sequence[str],
    ) -> Receipt:
        """Go all the way of a concern, and return its receipt."""
        return self.sends(self.writes(self.chooses(**choices), answers, files))

    # The way back.

    def returns(self, words: Sequence[str], *, expecting: int = 200) -> Page:
        """Open the mailbox with a receipt."""
        return self.submits(
            self.opens("/mailbox"), "/mailbox", receipt=" ".join(words), expecting=expecting
        )

    def saves(self, thread: Page, label: str) -> bytes:
        """Save the file that a letter of the team's calls `label`."""
        press = f"Save this file : {label}"
        body = thread.form("/mailbox/check").filled(press, {})
        assert body.path == "/mailbox/file"
        status, headers, content = self.asks(body)
        assert status == 200
        assert headers["Content-Disposition"].startswith('attachment; filename="file.')
        return content

    def answers(self, thread: Page, text: str, files: Sequence[Enclosed] = ()) -> Page:
        """Write to the desk from the page of the thread."""
        page = self.submits(thread, "/mailbox/check", "Continue", text=text, **enclosing(files))
        assert page.heading == "Check your message before it is sealed"
        page = self.submits(page, "/mailbox/send", "Seal and send")
        assert page.heading == "Your message is sealed"
        return page


def enclosing(files: Sequence[Enclosed]) -> dict[str, str | Enclosed | None]:
    """Return the fields of the files of a form, each with its label and its box."""
    return {
        name: value
        for number, file in enumerate(files, 1)
        for name, value in (
            (f"label_{number}", file.label),
            (f"clean_{number}", "yes" if file.cleaned else None),
            (f"file_{number}", file),
        )
    }


def receipt_carried(page: Page) -> Receipt:
    """Return the receipt whose bytes a page carries hidden, before its words are shown."""
    text = page.soup.select_one("input[name=entropy]")["value"]
    return Receipt(urlsafe_b64decode(text + "=="))


class Handler(Visitor):
    """A member of a desk with an account and an authenticator."""

    takes_cookies = True

    def __init__(self, portal: RunningPortal, name: str) -> None:
        super().__init__(portal)
        self.name = name

    def signs_in(self) -> Page:
        """Sign in with password and one-time code; her inbox. Her account is opened if need be."""
        if self.name not in self.portal.codes:
            self.portal.enrol(self.name)
        page = self.submits(
            self.opens("/staff/sign-in"),
            "/staff/sign-in",
            name=self.name,
            password=PASSWORD.format(self.name),
            code=self.portal.code_of(self.name),
        )
        assert page.path == "/staff/", page.main
        return page

    def signs_out(self) -> None:
        page = self.opens("/staff/")
        assert self.submits(page, "/staff/sign-out").heading == "Sign in"

    def sees(self, drawer: str = "waiting") -> list[str]:
        """Return the references of the cases in a part of her inbox."""
        page = self.opens(f"/staff/?show={drawer}")
        found = page.texts(".cd-inbox a.cd-exact")
        while further := page.soup.select_one(".govuk-pagination__next a"):
            page = self.opens(further["href"])
            found += page.texts(".cd-inbox a.cd-exact")
        return found

    def comes_upon(self, ref: str) -> None:
        """Open her inbox until her key was tried on a case: on a busy machine not all is at once."""
        for _ in range(MOST_LOOKS):
            status, _headers, _content = self.asks(Body("GET", f"/staff/cases/{ref}", "", b""))
            if status != 404:
                return
            self.opens("/staff/")
        raise AssertionError(f"{self.name} never came upon {ref}")

    def opens_case(self, ref: str) -> Page:
        """Open a case, declaring that she has no conflict if she is asked."""
        page = self.opens(f"/staff/cases/{ref}")
        if page.path.endswith("/declare"):
            page = self.submits(page, page.path, "Continue", said="no conflict")
        assert page.heading == f"Case {ref}"
        return page

    def downloads(self, case: Page, label: str) -> bytes:
        """Download the file that a letter of the case calls `label`."""
        [link] = [
            link["href"]
            for item in case.soup.select(".cd-files li")
            if item.select_one("span").get_text(strip=True).endswith(label)
            for link in item.select("a")
            if link.get_text(strip=True).startswith("Look at it")
        ]
        # The way to the file leads past what may happen when it is opened.
        [link] = [
            button["href"]
            for button in self.opens(link).soup.select("main a[role=button]")
            if button.get_text(strip=True).startswith("Download the file as it")
        ]
        status, headers, content = self.asks(Body("GET", link, "", b""))
        assert status == 200
        assert headers["Content-Disposition"].startswith("attachment")
        assert headers["Content-Security-Policy"].startswith("sandbox")
        return content

    def asks_reporter(
        self, ref: str, text: str, second: str = "helen", file: Enclosed | None = None
    ) -> Page:
        """Write to the reporter of a case, and have a colleague approve it."""
        page = self.opens(f"/staff/cases/{ref}/reply")
        typed = {"text": text} | ({} if file is None else {"name": file.label, "file": file})
        page = self.submits(page, page.path, "Give it to a second reader", **typed)
        assert page.texts(".govuk-notification-banner__content"), page.main
        colleague = Handler(self.portal, second)
        colleague.after_each = self.after_each
        colleague.signs_in()
        colleague.comes_upon(ref)
        colleague.opens_case(ref)
        page = colleague.opens(f"/staff/cases/{ref}/draft")
        if file is not None:
            assert colleague.downloads(page, f"{file.label} (Text)") == file.content
        looked = {} if file is None else {"looked": "y"}
        page = colleague.submits(page, f"{page.path}/approve", "Approve, seal and send", **looked)
        assert page.texts(".govuk-notification-banner__content"), page.main
        return self.opens(f"/staff/cases/{ref}")

    def takes_step(self, case: Page, label: str) -> Page:
        """Take the next step of a case."""
        return self.submits(case, f"{case.path}/state", label)
