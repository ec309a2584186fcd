"""Targets of lines: what they do when all is well, and when nothing is."""

from __future__ import annotations

import errno
import logging
import os
import stat

import pytest

from iipastro.log import targets
from iipastro.log.targets import File, Target, to_target


@pytest.fixture
def said():
    return []


class Moody:
    """A sink that fails as long as it has an error."""

    def __init__(self):
        self.error = None
        self.lines = []

    def send(self, line, text, level):
        if self.error is not None:
            raise self.error
        self.lines.append(line)

    def reopen(self):
        if self.error is not None:
            raise self.error

    def close(self):
        self.lines.append("closed")


def test_a_target_that_fails_says_so_once_and_again_when_it_is_over(said):
    sink = Moody()
    target = Target("log", sink, said.append)
    assert target.write("one", "one")
    sink.error = OSError(errno.ENOSPC, "No space left on device")
    assert [target.write(word, word) for word in ("two", "three", "four")] == [False] * 3
    assert said == ["cannot write to log: No space left on device"]
    sink.error = None
    assert target.write("five", "five")
    assert said[1:] == ["log takes lines again, after 3 that it did not"]
    sink.error = OSError("odd")
    target.write("six", "six")
    assert said[2:] == ["cannot write to log: odd"]
    assert sink.lines == ["one", "five"]


def test_a_target_that_cannot_be_opened_says_so_once(said):
    sink = Moody()
    sink.error = OSError(errno.EACCES, "Permission denied")
    target = Target("log", sink, said.append)
    target.open()
    target.write("one", "one")
    assert said == ["cannot write to log: Permission denied"]


def test_a_file_that_cannot_be_opened_anew_goes_on_being_written(tmp_path, said):
    folder = tmp_path / "logs"
    folder.mkdir()
    target = to_target(str(folder / "log"), said.append)
    folder.rename(tmp_path / "moved")
    target.reopen()
    assert said == [f"cannot open {folder}/log anew: No such file or directory"]
    assert target.write("kept", "kept")
    assert (tmp_path / "moved" / "log").read_text() == "kept\n"


def test_a_file_is_opened_anew_by_its_name_on_the_same_descriptor(tmp_path, said):
    path = tmp_path / "log"
    target = to_target(str(path), said.append)
    target.write("before", "before")
    count = len(os.listdir("/proc/self/fd"))
    path.rename(tmp_path / "log.1")
    target.write("between", "between")
    target.reopen()
    target.write("after", "after")
    assert (tmp_path / "log.1").read_text() == "before\nbetween\n"
    assert path.read_text() == "after\n"
    assert len(os.listdir("/proc/self/fd")) == count
    assert said == []
    target.close()


def test_a_file_is_private_and_no_child_inherits_it(tmp_path, said):
    target = to_target(str(tmp_path / "log"), said.append)
    for _ in range(2):
        assert not os.get_inheritable(target._sink._descriptor)
        target.reopen()
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) & 0o137 == 0
    target.close()


def test_a_line_after_half_a_line_begins_a_new_one(tmp_path, monkeypatch):
    file = File(str(tmp_path / "log"))
    write = os.write
    monkeypatch.setattr(targets.os, "write", lambda fd, data: write(fd, data[:3]))
    with pytest.raises(OSError, match="No space left"):
        file.send("half a line", "", logging.INFO)
    monkeypatch.undo()
    file.send("a whole one", "", logging.INFO)
    file.send("another", "", logging.INFO)
    file.close()
    assert (tmp_path / "log").read_text() == "hal\na whole one\nanother\n"


def test_a_file_that_was_not_to_be_had_is_had_as_soon_as_it_is(tmp_path, said):
    target = to_target(str(tmp_path / "late" / "log"), said.append)
    assert not target.write("lost", "lost")
    (tmp_path / "late").mkdir()
    assert target.write("found", "found")
    assert (tmp_path / "late" / "log").read_text() == "found\n"
    assert len(said) == 2
    target.close()


def test_a_pipe_without_a_reader_holds_up_nobody(tmp_path, said):
    os.mkfifo(tmp_path / "pipe")
    target = to_target(str(tmp_path / "pipe"), said.append)
    assert not target.write("lost", "lost")
    assert len(said) == 1


def test_a_pipe_gets_no_more_of_a_line_than_stays_together(tmp_path, said):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    target = to_target(str(tmp_path / "pipe"), said.append)
    assert target.write("x" * 5000, "")
    assert os.read(reader, 10000) == b"x" * 4095 + b"\n"
    os.close(reader)
    target.close()


def test_a_stderr_that_nobody_reads_is_not_waited_for_and_tells_what_it_lost(monkeypatch):
    out, into = os.pipe()
    monkeypatch.setattr(targets, "_STDERR", into)
    target = to_target("stderr", print)
    taken = [target.write("x" * 999, "") for _ in range(100)]  # a pipe holds 64 kB
    lost = taken.count(False)
    assert 30 < lost < 90
    assert taken == sorted(taken, reverse=True)
    assert len(os.read(out, 10**6)) == (100 - lost) * 1000
    assert target.write("again", "")
    first, second = os.read(out, 9999).decode().splitlines()
    assert first == "again"
    assert second.endswith(f"stderr takes lines again, after {lost} that it did not")
    os.close(out)
    os.close(into)


def test_a_syslog_that_is_not_there_is_told_once(tmp_path, said):
    target = to_target(f"syslog:{tmp_path}/log", said.append)
    assert not target.write("line", "text")
    assert not target.write("line", "text")
    assert said == [f"cannot write to syslog:{tmp_path}/log: No such file or directory"]
    target.reopen()
    target.close()


def test_words_name_the_usual_targets():
    assert isinstance(to_target("stderr", print)._sink, targets.Stderr)
    syslog = to_target("syslog", print)._sink
    assert isinstance(syslog, targets.Syslog)
    assert syslog._path == "/dev/log"
