"""The first moments of the commands: what they set, and what a signal does to them."""

from __future__ import annotations

import shlex
import signal

import pytest

pytestmark = pytest.mark.integration

SLOW_NUMPY = """
import os, time
print("loading", {n: os.environ.get(n) for n in NAMES}, flush=True)
time.sleep(20)
"""
NAMES = ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"]


@pytest.fixture(params=["iipastro serve", "iipsrv.fcgi"])
def loading(request, start, tools, tmp_path):
    """Start a server that is about to load NumPy, for as long as a test takes."""
    words = {
        "iipastro serve": [*tools.iipastro, "serve", "--listen", f"unix:{tmp_path}/s"],
        "iipsrv.fcgi": [*tools.iipsrv, "--bind", f"{tmp_path}/s"],
    }[request.param]
    return lambda **variables: start_loading(start, tools, tmp_path, words, **variables)


def start_loading(start, tools, folder, words, **variables):
    (folder / "numpy.py").write_text(f"NAMES = {NAMES}\n{SLOW_NUMPY}")
    process = start(words, PYTHONPATH=f"{folder}:{tools.root}", **variables)
    assert tools.wait_until(lambda: "loading" in process.log.read_text())
    return process


def test_a_server_computes_with_one_thread_a_worker(loading):
    assert f"loading {dict.fromkeys(NAMES, '1')}\n" in loading().log.read_text()


def test_an_administrator_may_ask_for_more_threads(loading):
    more = {**dict.fromkeys(NAMES, "1"), "OMP_NUM_THREADS": "2"}
    assert f"loading {more}\n" in loading(OMP_NUM_THREADS="2").log.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGQUIT])
def test_a_server_that_still_loads_is_stopped_without_a_word(loading, number):
    process = loading()
    process.send_signal(number)
    assert process.wait(5) == 0
    assert process.log.read_text().count("\n") == 1


def test_a_query_that_is_interrupted_leaves_without_a_word(start, tools, tmp_path):
    process = start_loading(start, tools, tmp_path, [*tools.iipastro, "query", "FIF=x"])
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 130
    assert process.log.read_text().count("\n") == 1


def test_a_server_without_standard_descriptors_keeps_its_sockets_free_of_the_log(
    start, fcgi, tools, tmp_path
):
    path = tmp_path / "iipsrv.sock"
    command = shlex.join([*tools.iipsrv, "--bind", str(path)])
    server = start(
        ["sh", "-c", f"exec {command} <&- >&- 2>&-"], path,
        FILESYSTEM_PREFIX=str(tools.data), VERBOSITY="5",
    )  # fmt: skip
    for process in (server.pid, *tools.children(server.pid)):
        assert [tools.open_as(process, number) for number in (0, 1, 2)] == ["/dev/null"] * 3
    assert fcgi.ask(path, "FIF=multi5_1k.ptif&JTL=0,0").status == 200
    assert fcgi.ask(path, "FIF=nothing.ptif&JTL=0,0").status == 404
