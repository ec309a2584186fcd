"""Servers behind nginx, and clients that ask all the time and count what fails.

With IIPASTRO_SOAK=1 (`make soak`) everything is done as often as operations.md says.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import tempfile
import threading
import types
from pathlib import Path

import pytest

SOAK = os.environ.get("IIPASTRO_SOAK") == "1"
NGINX = """
worker_processes 1;
daemon off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000;
    upstream images {{
        server {upstream};
        {kept}
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            fastcgi_pass images;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_keep_conn {keep};
            fastcgi_read_timeout 100s;
        }}
    }}
}}
"""
TILES = [f"FIF=multi5_1k.ptif&JTL={level},0" for level in range(3)]


@pytest.fixture(scope="session")
def scaled():
    """Choose a count: the first in the normal run, the second in the long one."""
    return lambda short, long: long if SOAK else short


@pytest.fixture
def folder():
    """A folder with a short name that others may enter."""
    made = Path(tempfile.mkdtemp(prefix="iip-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


class Server:
    """A server of images with an ini file that can be changed."""

    def __init__(self, start, tools, folder):
        self._start, self._tools, self.folder = start, tools, folder
        self.path, self.ini = folder / "s", folder / "iipastro.ini"
        self.log, self.pid_file = folder / "error.log", folder / "pid"

    def write(self, **settings):
        """Write the ini file: section__key=value."""
        settings = {
            "server__listen": f"unix:{self.path}",
            "server__workers": 2,
            "server__pid_file": self.pid_file,
            "log__error_log": self.log,
            "log__level": "info",
            "images__root": self._tools.data,
            **settings,
        }
        sections = {name.partition("__")[0] for name in settings}
        lines = []
        for section in sections:
            lines.append(f"[{section}]")
            own = (n for n in settings if n.startswith(f"{section}__"))
            lines += [f"{n.partition('__')[2]} = {settings[n]}" for n in own]
        fresh = self.ini.with_suffix(".new")
        fresh.write_text("\n".join(lines) + "\n")
        fresh.rename(self.ini)

    def start(self, **settings):
        self.write(**settings)
        words = [*self._tools.iipastro, "serve", "--config", str(self.ini)]
        self.process = self._start(words, self.path)
        self.pid = self.process.pid
        count = int(settings.get("server__workers", 2))
        assert self._tools.wait_until(lambda: len(self.workers()) == count)
        return self

    def workers(self):
        return self._tools.children(self.pid)


@pytest.fixture
def server(start, tools, folder):
    return Server(start, tools, folder)


@pytest.fixture
def nginx(start, tools, folder):
    """Start nginx in front of a socket, and return its port."""

    def started(path, keep=False):
        program, port = tools.find("nginx", "nginx"), tools.free_port()
        text = NGINX.format(
            folder=folder, port=port, upstream=f"unix:{path}", keep="on" if keep else "off",
            kept="keepalive 16;" if keep else "",
        )  # fmt: skip
        (folder / "nginx.conf").write_text(text)
        words = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        start(words, ("127.0.0.1", port))
        return port

    return started


class Load:
    """Clients that ask, each one request after the other, as long as the block lasts."""

    def __init__(self, port, queries=TILES, clients=6):
        self._port, self._queries = port, queries
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=[n]) for n in range(clients)]
        self._bodies = {}
        self.answered, self.failed, self.wrong = 0, [], 0

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number):
        while not self._over.is_set():
            with contextlib.closing(
                http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            ) as connection:
                self._ask_over(connection, number)

    def _ask_over(self, connection, number):
        while not self._over.is_set():
            number += 1
            query = self._queries[number % len(self._queries)]
            try:
                connection.request("GET", f"/?{query}")
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error))
                return
            self.answered += 1
            if answer.status != 200:
                self.failed.append(answer.status)
            elif query.startswith("FIF="):
                self.wrong += self._bodies.setdefault(query, body) != body


@pytest.fixture
def load():
    return Load


@pytest.fixture
def web_get():
    """Ask nginx once."""

    def get(port, query, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        with contextlib.closing(connection):
            connection.request("GET", f"/?{query}")
            answer = connection.getresponse()
            return types.SimpleNamespace(status=answer.status, body=answer.read())

    return get
