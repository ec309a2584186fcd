"""What a machine lacks for a configuration is told before the server needs it."""

from __future__ import annotations

import os
import resource
import socket

import pytest

from iipastro.config import load_config
from iipastro.config.host import descriptors_of_images, raise_descriptor_limit, shortcomings


@pytest.fixture
def told(tmp_path):
    """Return what is told of a configuration that works but for the settings given."""
    fine = {"server.listen": "fd:0", "images.root": str(tmp_path)}
    return lambda **settings: shortcomings(
        load_config(
            [], {}, fine | {key.replace("__", "."): settings[key] for key in settings}
        ).config
    )


@pytest.fixture
def denied(monkeypatch):
    """Deny access of one kind to one path: the user root may do everything."""

    def deny(path, mode):
        allowed = os.access
        monkeypatch.setattr(
            os, "access", lambda p, m: allowed(p, m) and not (p == str(path) and m & mode)
        )

    return deny


def test_a_machine_that_has_everything_lacks_nothing(told, tmp_path):
    listen = f"unix:{tmp_path}/x.sock"
    assert told(server__listen=listen, log__error_log=f"{tmp_path}/log") == []
    assert told(server__listen="fd:0", log__error_log="stderr") == []


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_a_root_that_is_no_folder_is_told(told, tmp_path, name):
    (tmp_path / "file").write_text("")
    root = f"{tmp_path}/{name}"
    assert told(images__root=root) == [f"the root {root} is not a folder"]


@pytest.mark.parametrize("mode", [os.R_OK, os.X_OK])
def test_a_root_that_cannot_be_read_is_told(told, tmp_path, denied, mode):
    denied(tmp_path, mode)
    assert told(images__root=str(tmp_path)) == [f"the root {tmp_path} is not readable"]


# ---- the socket


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_the_folder_of_the_socket_has_to_be_there(told, tmp_path, name):
    (tmp_path / "file").write_text("")
    folder = f"{tmp_path}/{name}"
    assert told(server__listen=f"unix:{folder}/x.sock") == [
        f"the folder {folder} of the socket is not there"
    ]


@pytest.mark.parametrize("mode", [os.W_OK, os.X_OK])
def test_the_folder_of_the_socket_has_to_be_writable(told, tmp_path, denied, mode):
    (tmp_path / "run").mkdir()
    denied(tmp_path / "run", mode)
    assert told(server__listen=f"unix:{tmp_path}/run/x.sock") == [
        f"the folder {tmp_path}/run of the socket is not writable"
    ]


def test_a_socket_in_the_root_of_the_system_has_a_folder(told):
    assert told(server__listen="unix:/x.sock") == []


@pytest.mark.parametrize("listen", ["127.0.0.1:9000", "[::1]:9000", "*:9000"])
def test_an_address_needs_no_name(told, listen):
    assert told(server__listen=listen) == []


def test_a_host_has_to_have_an_address(told, monkeypatch):
    asked = []

    def unknown(*words, **_):
        asked.append(words[:2])
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert told(server__listen="images.invalid:9000") == [
        "the host of images.invalid:9000 has no address: Name or service not known"
    ]
    assert asked == [("images.invalid", 9000)]


def test_a_host_that_cannot_be_a_name_has_no_address(told):
    (line,) = told(server__listen="a..b:9000")
    assert line.startswith("the host of a..b:9000 has no address: ")


# ---- the log


def test_the_folder_of_the_log_has_to_be_there(told, tmp_path):
    assert told(log__error_log=f"{tmp_path}/nowhere/log") == [
        f"the folder {tmp_path}/nowhere of the error log is not there"
    ]


def test_the_folder_of_a_new_log_has_to_be_writable(told, tmp_path, denied):
    denied(tmp_path, os.W_OK)
    assert told(log__error_log=f"{tmp_path}/log") == [
        f"the folder {tmp_path} of the error log is not writable"
    ]


def test_a_log_that_is_there_needs_no_writable_folder(told, tmp_path, denied):
    (tmp_path / "log").write_text("")
    denied(tmp_path, os.W_OK)
    assert told(log__error_log=f"{tmp_path}/log") == []


def test_a_log_that_is_there_has_to_be_writable(told, tmp_path, denied):
    (tmp_path / "log").write_text("")
    denied(tmp_path / "log", os.W_OK)
    assert told(log__error_log=f"{tmp_path}/log") == [
        f"the error log {tmp_path}/log is not writable"
    ]
    assert told(log__error_log=str(tmp_path)) == [f"the error log {tmp_path} is not writable"]


@pytest.mark.parametrize(("key", "name"), [("access_log", "access log"), ("slow_log", "slow log")])
def test_every_log_is_looked_at(told, tmp_path, key, name):
    assert told(**{f"log__{key}": f"{tmp_path}/nowhere/log"}) == [
        f"the folder {tmp_path}/nowhere of the {name} is not there"
    ]


def test_the_socket_of_syslog_has_to_be_there(told, tmp_path):
    assert told(log__error_log=f"syslog:{tmp_path}/log") == [
        f"the socket {tmp_path}/log of the error log is not there"
    ]
    (tmp_path / "log").write_text("")
    assert told(log__error_log=f"syslog:{tmp_path}/log") == []


# ---- descriptors


@pytest.mark.parametrize(
    ("hard", "images", "enough"),
    [
        (4096, "3496", True),  # and 600 for connections, log and libraries
        (4096, "3497", False),
        (resource.RLIM_INFINITY, "65535", True),
    ],
)
def test_images_that_cannot_all_be_open_are_told(told, monkeypatch, hard, images, enough):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, hard))
    lines = [
        "open_images = 3497 needs 4097 open files, of which the system allows 4096 (ulimit -Hn)"
    ]
    assert told(images__open_images=images) == ([] if enough else lines)


@pytest.mark.parametrize(("hard", "enough"), [(856, True), (855, False)])
def test_a_number_that_nobody_chose_is_told_where_few_images_can_be_open(
    told, monkeypatch, hard, enough
):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, hard))
    lines = [
        "open_images = 10000 needs 10600 open files, of which the system allows 855 (ulimit -Hn)"
    ]
    assert told() == ([] if enough else lines)


@pytest.mark.parametrize(
    ("soft", "left"), [(1024, 424), (500, -100), (resource.RLIM_INFINITY, (1 << 20) - 600)]
)
def test_images_leave_descriptors_for_connections(monkeypatch, soft, left):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, resource.RLIM_INFINITY))
    assert descriptors_of_images() == left


def test_several_shortcomings_are_all_told(told, tmp_path):
    missing = f"{tmp_path}/nowhere"
    lines = told(
        images__root=missing, server__listen=f"unix:{missing}/x", log__error_log=f"{missing}/y"
    )
    assert len(lines) == 3


def test_as_many_descriptors_as_the_system_allows_are_taken():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 1000) - 1, hard))
        raise_descriptor_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_limit_that_cannot_be_raised_stays(monkeypatch):
    def refuse(*_):
        raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    raise_descriptor_limit()
