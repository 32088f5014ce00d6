"""A page as a browser without scripts sees it: checked when it is opened, its forms ready to fill."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import html5lib
from bs4 import BeautifulSoup, Tag

from app.web.headers import HEADERS

MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
TICKED = {"checkbox", "radio"}
BUTTONS = {"submit", "button", "reset", "image"}


@dataclass(frozen=True)
class Enclosed:
    """A file as it lies on somebody's machine, and what its reporter says of it."""

    name: str
    content: bytes
    kind: str = "application/octet-stream"
    label: str = ""
    cleaned: bool = False  # hidden data is to be removed


Typed = str | Sequence[str] | Enclosed | None


@dataclass(frozen=True)
class Body:
    """What a form sends."""

    method: str
    path: str
    kind: str
    content: bytes


@dataclass
class Form:
    """A form of a page, with what stands in it."""

    tag: Tag
    page: str

    def values(self) -> Iterator[tuple[str, str, str]]:
        """Yield name, kind and value of every field that would be sent as it stands."""
        for control in self.tag.select("input[name], textarea[name], select[name]"):
            kind = control.get("type", "text") if control.name == "input" else control.name
            if kind in BUTTONS or control.has_attr("disabled"):
                continue
            if kind in TICKED and not control.has_attr("checked"):
                yield control["name"], "unticked", ""
            elif control.name == "textarea":
                # The line end after the opening tag is markup.
                yield control["name"], kind, control.get_text().removeprefix("\n")
            else:
                yield control["name"], kind, control.get("value", "on" if kind in TICKED else "")

    def choices(self, name: str) -> dict[str, str]:
        """Return the values of a group of boxes or radios, by their label."""
        return {
            self.tag.select_one(f'label[for="{box["id"]}"]').get_text(strip=True): box["value"]
            for box in self.tag.select(f'input[name="{name}"]')
        }

    def button(self, pressed: str | None) -> Tag | None:
        """Return the button that carries these words, or the one Enter would press."""
        buttons = self.tag.select('button:not([type]), button[type="submit"]')
        if self.tag.get("id"):
            elsewhere = f'button[form="{self.tag["id"]}"]:not([hidden])'
            buttons += self.tag.find_parent("html").select(elsewhere)
        if pressed is None:
            return buttons[0] if buttons else None
        found = [one for one in buttons if one.get_text(" ", strip=True).startswith(pressed)]
        assert found, f"no button “{pressed}” on {self.page}"
        return found[0]

    def filled(self, press: str | None, typed: Mapping[str, Typed]) -> Body:
        """Return what a browser sends when `typed` was filled in and a button pressed."""
        unknown = set(typed) - {name for name, _, _ in self.values()}
        assert not unknown, f"no such field on {self.page}: {unknown}"
        pairs = list(self._pairs(typed))
        button = self.button(press)
        if button is not None and button.has_attr("name"):
            pairs.append((button["name"], button.get("value", "")))
        said = {} if button is None else button.attrs
        kind = said.get("formenctype", self.tag.get("enctype", URLENCODED))
        path = said.get("formaction", self.tag.get("action", self.page)).partition("#")[0]
        encode = as_multipart if kind == MULTIPART else _as_urlencoded
        kind, content = encode(pairs)
        return Body(self.tag.get("method", "get").upper(), path, kind, content)

    def _pairs(self, typed: Mapping[str, Typed]) -> Iterator[tuple[str, str | Enclosed]]:
        taken = set()
        for name, kind, value in self.values():
            if name in typed and kind in {"checkbox", "radio", "unticked"}:
                # All of a group at the place of its first, in the order they were given.
                if name not in taken:
                    chosen = typed[name]
                    yield from ((name, one) for one in _several(chosen))
                taken.add(name)
            elif name in typed:
                yield name, typed[name]
            elif kind == "file":
                yield name, Enclosed("", b"")
            elif kind != "unticked":
                yield name, value


def _several(chosen: Typed) -> Sequence[str]:
    if chosen is None:
        return ()
    return (chosen,) if isinstance(chosen, str) else chosen


