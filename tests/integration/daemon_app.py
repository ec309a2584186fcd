"""A daemon whose application does what the query says: daemon_app.py LISTEN [NAME=VALUE ...].

`settings=PATH` names a file of further such words, which is read again at a reload.
"""

from __future__ import annotations

import itertools
import logging
import os
import random
import sys
import time
from functools import partial
from pathlib import Path

from iipastro import daemon
from iipastro.daemon.arbiter import Callbacks, Plan
from iipastro.daemon.judge import Times
from iipastro.daemon.loop import Limits
from iipastro.daemon.scoreboard import Scoreboard
from iipastro.daemon.worker import Duty, work
from iipastro.response import answer


def respond(environ, body, slot, settings):
    query = environ.get("QUERY_STRING", "")
    slot.begin(time.monotonic(), query)
    try:
        return responded(environ, body, *query.partition("=")[::2], settings)
    finally:
        slot.end(200, 0, 0.0)


def responded(environ, body, name, value, settings):
    if name == "fail":
        raise RuntimeError("as asked")
    if name == "header":
        return answer("text/plain", b"", ("X-Name", "\u2603"))
    if name == "sleep":
        time.sleep(float(value))
    if name == "count":  # in C, where no handler of Python's runs
        sum(itertools.repeat(1, int(value)))
    if name == "compute":
        end = time.process_time() + float(value)
        while time.process_time() < end:
            sum(range(1000))
    if name == "size":
        return answer("image/jpeg", b"\xff" * int(value))
    texts = {
        "pid": str(os.getpid()),
        "user": " ".join(map(str, (*os.getresuid(), *os.getresgid(), *os.getgroups()))),
        "draw": str(random.random()),
        "body": str(len(body)),
        "setting": settings.get(value, ""),
        "open": str(len(os.listdir("/proc/self/fd"))),
    }
    return answer("text/plain", texts.get(name, environ.get(value, name)).encode())


def read(words):
    settings = dict(word.split("=", 1) for word in words)
    if "settings" in settings:
        settings |= read(Path(settings["settings"]).read_text().split())
    return settings


def plan_of(settings):
    def build(slot):
        if "broken" in settings:
            raise RuntimeError("cannot be built")
        time.sleep(float(settings.get("build", "0")))
        return lambda environ, body: respond(environ, body, slot, settings)

    timeout = float(settings.get("timeout", "30"))
    limits = Limits(timeout, 1000, int(settings.get("requests", "0")))
    reopen = partial(print, "reopened", flush=True)
    return Plan(
        int(settings.get("workers", "1")),
        float(settings.get("grace", "5")),
        Times(float(settings.get("limit", "30")), float(settings.get("slow", "0"))),
        partial(work, Duty(build, limits, reopen)),
        partial(print, "entered", flush=True),
        lambda workers: None,
    )


def main(listen, *words):
    settings = read(words)
    logging.basicConfig(level=logging.DEBUG)

    def prepare():
        print("preparing", flush=True)
        time.sleep(float(settings.get("prepare", "0")))
        if "unprepared" in settings:
            raise RuntimeError("cannot be prepared")

    def load():
        again = read(words)
        return None if "invalid" in again else plan_of(again)

    mode = int(settings.get("mode", "600"), 8)
    user = settings.get("user", "root")
    place = daemon.Place(listen, mode, 64, user, settings.get("pid_file", ""))
    say = partial(print, flush=True)
    calls = Callbacks(load, partial(say, "reopened"), partial(say, "reported"))
    return daemon.run(place, plan_of(settings), calls, Scoreboard(), prepare)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
