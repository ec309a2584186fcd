"""What the system tells of the memory of a process."""

from __future__ import annotations

import os

import pytest

from iipastro.daemon.memory import Memory, memory_of, total

ROLLUP = (
    "5600-7fff ---p 00000000 00:00 0  [rollup]\nRss:    200 kB\nPss:     24 kB\nPss_Anon: 9 kB\n"
)


@pytest.fixture
def proc(tmp_path):
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "statm").write_text("900 50 40 1 0 300 0\n")
    (tmp_path / "7" / "smaps_rollup").write_text(ROLLUP)
    return tmp_path


def test_the_files_of_a_process_tell_what_it_takes(proc):
    assert memory_of(7, str(proc)) == Memory(50 * os.sysconf("SC_PAGESIZE"), 24 * 1024)


def test_what_is_kept_from_us_is_not_known(proc):
    (proc / "7" / "smaps_rollup").unlink()
    assert memory_of(7, str(proc)).pss == 0
    assert memory_of(8, str(proc)) == Memory(0, 0)


def test_our_own_memory_is_known():
    rss, pss = memory_of(os.getpid())
    assert rss > pss > 1_000_000


def test_a_sum_is_known_only_if_all_that_is_in_it_is():
    assert total([Memory(5, 3), Memory(7, 4)]) == Memory(12, 7)
    assert total([Memory(5, 3), Memory(7, 0)]) == Memory(12, 0)
