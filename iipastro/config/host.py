"""What this machine has to offer a configuration: folders, addresses, descriptors."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
from collections.abc import Iterator

from .sections import Config
from .sections.files import Images

_BESIDE_IMAGES = 600  # descriptors of a worker: 512 connections, the log, what libraries open
_FEW_IMAGES = 256  # a worker that cannot keep so many open opens images again and again


def shortcomings(config: Config) -> list[str]:
    """Return what keeps a configuration from working here, a line for each; none: all is well.

    A look at the file system, and at the name service if a host is to be listened on.
    """
    return [
        *unusable_root(config.images.root),
        *_of_listen(config.server.listen),
        *shortcomings_of_reload(config),
    ]


def shortcomings_of_reload(config: Config) -> list[str]:
    """Return those of what a reload can change, except the root.  Waits for no name service."""
    return [
        *_of_log(config.log.error_log, "error log"),
        *_of_log(config.log.access_log, "access log"),
        *_of_log(config.log.slow_log, "slow log"),
        *_of_descriptors(config.images.open_images),
    ]


def raise_descriptor_limit() -> None:
    """Let this process open as many files as the system allows it; where it refuses, no more."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # above a ceiling that has come down since
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def descriptors_of_images() -> int:
    """Return how many descriptors the open images of this process may take; may be below 1."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (soft if soft != resource.RLIM_INFINITY else 1 << 20) - _BESIDE_IMAGES


def unusable_root(root: str) -> Iterator[str]:
    """Yield why no image can be found under a root folder, if there is a reason."""
    if not os.path.isdir(root):
        yield f"the root {root} is not a folder"
    elif not os.access(root, os.R_OK | os.X_OK):
        yield f"the root {root} is not readable"


def _of_listen(listen: str) -> Iterator[str]:
    kind, _, rest = listen.partition(":")
    if kind == "unix":
        yield from _of_folder(os.path.dirname(rest), "socket")
    elif kind not in {"fd", "systemd"}:
        yield from _of_host(listen)


def _of_host(listen: str) -> Iterator[str]:
    host, _, port = listen.rpartition(":")
    name = None if host == "*" else host.removeprefix("[").removesuffix("]")
    try:
        socket.getaddrinfo(name, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        yield f"the host of {listen} has no address: {error.strerror or error}"
    except UnicodeError as error:  # a label that is empty or too long
        yield f"the host of {listen} has no address: {error}"


def _of_log(target: str, name: str) -> Iterator[str]:
    if target.partition(":")[0] == "syslog":
        path = target.removeprefix("syslog").removeprefix(":") or "/dev/log"
        if not os.path.exists(path):
            yield f"the socket {path} of the {name} is not there"
    elif target.startswith("/"):
        if not os.path.exists(target):
            yield from _of_folder(os.path.dirname(target), name)
        elif os.path.isdir(target) or not os.access(target, os.W_OK):
            yield f"the {name} {target} is not writable"


def _of_folder(folder: str, of: str) -> Iterator[str]:
    if not os.path.isdir(folder):
        yield f"the folder {folder} of the {of} is not there"
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield f"the folder {folder} of the {of} is not writable"


def _of_descriptors(open_images: int) -> Iterator[str]:
    """Yield that too few images can be open: of a number that was chosen, or at all.

    The default is a bound for what memory and descriptors allow, not a wish.
    """
    wanted = _FEW_IMAGES if open_images == Images().open_images else open_images
    needed = open_images + _BESIDE_IMAGES
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and wanted + _BESIDE_IMAGES > hard:
        yield (
            f"open_images = {open_images} needs {needed} open files,"
            f" of which the system allows {hard} (ulimit -Hn)"
        )
