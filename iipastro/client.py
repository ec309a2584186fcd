"""The built client: where its files are, and how they get next to those of a web server."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import resources

from . import __version__
from .errors import printable
from .whole_file import whole_file

PACKAGED = "client_files"  # in the package: setup.py puts it there
BUILT = "client_static/dist"  # in a checkout: `make client` puts it there
RECORD = "iipastro-client.txt"  # what was installed: a hash and a name per line
KEPT = "config.json"  # of the site; what is ours is an example
LAST = "index.html"  # names the others


class ClientError(Exception):
    """The client is not here, or cannot be installed there."""


def client_folder(package: str | None = None) -> str:
    """Return the folder of the built client.  Raises ClientError if there is none."""
    package = os.path.abspath(package or str(resources.files(__package__)))
    for folder in (f"{package}/{PACKAGED}", f"{os.path.dirname(package)}/{BUILT}"):
        if os.path.isfile(os.path.join(folder, LAST)):
            return folder
    raise ClientError("the client is not here: it is in the wheel, or comes from `make client`")


def run_command(arguments: argparse.Namespace, find: Callable[[], str] = client_folder) -> int:
    """Install the client as a command line says, and return the exit code."""
    try:
        count = install(find(), arguments.folder)
    except ClientError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename or arguments.folder}: {error.strerror or error}")
    sys.stdout.write(f"{count} files in {printable(arguments.folder)}\n")
    return 0


def _fail(message: str) -> int:
    sys.stderr.write(f"iipastro: {printable(message)}\n")
    return 1


def install(source: str, target: str) -> int:
    """Copy the client into a folder, and return the number of its files.

    The folder is made if it is not there.  What an earlier release has put there is replaced,
    or removed; a file that is not from us, or was changed, is never written over, and then
    nothing is done.  A config.json that is there stays.  Each file appears whole, the page that
    names the others last, so that readers find either release.

    Raises
    ------
    ClientError
        A file of the folder is in the way.
    OSError
        The disk, or the folder, does not allow it.
    """
    names = sorted(names_in(source), key=lambda name: (name == LAST, name))
    before = _recorded(target)
    _refuse_foreign(source, target, names, before)
    for name in names:
        if not (name == KEPT and os.path.lexists(os.path.join(target, name))):
            _copy(os.path.join(source, name), os.path.join(target, name))
    hashes = {name: _hash(os.path.join(source, name)) for name in names if name != KEPT}
    _record(target, hashes)
    _remove(target, sorted(before.keys() - hashes.keys()), before)
    return len(names)


def names_in(folder: str) -> Iterable[str]:
    """Yield the files below a folder, as paths from it."""
    for place, _, files in os.walk(folder):
        for file in files:
            yield os.path.relpath(os.path.join(place, file), folder)


def _refuse_foreign(source: str, target: str, names: list[str], before: dict[str, str]) -> None:
    for name in names:
        path = os.path.join(target, name)
        if not _is_within(target, path):
            raise ClientError(f"{path} is behind a link to another folder; move the link away")
        if name == KEPT or not os.path.lexists(path):
            continue
        if os.path.islink(path) or not os.path.isfile(path):
            raise ClientError(f"{path} is not a file of ours; move it away")
        ours = {before.get(name), _hash(os.path.join(source, name))}
        if _hash(path) not in ours:
            raise ClientError(f"{path} is not as iipastro has installed it; move it away")


def _is_within(target: str, path: str) -> bool:
    """Say whether the folder of a file is the target or below it, whatever links there are."""
    home, place = os.path.realpath(target), os.path.realpath(os.path.dirname(path))
    return os.path.commonpath((home, place)) == home


def _copy(source: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(source, "rb") as given, whole_file(target) as file:
        file.write(given.read())


def _hash(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _record(target: str, hashes: dict[str, str]) -> None:
    lines = [f"{digest}  {name}\n" for name, digest in sorted(hashes.items())]
    with whole_file(os.path.join(target, RECORD)) as file:
        file.write("".join([f"# iipastro {__version__}\n", *lines]).encode())


def _recorded(target: str) -> dict[str, str]:
    """Return the names and hashes of what an earlier release has installed."""
    try:
        with open(os.path.join(target, RECORD), encoding="utf-8") as file:
            pairs = [line.rstrip("\n").partition("  ") for line in file if line[0] != "#"]
    except FileNotFoundError:
        return {}
    return {name: digest for digest, _, name in pairs if _is_below(name)}


def _is_below(name: str) -> bool:
    return bool(name) and not os.path.isabs(name) and ".." not in name.split("/")


def _remove(target: str, names: list[str], before: dict[str, str]) -> None:
    """Remove what an earlier release has installed and this one has not, if it is unchanged."""
    for name in names:
        path = os.path.join(target, name)
        if not _is_within(target, path):
            continue
        if os.path.isfile(path) and not os.path.islink(path) and _hash(path) == before[name]:
            os.unlink(path)
            with suppress(OSError):  # it holds other files
                os.removedirs(os.path.dirname(path))
