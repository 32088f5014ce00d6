"""Who uses a portal, and what they do there: HTTP without scripts, every page checked."""

import http.client
import socket
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.cookies import SimpleCookie

import pyotp

from app.envelope.receipts import Receipt
from tests.journeys.canaries import canary
from tests.journeys.pages import Body, Enclosed, Page, check_headers
from tests.journeys.running import PASSWORD, RunningPortal

ADDRESS = "127.0.0.77"  # of every reporter
AGENT = f"Mozilla/5.0 (X11; {canary('agent')}) Gecko/20100101 Firefox/140.0"
LANGUAGES = f"en-GB,en;q=0.7,x-{canary('tongue')};q=0.1"
PATIENCE = 120.0  # seconds
HALF = 2  # an upload is sent in this many parts when somebody wants to look between them


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

    def _headers(self, body: Body) -> dict[str, str]:
        headers = {"User-Agent": self.agent, "Accept-Language": self.languages}
        if body.method == "POST":
            headers |= {"Content-Type": body.kind, "Content-Length": str(len(body.content))}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return headers

    def _take_cookies(self, headers: Mapping[str, str]) -> None:
        for line in headers.get_all("Set-Cookie", ()):
            assert self.takes_cookies, f"a reporter's page set a cookie: {line}"
            for name, morsel in SimpleCookie(line).items():
                assert morsel["httponly"] and morsel["samesite"] == "Strict", line
                self.cookies[name] = morsel.value
                if not morsel.value or morsel["max-age"] == "0":
                    del self.cookies[name]


class Reporter(Visitor):
    """Somebody who writes, keeps twelve words, and comes back with them."""

    source = ADDRESS
    agent = AGENT
    languages = LANGUAGES

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        with self.portal.diary.act(what):
            yield

    # The way of a concern, page by page.

    def chooses(
        self, about: Sequence[str] = ("colleague",), danger: str = "no", leave_out: Sequence[str] = ()
    ) -> Page:
        """Answer the questions that choose the desk; the page to write on."""
        page = self.submits(
            self.opens("/report"), "/report/write", about=about, danger=danger, leave_out=leave_out
        )
        assert page.heading == "Write your concern"
        return page

    def writes(
        self, page: Page, answers: Mapping[str, str], files: Sequence[tuple[Enclosed, str]] = ()
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
        files: Sequence[tuple[Enclosed, str]] = (),
        **choices: Sequence[str],
    ) -> Receipt:
        """Go all the way of a concern, and return its receipt."""
        return self.sends(self.writes(self.chooses(**choices), answers, files))

    # The way back.

    def returns(self, words: Sequence[str], *, expecting: int = 200) -> Page:
        """Open the mailbox with a receipt."""
        return self.submits(
            self.opens("/mailbox"), "/mailbox", receipt=" ".join(words), expecting=expecting
        )

    def answers(
        self, thread: Page, text: str, files: Sequence[tuple[Enclosed, str]] = ()
    ) -> Page:
        """Write to the desk from the page of the thread."""
        page = self.submits(thread, "/mailbox/check", "Continue", text=text, **enclosing(files))
        assert page.heading == "Check your message before it is sealed"
        page = self.submits(page, "/mailbox/send", "Seal and send")
        assert page.heading == "Your message is sealed"
        return page


def enclosing(files: Sequence[tuple[Enclosed, str]]) -> dict[str, str | Enclosed]:
    """Return the fields of the files of a form, each with its label."""
    return {
        name: value
        for number, (file, label) in enumerate(files, 1)
        for name, value in ((f"file_{number}", file), (f"label_{number}", label))
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
        """Sign in with password and one-time code; her inbox."""
        page = self.opens("/staff/sign-in")
        page = self.submits(
            page,
            "/staff/sign-in",
            name=self.name,
            password=PASSWORD.format(self.name),
            code=pyotp.TOTP(self.portal.codes[self.name]).now(),
        )
        assert page.path == "/staff/", page.main
        return page
