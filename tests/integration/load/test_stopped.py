"""Stops at any moment: within the grace, with no process and no socket left (issue 6.2)."""

from __future__ import annotations

import random
import threading
import time

import pytest

pytestmark = pytest.mark.integration

GRACE = 3  # seconds


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_a_term_at_any_moment_stops_all_of_it_in_time(start, fcgi, tools, folder, scaled, busy):
    rng, path, longest = random.Random(25 + busy), folder / "s", 0.0
    for _ in range(scaled(6, 25)):
        words = [*tools.daemon_app, f"unix:{path}", "workers=2", f"grace={GRACE}"]
        arbiter = start(words, path)
        over = threading.Event()
        clients = [threading.Thread(target=ask, args=(fcgi, path, over)) for _ in range(4 * busy)]
        for client in clients:
            client.start()
        time.sleep(rng.random() * 0.5)
        began = time.monotonic()
        arbiter.terminate()
        assert arbiter.wait(60) == 0, arbiter.log.read_text()
        longest = max(longest, time.monotonic() - began)
        over.set()
        for client in clients:
            client.join()
        assert not path.exists(), arbiter.log.read_text()
        assert not tools.group(arbiter.pid)
    print(f"stopped in {longest:.2f} s at most")
    assert longest < GRACE + 10  # where nothing else runs: + 1


def ask(fcgi, path, over):
    """Ask for what takes a while, and for what would take longer than the grace."""
    rng = random.Random(1)
    while not over.is_set():
        try:
            fcgi.ask(path, rng.choice(["pid", "sleep=0.2", "compute=0.1", "sleep=60"]), timeout=5)
        except OSError:
            time.sleep(0.01)
