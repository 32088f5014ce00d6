"""A log line can hold only what the allow-list names."""

import pytest

from app.cli.serving import QuietLogger
from app.web import logs


def test_an_unknown_keyword_is_dropped(capsys):
    logs.configure()
    logs.log().error("broken", what="Broken", ip="127.0.0.77", path="/mailbox", body="her words")
    line = capsys.readouterr().err
    assert "broken" in line
    assert not any(secret in line for secret in ("127.0.0.77", "/mailbox", "her words"))


def test_a_line_has_no_time(capsys):
    logs.configure()
    logs.log().info("started", surface="all")
    assert not any(character == ":" for character in capsys.readouterr().err)


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "critical", "exception"])
def test_the_servers_own_log_never_quotes_a_request(level, capfd):
    from gunicorn.config import Config

    config = Config()
    config.set("errorlog", "-")
    logger = QuietLogger(config)
    getattr(logger, level)("Invalid request from ip=%s: %s", "127.0.0.77", "secret")
    getattr(logger, level)("Error handling request %s", "/mailbox")
    written = capfd.readouterr()
    assert "127.0.0.77" not in written.err + written.out
    assert "mailbox" not in written.err + written.out
