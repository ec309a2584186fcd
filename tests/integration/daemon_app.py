"""A daemon whose application does what the query says: daemon_app.py LISTEN [NAME=VALUE ...]."""

from __future__ import annotations

import logging
import os
import random
import sys
import time

from iipastro import daemon
from iipastro.daemon.worker import Limits
from iipastro.response import answer


def respond(environ, body):
    name, _, value = environ.get("QUERY_STRING", "").partition("=")
    if name == "fail":
        raise RuntimeError("as asked")
    if name == "header":
        return answer("text/plain", b"", ("X-Name", "\u2603"))
    if name == "sleep":
        time.sleep(float(value))
    if name == "size":
        return answer("image/jpeg", b"\xff" * int(value))
    texts = {"pid": str(os.getpid()), "draw": str(random.random()), "body": str(len(body))}
    return answer("text/plain", texts.get(name, environ.get(value, name)).encode())


def main(listen, *words):
    settings = dict(word.split("=") for word in words)
    logging.basicConfig(level=logging.DEBUG)

    def prepare():
        print("preparing", flush=True)
        time.sleep(float(settings.get("prepare", "0")))
        if "unprepared" in settings:
            raise RuntimeError("cannot be prepared")

    def build():
        if "broken" in settings:
            raise RuntimeError("cannot be built")
        return respond

    return daemon.run(
        daemon.Options(
            listen,
            int(settings.get("mode", "600"), 8),
            64,
            int(settings.get("workers", "1")),
            float(settings.get("grace", "5")),
            Limits(float(settings.get("timeout", "30")), 1000),
        ),
        prepare,
        build,
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
