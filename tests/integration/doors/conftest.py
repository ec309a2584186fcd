"""Every door at once, behind nginx with the site file that we ship."""

from __future__ import annotations

import functools
import http.client
import shutil
import tempfile
import types
from pathlib import Path

import pytest

PLACE = "unix:/run/iipastro/iipastro.sock"
URI_MAP = "/iiif=>IIIF, /iiif/2=>IIIF2, /iiif/3=>IIIF3, /dz=>DeepZoom, /zoomify=>Zoomify"


@pytest.fixture(scope="session")
def uri_map():
    """Return the line of `[http]` that the site file tells of."""
    return URI_MAP


@pytest.fixture(scope="module")
def door_folder():
    """Make a short-named folder (a socket has 107 bytes) with the folder of images in it."""
    folder = Path(tempfile.mkdtemp(prefix="iip-"))
    (folder / "images").mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def doors(start_for_all, tools, door_folder, uri_map):
    """Start iipastro and nginx; texts are sections of its ini.  `images` is what is served."""

    def started(*sections):
        path, ini = door_folder / "s", door_folder / "iipastro.ini"
        ini.write_text(
            f"[server]\nlisten = unix:{path}\nworkers = 2\npid_file =\n"
            f"[images]\nroot = {door_folder / 'images'}\n[cors]\norigins = *\n"
            f"[http]\nuri_map = {uri_map}\n" + "\n".join(sections)
        )
        daemon = start_for_all([*tools.iipastro, "serve", "--config", str(ini)], path)
        site = (tools.root / "conf" / "nginx" / "iipastro.conf").read_text()
        front = tools.changed(site, (PLACE, f"unix:{path}"))
        _, port = tools.nginx(start_for_all, door_folder, front)
        get = functools.partial(_get, port)
        return types.SimpleNamespace(port=port, daemon=daemon, path=path, get=get)

    started.images = door_folder / "images"
    return started


def _get(port, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    return types.SimpleNamespace(status=answer.status, headers=answer.headers, body=content)
