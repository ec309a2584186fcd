"""The error log: whole lines, printable, and never a reason to stop."""

from __future__ import annotations

import logging
import os
import re
import stat

import pytest

from iipastro import log

LOGGER = logging.getLogger("iipastro")


@pytest.fixture(autouse=True)
def _restored():
    """Leave the logger as it was found."""
    before = LOGGER.handlers[:], LOGGER.level, LOGGER.propagate
    LOGGER.handlers[:] = []
    yield
    for handler in LOGGER.handlers:
        handler.close()
    LOGGER.handlers[:], LOGGER.level, LOGGER.propagate = before


def test_an_event_is_one_line_with_its_time_in_utc(tmp_path, monkeypatch):
    path = tmp_path / "error.log"
    log.configure("notice", str(path))
    record = logging.LogRecord("iipastro", logging.ERROR, "x.py", 1, "%s is late", ("tea",), None)
    record.created, record.msecs, record.process = 1000000000.25, 250.0, 77
    LOGGER.handle(record)
    assert path.read_text() == "2001-09-09T01:46:40.250Z error [77] tea is late\n"


@pytest.mark.parametrize(
    ("level", "written"),
    [
        ("debug", ["debug", "info", "notice", "warning", "error"]),
        ("info", ["info", "notice", "warning", "error"]),
        ("notice", ["notice", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_less_important_events_are_left_out(tmp_path, level, written):
    path = tmp_path / "error.log"
    log.configure(level, str(path))
    for name, number in log.LEVELS.items():
        LOGGER.log(number, name)
    assert [line.split()[1] for line in path.read_text().splitlines()] == written
    assert [line.split()[3] for line in path.read_text().splitlines()] == written


def test_control_characters_are_escaped(tmp_path):
    path = tmp_path / "error.log"
    log.configure("notice", str(path))
    LOGGER.error("a\nb\r\x1b[2Jc\u00e9\udce9")
    (line,) = path.read_bytes().splitlines()
    assert line.endswith(rb"] a\x0ab\x0d\x1b[2Jc\xe9\udce9")


def test_a_traceback_stays_in_its_line(tmp_path):
    path = tmp_path / "error.log"
    log.configure("notice", str(path))
    try:
        raise KeyError("x")
    except KeyError:
        LOGGER.exception("lost")
    (line,) = path.read_text().splitlines()
    assert re.search(r"\] lost \| Traceback .* \| KeyError: 'x'$", line)


def test_a_log_is_appended_to_and_private(tmp_path):
    path = tmp_path / "error.log"
    old = os.umask(0)
    try:
        for word in ("one", "two"):
            log.configure("notice", str(path))
            LOGGER.error(word)
    finally:
        os.umask(old)
    assert [line.split()[-1] for line in path.read_text().splitlines()] == ["one", "two"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_configured_again_the_old_file_is_closed(tmp_path):
    open_before = len(os.listdir("/proc/self/fd"))
    for name in "abc":
        log.configure("notice", str(tmp_path / name))
    assert len(os.listdir("/proc/self/fd")) == open_before + 1
    assert len(LOGGER.handlers) == 1


def test_a_closed_handler_touches_no_file_that_came_after_it(tmp_path, capfd):
    log.configure("notice", str(tmp_path / "old.log"))
    (old,) = LOGGER.handlers
    old.close()
    with open(tmp_path / "new", "w") as new:  # gets the number of the descriptor
        old.handle(logging.LogRecord("iipastro", logging.ERROR, "x.py", 1, "late", (), None))
        old.close()
        new.write("fine")
    assert (tmp_path / "new").read_text() == "fine"
    assert capfd.readouterr().err.endswith("] late\n")


def test_a_log_that_cannot_be_opened_falls_to_stderr(tmp_path, capfd):
    log.configure("notice", str(tmp_path / "nowhere" / "error.log"))
    LOGGER.error("still here")
    first, second = capfd.readouterr().err.splitlines()
    assert re.search(
        r"warning \[\d+\] cannot write to .*/nowhere/error\.log: No such file or directory$",
        first,
    )
    assert second.endswith("still here")


def test_what_a_full_disk_does_not_take_goes_to_stderr(capfd):
    log.configure("notice", "/dev/full")
    LOGGER.error("one")
    LOGGER.error("two")
    complaint, one, two = capfd.readouterr().err.splitlines()
    assert complaint.endswith("] cannot write to /dev/full: No space left on device")
    assert (one[-5:], two[-5:]) == ("] one", "] two")


def test_a_message_that_cannot_be_made_does_not_stop_the_service(tmp_path):
    log.configure("notice", str(tmp_path / "error.log"))
    LOGGER.error("%d", "no number")
    assert (tmp_path / "error.log").read_text().endswith("] %d\n")


def test_nothing_reaches_the_root_logger(tmp_path, caplog):
    log.configure("notice", str(tmp_path / "error.log"))
    LOGGER.error("ours")
    assert caplog.records == []


# ---- all logs


@pytest.fixture
def _slow_restored():
    slow = logging.getLogger("iipastro.slow")
    before = slow.level, slow.propagate
    yield
    for handler in slow.handlers[:]:
        slow.removeHandler(handler)
        handler.close()
    slow.level, slow.propagate = before


@pytest.fixture
def three(tmp_path, _slow_restored):
    """Open three logs; words are those of [log]."""
    opened = []

    def open_three(access="off", slow="error_log"):
        opened.append(log.open_logs("error", f"{tmp_path}/error", access, slow))
        return opened[-1]

    yield open_three
    for logs in opened:
        logs.close()


def test_slow_requests_are_in_the_error_log_however_few_events_are_wanted(tmp_path, three):
    three()
    logging.getLogger(log.SLOW).warning("%s took long", "tea")
    assert (tmp_path / "error").read_text().endswith("] tea took long\n")


def test_slow_requests_have_a_log_of_their_own_if_wanted(tmp_path, three):
    three(slow=f"{tmp_path}/slow")
    logging.getLogger(log.SLOW).warning("tea took long")
    assert (tmp_path / "error").read_text() == ""
    assert (tmp_path / "slow").read_text().endswith("] tea took long\n")


def test_slow_requests_are_nowhere_if_wanted(tmp_path, three, capfd):
    three(slow="off")
    logging.getLogger(log.SLOW).warning("tea took long")
    assert ((tmp_path / "error").read_text(), capfd.readouterr().err) == ("", "")


def test_no_access_log_is_kept_unless_wanted(tmp_path, three):
    assert three().access is None
    three(access=f"{tmp_path}/access").access.write("a line", "a line")
    assert (tmp_path / "access").read_text() == "a line\n"


def test_what_an_access_log_does_not_take_is_told_in_the_error_log(tmp_path, three):
    access = three(access="/dev/full").access
    for _ in range(3):
        access.write("a line", "a line")
    (line,) = (tmp_path / "error").read_text().splitlines()
    assert line.endswith("] cannot write to /dev/full: No space left on device")


def test_all_logs_are_opened_anew_together(tmp_path, three):
    names = ("error", "access", "slow")
    logs = three(access=f"{tmp_path}/access", slow=f"{tmp_path}/slow")
    for name in names:
        (tmp_path / name).rename(tmp_path / f"{name}.1")
    logs.reopen()
    LOGGER.error("x")
    logs.access.write("x", "x")
    logging.getLogger(log.SLOW).error("x")
    assert [(tmp_path / name).read_text()[-2:] for name in names] == ["x\n"] * 3
    assert [(tmp_path / f"{name}.1").read_text() for name in names] == [""] * 3


def test_logs_that_are_closed_leave_their_events_to_stderr(three, capfd):
    three().close()
    LOGGER.error("late")
    assert capfd.readouterr().err.endswith("] late\n")
