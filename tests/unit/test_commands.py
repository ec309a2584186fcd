"""The subcommands: exit codes, what is printed, and where."""

from __future__ import annotations

import logging
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from iipastro import cli, commands
from iipastro.config import Config
from iipastro.config.setting import rows_of, sections_of

ROOT = Path(__file__).parents[2]
SIGNALS = [
    *(signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU),
]
VARIABLES = [
    row.variable.name
    for section in sections_of(Config).values()
    for row in rows_of(section).values()
    if row.variable
]


@pytest.fixture(autouse=True)
def _restored(monkeypatch):
    """Run without the settings of this machine; leave logger and signals as they were found."""
    monkeypatch.setattr(commands, "system_files", list)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    logger = logging.getLogger("iipastro")
    before = logger.handlers[:], logger.level, logger.propagate
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    logger.handlers[:], logger.level, logger.propagate = before


@pytest.fixture
def ini(tmp_path):
    """Write an ini file and return its path."""

    def write(content: str) -> str:
        path = tmp_path / "test.ini"
        path.write_text(content)
        return str(path)

    return write


def query(data, text: str, *options: str) -> int:
    return cli.main(["query", *options, "--set", f"images.root={data}", text])


def origins_in(text: str) -> list[str]:
    """Return where the values come from that `print-config` has printed."""
    return [line.partition(" ; ")[2] for line in text.splitlines() if " ; " in line]


# ---- configuration


def test_a_good_configuration_is_fine(capsys, ini, tmp_path):
    path = ini(f"[images]\nroot = {tmp_path}\n[server]\nlisten = unix:{tmp_path}/x.sock\n")
    assert cli.main(["configtest", "--config", path]) == cli.main(["-t", "--config", path]) == 0
    assert capsys.readouterr().out == 2 * "configuration is fine\n"


def test_a_misspelt_key_is_named_by_file_line_and_nearest_name(capsys, ini):
    path = ini("[images]\nroot = /\n\nfolow_symlinks = no\n")
    assert cli.main(["configtest", "--config", path]) == 78
    assert capsys.readouterr() == (
        "",
        (
            f"iipastro: {path}:4: [images] folow_symlinks: no such setting;"
            " did you mean follow_symlinks?\n"
        ),
    )


@pytest.mark.parametrize("command", [["serve"], ["configtest"], ["print-config"], ["query", "x=y"]])
def test_a_bad_configuration_ends_every_command(capsys, ini, command):
    assert cli.main([*command, "--config", ini("[images]\nroot =\n")]) == 78
    assert capsys.readouterr().out == ""


def test_a_configuration_that_is_not_there_is_bad(capsys, tmp_path):
    assert cli.main(["configtest", "--config", str(tmp_path / "x.ini")]) == 78
    assert "x.ini: cannot be read: No such file or directory" in capsys.readouterr().err


def test_all_that_this_machine_lacks_are_warnings(capsys, tmp_path):
    folder = tmp_path / "nowhere"
    path = f"images.root={folder}", f"server.listen=unix:{folder}/s", f"log.error_log={folder}/l"
    assert cli.main(["configtest", *(word for text in path for word in ("--set", text))]) == 1
    assert capsys.readouterr() == (
        "",
        (
            f"iipastro: warning: the root {folder} is not a folder\n"
            f"iipastro: warning: the folder {folder} of the socket is not there\n"
            f"iipastro: warning: the folder {folder} of the error log is not there\n"
        ),
    )


def test_a_call_leaves_nothing_to_the_next(capsys, ini, tmp_path):
    path = ini(f"[log]\nerror_log = {tmp_path}/log\n")
    socket = f"unix:{tmp_path}/nowhere/x.sock"
    assert cli.main(["serve", "--config", path, "--listen", socket]) == 1
    assert cli.main(["print-config"]) == 0
    assert set(origins_in(capsys.readouterr().out)) == {"default"}


def test_listen_is_above_set(tmp_path, capfd):
    socket = f"unix:{tmp_path}/nowhere/x.sock"
    options = ["--set", "server.listen=fd:0", "--set", "server.user=root"]
    assert cli.main(["serve", *options, "--listen", socket]) == 1
    assert f"cannot listen on {socket}" in capfd.readouterr().err


def test_every_value_is_printed_with_its_origin(capsys, ini, monkeypatch):
    monkeypatch.setenv("JPEG_QUALITY", "75")
    path = ini("[log]\nlevel = info\n")
    assert cli.main(["-T", "--config", path, "--set", "server.workers=3"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["level", "=", "info", ";", f"{path}:2"] in lines
    assert ["jpeg_quality", "=", "75", ";", "environment", "JPEG_QUALITY"] in lines
    assert ["workers", "=", "3", ";", "command", "line"] in lines
    assert ["root", "=", "/srv/images", ";", "default"] in lines


# ---- query


def test_a_refusal_is_told_on_standard_error(data, capfdbinary):
    assert query(data, "FIF=nothing.ptif&JTL=0,0") == 1
    out, err = capfdbinary.readouterr()
    assert out.endswith(b"\n")
    assert b"<" not in out
    assert err.endswith(b"iipastro: 404 Not Found\n")


def test_a_query_takes_any_bytes(data, capfdbinary):
    assert query(data, "FIF=caf\u00e9\udce9.ptif&JTL=0,0") == 1
    assert capfdbinary.readouterr().err.endswith(b"iipastro: 404 Not Found\n")


@pytest.mark.parametrize("command", [["query", "FIF=odd_r.ptif&JTL=2,0"], ["print-config"]])
def test_a_closed_pipe_is_no_traceback(data, command):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer) as broken:
        done = subprocess.run(
            [sys.executable, "-m", "iipastro", *command, "--set", f"images.root={data}"],
            stdout=broken,
            stderr=subprocess.PIPE,
            check=False,
            cwd=ROOT,
        )
    assert (done.returncode, done.stderr) == (1, b"")  # 120 is Python's own


def test_the_log_of_a_query_goes_to_standard_error(data, capfd, tmp_path):
    options = ["--set", "log.level=info", "--set", f"log.error_log={tmp_path}/log"]
    assert query(data, "FIF=odd_r.ptif&FOO=1&obj=max-size", *options) == 0
    assert "passed over: Error 2 2 FOO" in capfd.readouterr().err
    assert not (tmp_path / "log").exists()


# ---- serve and demo, as far as they go without a socket


def test_a_server_that_cannot_listen_says_so_on_standard_error(tmp_path, capfd):
    listen = f"unix:{tmp_path}/nowhere/x.sock"
    options = ["--set", f"log.error_log={tmp_path}/log", "--set", "server.user=root"]
    assert cli.main(["serve", "--listen", listen, *options]) == 1
    assert f"cannot listen on {listen}" in capfd.readouterr().err
    assert not (tmp_path / "log").exists()  # it is opened by whom root becomes


def test_a_server_takes_the_descriptors_that_it_may_have(tmp_path):
    options = ["--set", f"log.error_log={tmp_path}/log"]
    before = soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1000) - 1, hard))
        assert cli.main(["serve", "--listen", f"unix:{tmp_path}/nowhere/s", *options]) == 1
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


