"""Whom to become; tests/integration/test_privileges.py becomes somebody."""

from __future__ import annotations

import pytest

from iipastro.daemon import privileges
from iipastro.daemon.privileges import Account, CannotServe, account_to_become


class Entry:
    """A line of the table of users."""

    def __init__(self, user, group=20):
        self.pw_uid, self.pw_gid, self.pw_dir = user, group, "/home/images"


@pytest.fixture
def started_by(monkeypatch):
    def start(user):
        monkeypatch.setattr(privileges.os, "geteuid", lambda: user)
        users = {"images": Entry(10), "toor": Entry(0), "wheel": Entry(11, 0)}
        monkeypatch.setattr(privileges.pwd, "getpwnam", users.__getitem__)

    return start


def test_root_becomes_the_user_that_is_set(started_by):
    started_by(0)
    assert account_to_become("images") == Account("images", 10, 20, "/home/images")


def test_whoever_is_not_root_stays_who_they_are(started_by):
    started_by(33)
    assert account_to_become("images") is None
    assert account_to_become("nobody here") is None


def test_root_serves_itself_only_if_that_is_said_in_so_many_words(started_by):
    started_by(0)
    assert account_to_become("root") is None
    with pytest.raises(CannotServe, match="there is no user iipastro"):
        account_to_become("iipastro")
    with pytest.raises(CannotServe, match="root by another name"):
        account_to_become("toor")
    with pytest.raises(CannotServe, match="whose group is that of root"):
        account_to_become("wheel")


@pytest.mark.parametrize("hidden", [privileges.os.__file__, privileges.__file__])
def test_an_installation_that_the_user_cannot_read_is_said_at_once(monkeypatch, hidden):
    for name in ("initgroups", "setresgid", "setresuid"):
        monkeypatch.setattr(privileges.os, name, lambda *_: None)
    monkeypatch.setattr(privileges, "gain_no_privileges", lambda: None)
    monkeypatch.setattr(privileges.os, "environ", {})
    monkeypatch.setattr(privileges.os, "access", lambda path, mode: path != hidden)
    with pytest.raises(CannotServe, match="images cannot read"):
        privileges.give_up_privileges(Account("images", 10, 20, "/home/images"))


def test_what_the_system_refuses_is_said(monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(privileges.os, "initgroups", refuse)
    with pytest.raises(CannotServe, match="Operation not permitted"):
        privileges.give_up_privileges(Account("images", 10, 20, "/home/images"))
