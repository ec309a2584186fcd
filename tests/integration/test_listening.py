"""The sockets of the daemon: unix, TCP, and one that it is started with."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import urllib.request

import pytest

pytestmark = pytest.mark.integration


def test_a_unix_socket_has_the_mode_that_is_set(daemon):
    assert oct(daemon("mode=620").path.stat().st_mode)[-3:] == "620"


def test_the_socket_of_a_living_server_is_left_alone(daemon, start, fcgi, tools):
    first = daemon()
    second = start([*tools.daemon_app, f"unix:{first.path}"])
    assert second.wait(5) == 1
    assert "another server" in second.log.read_text()
    assert fcgi.ask(first.path, "pid").status == 200


def test_a_file_that_is_no_socket_is_left_alone(start, tools, tmp_path):
    path = tmp_path / "daemon.sock"
    path.write_text("precious")
    daemon = start([*tools.daemon_app, f"unix:{path}"])
    assert daemon.wait(5) == 1
    assert f"cannot listen on unix:{path}" in daemon.log.read_text()
    assert path.read_text() == "precious"


def test_a_missing_folder_is_said_in_one_line(start, tools, tmp_path):
    daemon = start([*tools.daemon_app, f"unix:{tmp_path}/nothing/daemon.sock"])
    assert daemon.wait(5) == 1
    assert "No such file or directory" in daemon.log.read_text()
    assert "Traceback" not in daemon.log.read_text()


def test_the_socket_of_a_successor_is_left_alone(daemon, fcgi):
    first = daemon()
    first.path.unlink()
    second = daemon()
    first.terminate()
    assert first.wait(5) == 0
    assert fcgi.ask(second.path, "pid").status == 200


@pytest.mark.parametrize(
    ("host", "ask"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("*", "127.0.0.1"),
        ("*", "::1"),
        ("[::1]", "::1"),
        ("localhost", "localhost"),
    ],
)
def test_a_tcp_address_is_listened_on(start, fcgi, tools, host, ask):
    if ask == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    port = tools.free_port()
    start([*tools.daemon_app, f"{host}:{port}"], (ask, port))
    assert fcgi.ask((ask, port), "pid").status == 200


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_a_port_in_use_is_said_in_one_line(start, tools):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        daemon = start([*tools.daemon_app, f"127.0.0.1:{taken.getsockname()[1]}"])
        assert daemon.wait(5) == 1
    assert "Address already in use" in daemon.log.read_text()


@pytest.mark.parametrize("family", [socket.AF_UNIX, socket.AF_INET])
def test_a_socket_on_descriptor_0_is_served_whatever_its_family(
    start, fcgi, tools, tmp_path, family
):
    address = str(tmp_path / "given.sock") if family == socket.AF_UNIX else ("127.0.0.1", 0)
    with socket.socket(family) as given:
        given.bind(address)
        given.listen()
        address = given.getsockname()
        daemon = start([*tools.daemon_app, "fd:0", "workers=2"], stdin=given)
    assert fcgi.ask(address, "pid").status == 200
    daemon.terminate()
    assert daemon.wait(5) == 0
    if family == socket.AF_UNIX:
        assert os.path.exists(address)  # whoever made it takes it away
    assert not tools.answers(address)


def test_a_descriptor_that_is_no_socket_is_said_in_one_line(start, tools):
    daemon = start([*tools.daemon_app, "fd:0"])
    assert daemon.wait(5) == 1
    assert "descriptor 0 is no listening socket" in daemon.log.read_text()


# ---- the drop-in command


def test_iipsrv_without_a_socket_says_how_to_start_it(tools):
    ended = subprocess.run(
        tools.iipsrv, env=tools.environment(), stdin=subprocess.DEVNULL, capture_output=True,
        check=False, text=True,
    )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "--bind" in ended.stderr


def test_iipsrv_with_a_wrong_setting_ends_with_78(tools, tmp_path):
    ended = subprocess.run(
        [*tools.iipsrv, "--bind", str(tmp_path / "s")], env=tools.environment(WORKERS="many"),
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert ended.returncode == 78
    assert "WORKERS" in ended.stderr


def test_iipsrv_does_not_load_numpy_before_it_says_so(tools):
    code = "import sys, iipastro.iipsrv, iipastro.daemon; sys.exit('numpy' in sys.modules)"
    done = subprocess.run([*tools.iipsrv[:1], "-c", code], env=tools.environment(), check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("more", [[], ["--backlog", "5"]])
def test_iipsrv_is_one_worker_unless_told_otherwise(start, tools, tmp_path, more):
    path = tmp_path / "iipsrv.sock"
    images = str(tools.data)
    one = start([*tools.iipsrv, *more, "--bind", str(path)], path, FILESYSTEM_PREFIX=images)
    assert tools.wait_until(lambda: len(tools.children(one.pid)) == 1)
    one.send_signal(signal.SIGTERM)
    assert one.wait(5) == 0
    words = [*tools.iipsrv, "--bind", str(path), *more]
    three = start(words, path, FILESYSTEM_PREFIX=images, WORKERS="3")
    assert tools.wait_until(lambda: len(tools.children(three.pid)) == 3)
    assert tools.threads(three.pid) == 1  # none that the fork would lose


# ---- the embedded HTTP front

FRONT = """
import sys
from iipastro.httpd import serve_http

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Server", "ours")])
    return [environ["QUERY_STRING"].encode("latin-1")]

serve_http(app, "127.0.0.1", int(sys.argv[1]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_embedded_front_answers_until_it_is_told_to_stop(start, tools, number):
    port = tools.free_port()
    front = start([*tools.iipsrv[:1], "-c", FRONT, str(port)], ("127.0.0.1", port))
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/?a=%20b", timeout=5) as answer:
        assert answer.read() == b"a=%20b"
        assert answer.headers["Server"] == "ours"
    front.send_signal(number)
    assert front.wait(5) == 0
    assert not tools.answers(("127.0.0.1", port))