def _with_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _as_urlencoded(pairs: Sequence[tuple[str, str | Enclosed]]) -> tuple[str, bytes]:
    flat = [
        (name, value.name if isinstance(value, Enclosed) else _with_line_ends(value))
        for name, value in pairs
    ]
    return URLENCODED, urlencode(flat).encode()


def as_multipart(pairs: Sequence[tuple[str, str | Enclosed]]) -> tuple[str, bytes]:
    """Return the kind and the content of a body with these fields, in their order."""
    boundary = f"----journey{secrets.token_hex(12)}"
    out = bytearray()
    for name, value in pairs:
        out += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if isinstance(value, Enclosed):
            out += f'; filename="{value.name}"\r\nContent-Type: {value.kind}\r\n\r\n'.encode()
            out += value.content
        else:
            out += b"\r\n\r\n" + _with_line_ends(value).encode()
        out += b"\r\n"
    return f"{MULTIPART}; boundary={boundary}", bytes(out) + f"--{boundary}--\r\n".encode()


@dataclass
class Page:
    """An answer with markup. Opening it has checked what every page must be."""

    path: str
    status: int
    headers: Mapping[str, str]
    markup: str
    soup: BeautifulSoup = field(init=False)

    def __post_init__(self) -> None:
        self.soup = BeautifulSoup(self.markup, "html.parser")
        for template in self.soup.select("template"):
            template.extract()
        check_page(self)

    @property
    def heading(self) -> str:
        return self.soup.select_one("h1").get_text(" ", strip=True)

    @property
    def main(self) -> str:
        return self.soup.select_one("main").get_text("\n", strip=True)

    @property
    def errors(self) -> list[str]:
        return self.texts(".govuk-error-summary__list li")

    def texts(self, selector: str) -> list[str]:
        return [found.get_text(" ", strip=True) for found in self.soup.select(selector)]

    def form(self, action: str) -> Form:
        """Return the form that goes to `action`."""
        found = [form for form in self.soup.select("form") if form.get("action") == action]
        assert found, f"no form to {action} on “{self.heading}”: {self.main}"
        return Form(found[0], self.path)


def check_page(page: Page) -> None:
    """Check what every page of the portal must be, whoever it is for."""
    where = f"{page.status} {page.path}"
    html5lib.HTMLParser(strict=True).parse(page.markup)
    check_headers(page.headers, where)
    headings = page.soup.select("h1")
    assert len(headings) == 1, f"{where} has {len(headings)} h1"
    title = page.soup.title.get_text(strip=True).removeprefix("Error: ")
    assert title.startswith(page.heading), f"{where}: “{title}” does not begin with its h1"
    assert page.soup.html.get("lang") == "en-GB", where
    ids = [tag["id"] for tag in page.soup.select("[id]")]
    assert len(ids) == len(set(ids)), f"{where} has an id twice: {sorted(ids)}"
    for attribute in ("for", "aria-describedby", "aria-labelledby"):
        for tag in page.soup.select(f"[{attribute}]"):
            assert set(tag[attribute].split()) <= set(ids), f"{where}: {attribute} of {tag}"
    assert not page.soup.select("[style], [onclick], [onsubmit], script:not([src])[nonce]"), where
    for form in page.soup.select("form"):
        assert form.get("action"), f"{where}: {form.attrs}"
        # What only narrows a list may stand in an address; it says nothing and changes nothing.
        narrows = form.get("method") == "get" and "cd-filter" in form.get("class", [])
        assert form.get("method") == "post" or narrows, f"{where}: {form.attrs}"
    for control in page.soup.select("input:not([type=hidden]), textarea, select"):
        assert page.soup.select(f'label[for="{control.get("id")}"]'), (
            f"{where}: {control} unlabelled"
        )


def check_headers(headers: Mapping[str, str], where: str) -> None:
    """Check the headers that every answer carries, however small."""
    for name, value in HEADERS.items():
        assert name in headers, f"{where} lacks {name}"
        # A view may tighten its policy, and nothing else.
        if name != "Content-Security-Policy":
            assert headers[name] == value, f"{where}: {name}: {headers[name]}"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy or "sandbox" in policy, where
    assert "unsafe" not in policy, where
