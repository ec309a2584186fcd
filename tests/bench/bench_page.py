#!/usr/bin/env python3
"""Measure the page of the client on two image servers: the same files, behind the same nginx.

    bench_page.py --data DIR [--rounds N] --server NAME=COMMAND [--server ...]

As bench_servers.py starts them; each gets a page of its own that asks it alone.  A browser opens
the pages in turn with nothing in its cache, then changes the colour of a channel; the figures are
the medians of all rounds.  Needs nginx, Chromium, Node and the built client (make client).
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_servers import Server, start_nginx

CLIENT = Path(__file__).resolve().parents[2] / "client_static"
PAGE = """
        location /{name}.page/ {{
            alias {folder}/;
            types {{ text/html html; text/css css; text/javascript js; application/json json;
                     image/svg+xml svg; }}
            gzip on; gzip_types text/css text/javascript;
        }}
"""


class PagedServer(Server):
    """A server, and the page that asks it."""

    def prepare(self, run):
        """Copy the client, and name the server in its configuration."""
        self.folder = run / f"{self.name}.page"
        shutil.copytree(CLIENT / "dist", self.folder)
        (self.folder / "config.json").write_text(json.dumps({"endpoint": f"/{self.name}"}))


def locations(servers):
    return "".join(PAGE.format(name=one.name, folder=one.folder) for one in servers)


def measure(servers, args):
    """Yield a row per round and server."""
    base = f"http://127.0.0.1:{args.port}"
    browser = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))))
    pages = [f"{base}/{one.name}.page/" for one in servers]
    command = ["node", "tests/browser/timing.mjs", str(args.rounds), args.image, *pages]
    with tempfile.TemporaryDirectory(prefix="iip", ignore_cleanup_errors=True) as home:
        env = {**os.environ, "BASE": base, "BROWSER_PATH": browser, "HOME": home, "TMPDIR": home}
        done = subprocess.run(command, cwd=CLIENT, env=env, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines() if line[:1] == "{"]


def report(rows, servers):
    print("| server | tiles | opening, ms (least to most) | another colour, ms (least to most) |")
    print("|---|---|---|---|")
    for one in servers:
        mine = [row for row in rows if f"/{one.name}.page/" in row["page"]]
        cells = [one.name, f"{mine[0]['tiles']}"]
        for what in ("opening", "mixing"):
            times = [row[what] for row in mine]
            cells.append(f"{statistics.median(times):.0f} ({min(times):.0f} to {max(times):.0f})")
        print(f"| {' | '.join(cells)} |")


def main():
    par = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    par.add_argument("--server", action="append", required=True, metavar="NAME=COMMAND")
    par.add_argument("--data", type=Path, required=True)
    par.add_argument("--image", default="multi5_4k.ptif")
    par.add_argument("--rounds", type=int, default=9)
    par.add_argument("--workers", type=int, default=2)
    par.add_argument("--port", type=int, default=8091)
    args = par.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        run = Path(folder)
        run.chmod(0o755)
        servers = [PagedServer(*text.split("=", 1), run) for text in args.server]
        for one in servers:
            one.prepare(run)
            one.start(args.data.resolve(), {}, args.workers, 1)
        nginx = start_nginx(servers, run, args.port, locations(servers))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            report(measure(servers, args), servers)
        finally:
            for one in servers:
                one.stop()
            nginx.terminate()
            nginx.wait()


if __name__ == "__main__":
    main()
