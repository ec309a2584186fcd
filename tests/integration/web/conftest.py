"""Web servers with the files that we ship, and each way to start what stands behind them."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import types
from pathlib import Path

import pytest

ORIGIN = "https://example.org"
SOCKET = "/run/iipastro/iipastro.sock"
BIN = "/opt/iipastro/bin"

APACHE = """
ServerRoot "{folder}"
ServerName localhost
Listen 127.0.0.1:{port}
PidFile "{folder}/apache.pid"
ErrorLog "{folder}/error.log"
DefaultRuntimeDir "{folder}"
DocumentRoot "{folder}/htdocs"
{modules}
TypesConfig /dev/null
<IfModule fcgid_module>
    FcgidIPCDir "{folder}/ipc"
    FcgidProcessTableFile "{folder}/table"
</IfModule>
Include "{folder}/site.conf"
"""
APACHE_MODULES = (
    *("mpm_event", "authz_core", "authz_host", "alias", "env", "mime", "remoteip"),
    *("proxy", "proxy_fcgi", "fcgid"),
)
LIGHTTPD = """
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{folder}/htdocs"
server.errorlog = "{folder}/error.log"
server.upload-dirs = ( "{folder}" )
include "{folder}/site.conf"
"""


# ---- daemons: what a web server finds at a socket


def settings(tools):
    return {"FILESYSTEM_PREFIX": str(tools.data), "CORS": ORIGIN, "JPEG_QUALITY": "90"}


def by_spawn_fcgi(start, tools, folder):
    """As a web server's start script does it: the socket is descriptor 0."""
    spawn = tools.find("spawn-fcgi", "spawn-fcgi")
    path = folder / "spawned.sock"
    start([spawn, "-n", "-s", str(path), "--", *tools.iipsrv], path, **settings(tools))
    return f"unix:{path}"


def by_bind_to_a_path(start, tools, folder):
    path = folder / "bound.sock"
    start([*tools.iipsrv, "--bind", str(path), "--backlog", "64"], path, **settings(tools))
    return f"unix:{path}"


def by_bind_to_a_port(start, tools, folder):
    port = tools.free_port()
    words = [*tools.iipsrv, "--backlog", "64", "--bind", f"127.0.0.1:{port}"]
    start(words, ("127.0.0.1", port), **settings(tools))
    return f"127.0.0.1:{port}"


def by_iipastro_serve(start, tools, folder):
    path = folder / "served.sock"
    ini = folder / "iipastro.ini"
    ini.write_text(
        f"[server]\nlisten = unix:{path}\nworkers = 2\npid_file =\n"
        f"[images]\nroot = {tools.data}\n[cors]\norigins = {ORIGIN}\n"
        "[status]\npath = /iipastro/status\nping_path = /iipastro/ping\n"
    )
    start([*tools.iipastro, "serve", "--config", str(ini)], path)
    return f"unix:{path}"


# ---- web servers: each is started with a site file, and asked on a port


def nginx(start, tools, folder, site):
    return tools.nginx(start, folder, site)


def apache(start, tools, folder, site):
    """Apache will not serve as root: where we are root, it sees us as somebody else."""
    program, port = tools.find("apache2", "apache2"), tools.free_port()
    modules = Path("/usr/lib/apache2/modules")
    if not modules.is_dir():
        pytest.skip("the modules of Apache are not where Debian has them")
    load = [
        f"LoadModule {name}_module {modules}/mod_{name}.so"
        for name in APACHE_MODULES
        if (modules / f"mod_{name}.so").exists()
    ]
    (folder / "htdocs").mkdir()
    (folder / "ipc").mkdir()
    (folder / "site.conf").write_text(site)
    text = APACHE.format(folder=folder, port=port, modules="\n".join(load))
    (folder / "apache.conf").write_text(text)
    words = [*somebody_else(), program, "-D", "FOREGROUND"]
    return start([*words, "-f", str(folder / "apache.conf")], ("127.0.0.1", port)), port


def apache_fcgid(start, tools, folder, site):
    if not Path("/usr/lib/apache2/modules/mod_fcgid.so").exists():
        pytest.skip("libapache2-mod-fcgid is not installed")
    return apache(start, tools, folder, site)


def somebody_else():
    """The words before a command that will not run as root."""
    if os.geteuid() != 0:
        return []
    words = ["unshare", "--user", "--map-user=33", "--map-group=33"]
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("Apache does not run as root, and there are no user namespaces here")
    return words


