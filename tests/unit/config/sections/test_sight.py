"""The defaults of what can be seen."""

from __future__ import annotations

from iipastro.config import Config


def test_nothing_is_written_about_clients_unless_wanted():
    log = Config().log
    assert (log.error_log, log.access_log, log.slow_log) == ("stderr", "off", "error_log")


def test_no_page_tells_of_the_service_unless_wanted():
    status = Config().status
    assert (status.path, status.ping_path) == ("", "")
