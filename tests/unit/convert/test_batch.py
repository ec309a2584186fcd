"""Lists of conversions."""

from __future__ import annotations

import os
import sys
import time
import types

import pytest

from iipastro.convert import batch
from iipastro.convert.batch import Work, attempt, read_list, run_here, run_on_cluster
from iipastro.convert.job import Job, Settings
from iipastro.convert.source import ConvertError, Options

WORK = Work(Options(), Settings(threads=1))


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Return the jobs of a list, with names as they are below the current folder."""
    monkeypatch.chdir(tmp_path)

    def read(text: str):
        (tmp_path / "list").write_text(text)
        jobs = read_list("list")
        assert all(os.path.isabs(name) for job in jobs for name in (*job.inputs, job.output))
        return [
            (tuple(os.path.relpath(name) for name in job.inputs), os.path.relpath(job.output))
            for job in jobs
        ]

    return read


@pytest.mark.parametrize(
    ("line", "job"),
    [
        ("a.fits -> a.ptif", (("a.fits",), "a.ptif")),
        ("g.fits r.fits i.fits -> gri.ptif", (("g.fits", "r.fits", "i.fits"), "gri.ptif")),
        ("'a b.fits' -> \"a b.ptif\"", (("a b.fits",), "a b.ptif")),
        ("a.fits,a.ptif", (("a.fits",), "a.ptif")),
        ('"a, b.fits", c.fits ,out.ptif', (("a, b.fits", "c.fits"), "out.ptif")),
        ("a->b.fits -> c", (("a->b.fits",), "c")),
    ],
)
def test_a_line_is_a_job(read, line, job):
    assert read(f"# comment\n\n  {line}  \n") == [job]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.fits", "line 1: expected"),
        ("\n -> a.ptif x", "line 2"),
        ("a.fits ->  ", "line 1"),
        ("a.fits -> b.ptif c.ptif", "line 1: expected one output, not 2"),
        ("'a.fits -> b.ptif", "line 1: No closing quotation"),
        ('"a.fits,b.ptif', "line 1: unexpected end of data"),
        ("a.fits,,b.ptif", "line 1: expected"),
        ("a.fits,o\nb.fits,./o", "two jobs write"),
        ("a.fits,o\no,p", "is an output and an input"),
    ],
)
def test_a_bad_list_is_refused_with_the_line(read, text, message):
    with pytest.raises(ConvertError, match=message):
        read(text)


def test_a_long_list_is_read_in_seconds(tmp_path):
    """Comparing each output with each other one takes four times as long for twice as many."""
    lines = [f"{number}.fits,{number}.ptif\n" for number in range(40_000)]
    (tmp_path / "list").write_text("".join(lines))
    started = time.process_time()
    assert len(read_list(str(tmp_path / "list"))) == 40_000
    assert time.process_time() - started < 5


def test_a_list_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConvertError, match="gone: No such file"):
        read_list(str(tmp_path / "gone"))
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(ConvertError, match="bytes: not a text"):
        read_list(str(tmp_path / "bytes"))


def test_a_failure_is_a_message():
    fault = attempt(Job(("/gone.fits",), "/tmp/iipastro-never.ptif"), WORK)
    assert "gone.fits" in fault


def test_jobs_run_in_processes_and_all_are_told(tmp_path):
    jobs = [Job((f"/gone{number}.fits",), str(tmp_path / f"{number}.ptif")) for number in range(3)]
    told = {}
    run_here(jobs, WORK, 2, lambda job, fault: told.update({job: fault}))
    assert sorted(told, key=jobs.index) == jobs
    assert all(job.inputs[0] in fault for job, fault in told.items())


def test_a_process_that_is_killed_is_told():
    class Receiver:
        def recv(self):
            raise EOFError

        def close(self):
            pass

    process = types.SimpleNamespace(exitcode=-9, join=lambda: None)
    assert batch._ending(Receiver(), process) == "its process ended with code -9"


def test_without_dask_a_cluster_is_a_clear_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConvertError, match=r"pip install 'iipastro\[cluster\]'"):
        run_on_cluster("tcp://127.0.0.1:1", [], WORK, lambda *_: None)