def lighttpd(start, tools, folder, site):
    program, port = tools.find("lighttpd", "lighttpd"), tools.free_port()
    (folder / "htdocs").mkdir()
    (folder / "site.conf").write_text(site)
    (folder / "lighttpd.conf").write_text(LIGHTTPD.format(folder=folder, port=port))
    words = [program, "-D", "-f", str(folder / "lighttpd.conf")]
    return start(words, ("127.0.0.1", port)), port


def iipsrv_in(folder, tools):
    """Put the drop-in command where a web server is told to find it."""
    script = folder / "iipsrv.fcgi"
    script.write_text(
        f'#!/bin/sh\nPYTHONPATH="{tools.root}" exec "{sys.executable}" -m iipastro.iipsrv "$@"\n'
    )
    script.chmod(0o755)
    return script


# ---- fixtures


@pytest.fixture(scope="module")
def folders():
    """Make folders with short names: a socket's has 107 bytes at most."""
    made = []

    def make():
        made.append(Path(tempfile.mkdtemp(prefix="iip-")))
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def web(start_for_all, tools, folders):
    """The web servers, and what is put behind them."""

    def front(server, text):
        folder = folders()
        process, port = server(start_for_all, tools, folder, text)
        return types.SimpleNamespace(process=process, port=port, folder=folder)

    def behind(way):
        return way(start_for_all, tools, folders())

    def shipped(name):
        return (tools.root / "conf" / name).read_text()

    return types.SimpleNamespace(
        front=front, behind=behind, shipped=shipped, changed=tools.changed, folders=folders,
        nginx=nginx, apache=apache, apache_fcgid=apache_fcgid, lighttpd=lighttpd,
        serve=by_iipastro_serve, start=start_for_all,
        iipsrv_in=lambda folder: iipsrv_in(folder, tools), settings=settings(tools),
    )  # fmt: skip


def behind_nginx(web, way):
    shipped = web.shipped("nginx/iipastro.conf")
    return web.front(web.nginx, web.changed(shipped, (f"unix:{SOCKET}", web.behind(way))))


def behind_apache(web):
    path = web.behind(by_iipastro_serve).removeprefix("unix:")
    return web.front(web.apache, web.changed(web.shipped("apache/proxy_fcgi.conf"), (SOCKET, path)))


def under_apache(web):
    """Apache starts the processes itself."""
    folder = web.folders()
    web.iipsrv_in(folder)
    settings = " ".join(f"InitialEnv {name}={value}" for name, value in web.settings.items())
    site = web.changed(
        web.shipped("apache/fcgid.conf"),
        (BIN, str(folder)),
        ("InitialEnv FILESYSTEM_PREFIX=/srv/images", settings),
    )
    return web.front(web.apache_fcgid, site)


def behind_lighttpd(web):
    path = web.behind(by_iipastro_serve).removeprefix("unix:")
    return web.front(
        web.lighttpd, web.changed(web.shipped("lighttpd/iipastro.conf"), (SOCKET, path))
    )


SITES = {
    "nginx, spawn-fcgi": lambda web: behind_nginx(web, by_spawn_fcgi),
    "nginx, a path": lambda web: behind_nginx(web, by_bind_to_a_path),
    "nginx, a port": lambda web: behind_nginx(web, by_bind_to_a_port),
    "nginx, serve": lambda web: behind_nginx(web, by_iipastro_serve),
    "Apache, proxy_fcgi": behind_apache,
    "Apache, fcgid": under_apache,
    "lighttpd": behind_lighttpd,
}


@pytest.fixture(scope="module", params=SITES)
def site(request, web):
    """Every web server with the file that we ship for it."""
    return SITES[request.param](web)


@pytest.fixture(scope="session")
def get():
    """Ask a site; every answer can be read by pages of our origin."""
    return _get


def _get(site, query="", method="GET", body=None, path="/fcgi-bin/iipsrv.fcgi", **headers):
    answer = ask(site.port, f"{path}?{query}" if query else path, method, body, headers)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN, (query, answer.status)
    return answer


def ask(port, target, method="GET", body=None, headers=(), source="127.0.0.1"):
    connection = http.client.HTTPConnection("127.0.0.1", port, 60, (source, 0))
    try:
        connection.request(method, target, body, {"Origin": ORIGIN, **dict(headers)})
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    return types.SimpleNamespace(status=answer.status, headers=answer.headers, body=content)


@pytest.fixture(scope="session")
def ask_page():
    """Ask for a page that is not the image server's."""
    return ask
