"""What is told of a long run."""

from __future__ import annotations

import io

import pytest

from iipastro.convert import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def ticks(*times):
    return iter(times).__next__


def test_a_log_gets_a_line_for_each_tenth():
    stream = io.StringIO()
    tell = progress.make_progress(stream, "a.ptif", ticks(0.0, 2.0, 10.0, 20.0))
    for done in (500_000, 1_000_000, 1_100_000, 2_500_000, 10_000_000):
        tell(done, 10_000_000)
    assert stream.getvalue().splitlines() == [
        "a.ptif: 10 %, 0.5 Mpixel/s, 0:18 left",
        "a.ptif: 20 %, 0.2 Mpixel/s, 0:30 left",
        "a.ptif: 100 %, 0.5 Mpixel/s, 0:20 in all",
    ]


def test_a_terminal_gets_a_bar_that_ends_its_line():
    stream = Terminal()
    tell = progress.make_progress(stream, "a.ptif", ticks(0.0, 1.0, 1.1, 4.0))
    for done in (15, 20, 60):
        tell(done, 60)
    first, last = stream.getvalue().removeprefix("\r").split("\r")
    assert first.startswith("a.ptif: [#######.......................] 25 %, ")
    assert "0:03 left" in first
    assert last.startswith("a.ptif: [##############################] 100 %, ")
    assert last.endswith("0:04 in all\x1b[K\n")


def test_a_bar_that_is_left_ends_its_line_once():
    stream = Terminal()
    tell = progress.make_progress(stream, "a.ptif", ticks(0.0, 1.0))
    tell.leave()
    assert stream.getvalue() == ""
    tell(15, 60)
    tell.leave()
    tell.leave()
    assert stream.getvalue().endswith("0:03 left\x1b[K\n")


def test_silence(capsys):
    progress.silent(1, 2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (725, "12:05"), (3600, "1:00:00")]
)
def test_a_time_reads_as_on_a_clock(seconds, text):
    assert progress.duration(seconds) == text


def test_no_rate_before_time_has_passed():
    assert progress.pace_of(5, 10, 0.0) == "0 Mpixel/s"
