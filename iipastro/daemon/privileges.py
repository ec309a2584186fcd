"""Who we are: root binds at most, another user serves (operations.md R24)."""

from __future__ import annotations

import contextlib
import os
import pwd
from collections.abc import Iterator
from typing import NamedTuple

from .prctl import gain_no_privileges

ROOT = "root"


class CannotServe(Exception):
    """Nobody would be served safely.  `str(error)` is one line for the administrator."""


class Account(NamedTuple):
    """A user of this system."""

    name: str
    user: int
    group: int
    home: str


def account_to_become(name: str) -> Account | None:
    """Return whom to become; None: we stay who we are.

    Only root can become somebody else; without root's rights the setting has
    no meaning.  That root itself serves has to be said by its name.  Raises
    CannotServe.
    """
    if os.geteuid() != 0 or name == ROOT:
        return None
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise CannotServe(
            f"will not serve as root, and there is no user {name}: make it, set [server] user, "
            "or start this program as another user"
        ) from None
    if found.pw_uid == 0:
        raise CannotServe(f"will not serve as {name}, which is root by another name")
    if found.pw_gid == 0:
        raise CannotServe(f"will not serve as {name}, whose group is that of root")
    return Account(name, found.pw_uid, found.pw_gid, found.pw_dir)


@contextlib.contextmanager
def acting_as(account: Account) -> Iterator[None]:
    """Have the rights of `account` alone until the block is left: for root, in one thread."""
    groups, group, user = os.getgroups(), os.getegid(), os.geteuid()
    os.initgroups(account.name, account.group)
    os.setegid(account.group)
    os.seteuid(account.user)
    try:
        yield
    finally:
        os.seteuid(user)
        os.setegid(group)
        os.setgroups(groups)


def give_up_privileges(account: Account | None) -> None:
    """Become `account` for good, in all its groups; and whoever we are, gain nothing later.

    Raises CannotServe: what the system refuses must not go unnoticed.
    """
    try:
        if account is not None:
            os.initgroups(account.name, account.group)
            os.setresgid(account.group, account.group, account.group)
            os.setresuid(account.user, account.user, account.user)
            os.environ.update(HOME=account.home, USER=account.name, LOGNAME=account.name)
        gain_no_privileges()
    except OSError as error:
        raise CannotServe(f"cannot give up privileges: {error.strerror}") from error
    if account is not None:
        _see_that_it_can_read(account)


def _see_that_it_can_read(account: Account) -> None:
    """Raise CannotServe if this user will not find what is loaded when it is first needed."""
    for path in (os.__file__, __file__):
        if not os.access(path, os.R_OK):
            raise CannotServe(
                f"{account.name} cannot read {path}: install Python and iipastro where it can"
            )
