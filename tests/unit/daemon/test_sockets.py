"""What fails before there is a socket; tests/integration/test_listening.py has the rest."""

from __future__ import annotations

import os
import socket

import pytest

from iipastro.daemon import sockets
from iipastro.daemon.sockets import CannotListen, Entrance, is_listening, listen


@pytest.fixture
def a_file(tmp_path):
    descriptor = os.open(tmp_path / "file", os.O_CREAT | os.O_RDWR)
    yield descriptor
    os.close(descriptor)


def test_a_file_is_no_listening_socket(a_file):
    assert not is_listening(a_file)


def test_a_closed_descriptor_is_no_listening_socket(a_file):
    assert not is_listening(a_file + 1000)


def test_a_descriptor_that_does_not_listen_is_refused(a_file):
    with pytest.raises(CannotListen, match=f"^descriptor {a_file} is no listening socket$"):
        listen(f"fd:{a_file}", 1, 0o600)


def test_a_socket_in_no_folder_is_refused(tmp_path):
    with pytest.raises(CannotListen, match=r"nothing/s: No such file or directory$"):
        listen(f"unix:{tmp_path}/nothing/s", 1, 0o600)


def test_a_locked_folder_is_not_waited_for_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(sockets, "_LOCK_TRIES", 1)
    with (
        sockets._locked(str(tmp_path)),
        pytest.raises(CannotListen, match=r"another program holds the folder"),
    ):
        listen(f"unix:{tmp_path}/s", 1, 0o600)


@pytest.mark.parametrize(("both", "address"), [(True, "::"), (False, "0.0.0.0")])
def test_every_address_is_of_both_families_where_the_system_has_both(monkeypatch, both, address):
    monkeypatch.setattr(sockets.socket, "has_dualstack_ipv6", lambda: both)
    assert sockets._any_address() == address


def test_a_name_that_no_host_can_have_is_told():
    with pytest.raises(CannotListen, match=r"^cannot listen on a\.\.b:9000: no such host$"):
        listen("a..b:9000", 1, 0o600)


@pytest.mark.parametrize("family", [socket.AF_UNIX, socket.AF_INET])
def test_an_entrance_gives_connections_as_a_socket_does(family, tmp_path):
    with socket.socket(family) as listening, socket.socket(family) as client:
        listening.bind(str(tmp_path / "s") if family == socket.AF_UNIX else ("127.0.0.1", 0))
        listening.listen()
        listening.setblocking(False)
        entrance = Entrance(listening)
        assert entrance.fileno() == listening.fileno()
        with pytest.raises(BlockingIOError):
            entrance.accept()
        client.connect(listening.getsockname())
        opened, address = entrance.accept()
        assert address == (client.getsockname() if family == socket.AF_INET else "")
        assert opened.family == family
        client.sendall(b"hello")
        assert opened.recv(9) == b"hello"
        opened.close()
        assert client.recv(9) == b""
