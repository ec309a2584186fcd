from __future__ import annotations

import logging
import resource
import signal

import pytest

from iipastro import daemon, iipsrv


@pytest.mark.parametrize(
    ("bind", "listen"),
    [
        ("localhost:9000", "localhost:9000"),
        ("127.0.0.1:9000", "127.0.0.1:9000"),
        ("[::1]:9000", "[::1]:9000"),
        (":9000", "*:9000"),
        ("/run/iipsrv.sock", "unix:/run/iipsrv.sock"),
        ("unix:/run/iipsrv.sock", "unix:/run/iipsrv.sock"),
        ("/run/iipsrv:9000", "unix:/run/iipsrv:9000"),
    ],
)
def test_bind_takes_a_port_or_a_path(bind, listen):
    assert iipsrv.address(bind) == listen


@pytest.mark.parametrize("bind", ["iipsrv.sock", "9000"])
def test_what_is_no_port_is_a_path_from_here(bind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert iipsrv.address(bind) == f"unix:{tmp_path}/{bind}"


@pytest.fixture
def configured(monkeypatch):
    """The configuration of a command line, an environment and no file of this machine."""
    monkeypatch.setattr(iipsrv, "system_files", list)

    def read(bind=None, backlog=None, **environ):
        monkeypatch.setattr(iipsrv.os, "environ", environ)
        return iipsrv._configuration(iipsrv._overrides(bind, backlog)).server

    return read


def test_without_bind_the_socket_is_descriptor_0(configured):
    assert configured().listen == "fd:0"


def test_bind_and_backlog_are_told_to_the_server(configured):
    server = configured("/run/s", "17")
    assert (server.listen, server.backlog) == ("unix:/run/s", 17)


def test_iipsrv_is_one_process_unless_told_otherwise(configured):
    assert configured().workers == 1
    assert configured(WORKERS="3").workers == 3


def test_an_ini_file_can_tell_the_number_of_workers(configured, tmp_path, monkeypatch):
    ini = tmp_path / "iipastro.ini"
    ini.write_text("[server]\nworkers = 5\n")
    monkeypatch.setattr(iipsrv, "system_files", lambda: [str(ini)])
    assert configured().workers == 5


def test_a_backlog_that_is_no_number_ends_with_78(monkeypatch, capsys):
    monkeypatch.setattr(iipsrv, "system_files", list)
    assert iipsrv.main(["--backlog", "many"]) == 78
    assert capsys.readouterr().err.startswith("iipsrv.fcgi: ")


@pytest.fixture
def logger():
    """The logger of the server, which is left as it was found."""
    logger = logging.getLogger("iipastro")
    before = logger.handlers[:], logger.level, logger.propagate
    yield logger
    logger.handlers[:], logger.level, logger.propagate = before


@pytest.fixture
def signals():
    """What signals do in this process, which is left as it was found."""
    numbers = [*daemon._STOPS, *daemon._EARLY]
    before = {number: signal.getsignal(number) for number in numbers}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@pytest.mark.usefixtures("signals", "logger")
def test_it_takes_the_descriptors_that_it_may_have(configured, tmp_path, monkeypatch):
    monkeypatch.setattr(iipsrv.os, "environ", {"LOGFILE": f"{tmp_path}/log"})
    before = soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1000) - 1, hard))
        assert iipsrv.main(["--bind", f"{tmp_path}/nowhere/s"]) == 1
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_an_unknown_option_ends_with_2(capsys):
    with pytest.raises(SystemExit) as ended:
        iipsrv.main(["--backlock", "5"])
    assert ended.value.code == 2
    capsys.readouterr()


def test_an_interrupt_before_there_is_a_daemon_is_no_traceback(monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(iipsrv, "system_files", interrupted)
    assert iipsrv.main([]) == 130
    assert capsys.readouterr().err == ""
