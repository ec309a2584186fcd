"""Texts as faulthandler writes them (Python 3.11)."""

from __future__ import annotations

import faulthandler
import tempfile

from iipastro.daemon.stacks import FRAMES, in_one_line

ONE = """\
Current thread 0x00007f7d2a1b3740 (most recent call first):
  File "/srv/a b.py", line 3 in inner
  File "/srv/c.py", line 14 in <module>
"""
TWO = """\
Thread 0x00007f7d21fff6c0 (most recent call first):
  File "/lib/threading.py", line 327 in wait

"""


def test_a_stack_is_a_line_from_the_innermost_function_on():
    assert in_one_line(ONE) == "inner (/srv/a b.py:3) < <module> (/srv/c.py:14)"


def test_the_current_thread_comes_first():
    expected = "inner (/srv/a b.py:3) < <module> (/srv/c.py:14)"
    assert in_one_line(TWO + ONE) == expected + "; other thread: wait (/lib/threading.py:327)"


def test_a_deep_stack_is_cut():
    frames = "".join(f'  File "/f.py", line {n} in f\n' for n in range(1, 100))
    line = in_one_line("Current thread 0x1 (most recent call first):\n" + frames)
    assert line.count("<") == FRAMES - 1
    assert line.endswith(f"f (/f.py:{FRAMES})")


def test_half_a_text_is_no_error():
    assert in_one_line("") == ""
    assert in_one_line('  File "/srv/a.py", line 3 in f\n  File "/sr') == "f (/srv/a.py:3)"


def test_what_this_python_writes_is_understood():
    with tempfile.TemporaryFile("w+") as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        assert in_one_line(file.read()).startswith(
            f"test_what_this_python_writes_is_understood ({__file__}:"
        )
