from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from iipastro.daemon.pidfile import Pidfile, running

HOLD = """
import sys
from iipastro.daemon.pidfile import Pidfile
held = Pidfile(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
if sys.argv[2:]:
    held.close()
"""


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "server.pid")


@pytest.fixture
def hold(path):
    """Hold the file in another process, until its standard input ends."""
    holders = []

    def start(*words):
        folder = str(Path(__file__).parents[3])
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD, path, *words], env={"PYTHONPATH": folder},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        holders.append(holder)
        assert holder.stdout.readline() == b"held\n"
        return holder

    yield start
    for holder in holders:
        holder.communicate()


def test_a_file_that_is_held_tells_its_process(hold, path):
    assert running(path) is None
    holder = hold()
    assert Path(path).read_text() == f"{holder.pid}\n"
    assert running(path) == holder.pid


def test_a_second_server_does_not_take_the_file(hold, path):
    holder = hold()
    with pytest.raises(BlockingIOError):
        Pidfile(path)
    assert running(path) == holder.pid


def test_a_file_that_is_left_over_tells_nobody_and_is_taken_over(hold, path):
    holder = hold()
    holder.kill()
    holder.wait()
    assert running(path) is None
    Path(path).write_text("123456789\n")
    taken = Pidfile(path)
    assert Path(path).read_text() == f"{os.getpid()}\n"
    taken.close()
    assert not os.path.exists(path)


def test_a_file_is_removed_by_whoever_held_it(hold, path):
    hold("and remove").communicate()
    assert not os.path.exists(path)


def test_the_file_of_a_successor_stays(path):
    first = Pidfile(path)
    os.rename(path, path + ".old")
    second = Pidfile(path)
    first.close()
    assert os.path.exists(path)
    second.close()


def test_no_link_is_followed(path, tmp_path):
    (tmp_path / "precious").write_text("precious")
    os.symlink("precious", path)
    with pytest.raises(OSError, match="symbolic links"):
        Pidfile(path)
    assert (tmp_path / "precious").read_text() == "precious"


@pytest.mark.parametrize("text", ["1 or 2\n", "1\n", ""])
def test_what_the_file_says_is_not_believed(hold, path, text):
    holder = hold()
    Path(path).write_text(text)
    assert running(path) == holder.pid


def test_a_link_leads_to_nobody(hold, path):
    hold()
    os.rename(path, path + ".other")
    os.symlink(path + ".other", path)
    with pytest.raises(OSError, match="symbolic links"):
        running(path)


def test_looking_takes_no_lock_and_waits_for_nothing(path):
    os.mkfifo(path)
    assert running(path) is None
    os.unlink(path)
    Path(path).write_text("77\n")
    os.chmod(path, 0o400)
    assert running(path) is None