# ---- a running server


def test_a_server_that_does_not_run_is_a_failure(capsys, tmp_path):
    connect = ["--connect", f"unix:{tmp_path}/s"]
    pid_file = ["--set", f"server.pid_file={tmp_path}/pid"]
    for words in (["status", *connect], ["ping", *connect], ["stop", *pid_file]):
        assert cli.main(words) == 1
    first, second, third = capsys.readouterr().err.splitlines()
    assert first == second
    assert first == f"iipastro: no answer from unix:{tmp_path}/s: No such file or directory"
    assert third == f"iipastro: no server runs with the pid file {tmp_path}/pid"


def test_no_server_is_told_to_take_over_a_configuration_that_is_wrong(ini, capsys):
    assert cli.main(["reload", "--config", ini("[server]\nworkers = many\n")]) == 78
    assert "test.ini:2" in capsys.readouterr().err


# ---- check


def test_the_facts_of_an_image_are_printed(data, capsys):
    assert cli.main(["check", str(data / "odd_r.ptif")]) == 0
    out, err = capsys.readouterr()
    assert "size                 1237 x 811 pixels\n" in out
    assert (err, "warning" in out) == ("", False)


def test_warnings_are_printed(capsys, tmp_path):
    import numpy as np
    import tifffile

    tifffile.imwrite(tmp_path / "x.tif", np.ones((64, 64), np.float32), tile=(64, 64), metadata={})
    assert cli.main(["check", str(tmp_path / "x.tif")]) == 0
    assert "\nwarning: SMinSampleValue" in capsys.readouterr().out


def test_an_image_that_cannot_be_served_is_a_failure(capsys, tmp_path):
    path = tmp_path / "x.tif"
    path.write_text("no image")
    assert cli.main(["check", str(path)]) == 1
    out, err = capsys.readouterr()
    assert (out, err.startswith(f"iipastro: {path} cannot be served: ")) == ("", True)


def test_an_image_that_is_not_there_is_a_failure(capsys, tmp_path):
    assert cli.main(["check", str(tmp_path / "x\n.tif")]) == 1
    assert capsys.readouterr() == (
        "",
        f"iipastro: {tmp_path}/x\\x0a.tif cannot be opened: No such file or directory\n",
    )


# ---- purge and the mark


def test_images_are_purged_one_by_one(data, tmp_path, capsys):
    for name in ("a.ptif", "b.ptif"):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (784111777, 784111777))
    words = ["purge", "--set", f"images.root={tmp_path}"]
    assert cli.main([*words, "a.ptif", "none.ptif", "b.ptif"]) == 1
    told = capsys.readouterr()
    assert told.out == "a.ptif: 1 file\nb.ptif: 1 file\n"
    assert told.err == "iipastro: none.ptif: no image none.ptif\n"
    assert all(path.stat().st_mtime > 784111777 for path in tmp_path.iterdir())


def test_who_may_not_write_an_image_is_told_another_way(tmp_path, capsys, monkeypatch):
    def refused(*_):
        raise PermissionError(1, "Operation not permitted")

    (tmp_path / "a.ptif").write_bytes(b"x")
    monkeypatch.setattr(os, "utime", refused)
    assert cli.main(["purge", "--set", f"images.root={tmp_path}", "a.ptif"]) == 1
    assert "Operation not permitted" in (told := capsys.readouterr().err)
    assert "[cache] salt" in told


@pytest.mark.parametrize("command", [["configtest"], ["query", "OBJ=iip-server"]])
def test_a_mark_that_is_not_there_ends_the_start(tmp_path, command, capsys):
    words = ["--set", f"watermark.file={tmp_path}/none.png", "--set", f"images.root={tmp_path}"]
    assert cli.main([*command, *words]) == 78
    assert "none.png: No such file or directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["iipastro", "serve", "--listen"], ["iipastro.iipsrv", "--bind"]], ids=["ours", "old"]
)
def test_a_server_does_not_start_without_its_mark(tmp_path, words):
    done = subprocess.run(
        [sys.executable, "-m", *words, f"unix:{tmp_path}/socket"],
        cwd=ROOT,
        env={**os.environ, "WATERMARK": f"{tmp_path}/none.tif"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 78
    assert "[watermark] file" in done.stderr
    assert not (tmp_path / "socket").exists()
