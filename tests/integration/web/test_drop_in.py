"""`iipsrv.fcgi` where iipsrv was, in configurations of the kind that its documentation shows.

Each names the command as it names iipsrv's, and settings by iipsrv's variables alone.
"""

from __future__ import annotations

import io
import os
import types
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.integration

TILE = "FIF=multi5_1k.ptif&JTL=2,5"
VARIABLES = {
    "FILESYSTEM_PREFIX": "",
    "LOGFILE": "",
    "VERBOSITY": "5",
    "MAX_IMAGE_CACHE_SIZE": "10",
    "FILENAME_PATTERN": "_pyr_",
    "JPEG_QUALITY": "50",
    "MAX_CVT": "300",
    "CORS": "https://example.org",
}


def variables_in(folder, tools):
    return {
        **VARIABLES,
        "FILESYSTEM_PREFIX": f"{tools.data}/",
        "LOGFILE": str(folder / "iipsrv.log"),
    }


LIGHTTPD = """
server.modules = ( "mod_fastcgi" )
fastcgi.server = ( "/fcgi-bin/iipsrv.fcgi" =>
  (( "host" => "127.0.0.1",
     "port" => {port},
     "check-local" => "disable",
     "min-procs" => 1,
     "max-procs" => 1,
     "bin-path" => "{command}",
     "bin-environment" => (
       {variables}
     )
  ))
)
"""


def lighttpd(web, tools):
    folder = web.folders()
    command = web.iipsrv_in(folder)
    lines = [f'"{name}" => "{text}"' for name, text in variables_in(folder, tools).items()]
    text = LIGHTTPD.format(port=tools.free_port(), command=command, variables=",\n".join(lines))
    return web.front(web.lighttpd, text), folder


APACHE = """
ScriptAlias /fcgi-bin/ "{folder}/"
<Directory "{folder}/">
   AllowOverride None
   Options None
   Require all granted
   AddHandler fcgid-script .fcgi
</Directory>
{variables}
FcgidIdleTimeout 0
FcgidMaxProcessesPerClass 1
"""


def apache(web, tools):
    folder = web.folders()
    web.iipsrv_in(folder)
    lines = [
        f'FcgidInitialEnv {name} "{text}"' for name, text in variables_in(folder, tools).items()
    ]
    text = APACHE.format(folder=folder, variables="\n".join(lines))
    return web.front(web.apache_fcgid, text), folder


NGINX = """
server {{
    listen 80;
    listen [::]:80;
    location /fcgi-bin/iipsrv.fcgi {{
        fastcgi_pass    localhost:{port};
        fastcgi_param   PATH_INFO $fastcgi_script_name;
        fastcgi_param   REQUEST_METHOD $request_method;
        fastcgi_param   QUERY_STRING $query_string;
        fastcgi_param   CONTENT_TYPE $content_type;
        fastcgi_param   CONTENT_LENGTH $content_length;
        fastcgi_param   SERVER_PROTOCOL $server_protocol;
        fastcgi_param   REQUEST_URI $request_uri;
        fastcgi_param   HTTPS $https if_not_empty;
    }}
}}
"""


def nginx(web, tools):
    """nginx starts nothing: spawn-fcgi does."""
    folder, port = web.folders(), tools.free_port()
    command = web.iipsrv_in(folder)
    spawn = tools.find("spawn-fcgi", "spawn-fcgi")
    words = [spawn, "-n", "-f", str(command), "-a", "127.0.0.1", "-p", str(port)]
    web.start(words, ("127.0.0.1", port), **variables_in(folder, tools))
    return web.front(web.nginx, NGINX.format(port=port)), folder


FRONTS = {"lighttpd": lighttpd, "Apache": apache, "nginx and spawn-fcgi": nginx}


# ---- what our guides say of the same


def block_of(tools, guide, fence):
    """Return the last block of a guide."""
    text = (tools.root / "docs" / "guide" / guide).read_text()
    return text.split(f"```{fence}\n")[-1].partition("```")[0]


def test_the_lighttpd_of_the_guide_starts_the_workers_that_it_names(web, tools, get):
    folder = web.folders()
    text = web.changed(
        block_of(tools, "lighttpd.md", "lighttpd"),
        ("/run/lighttpd/iipsrv.sock", f"{folder}/s"),
        ("/opt/iipastro/bin/iipsrv.fcgi", str(web.iipsrv_in(folder))),
        ("/srv/images/", f"{tools.data}/"),
        ('"WORKERS" => "4"', '"WORKERS" => "3", "CORS" => "https://example.org"'),
    )
    site = web.front(web.lighttpd, 'server.modules = ( "mod_fastcgi" )\n' + text)
    assert get(site, TILE).status == 200
    (arbiter,) = tools.children(site.process.pid)
    assert tools.wait_until(lambda: len(tools.children(arbiter)) == 3)


def test_the_apache_of_the_guide_serves(web, tools, get):
    folder = web.folders()
    web.iipsrv_in(folder)
    text = web.changed(
        block_of(tools, "apache.md", "apache"),
        ("/opt/iipastro/bin", str(folder)),
        ("/srv/images/", f"{tools.data}/"),
    )
    site = web.front(web.apache_fcgid, text + 'FcgidInitialEnv CORS "https://example.org"\n')
    assert get(site, TILE).status == 200


@pytest.fixture(scope="module", params=FRONTS)
def old_site(request, web, tools):
    site, folder = FRONTS[request.param](web, tools)
    return types.SimpleNamespace(port=site.port, process=site.process, folder=folder)


def test_a_tile_comes_with_the_quality_of_the_variable(old_site, get, tools):
    answer = get(old_site, TILE)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.body == get(old_site, f"{TILE[:-8]}&QLT=50{TILE[-8:]}").body
    assert answer.body != get(old_site, f"{TILE[:-8]}&QLT=90{TILE[-8:]}").body


def test_an_export_has_the_size_of_the_variable(old_site, get):
    answer = get(old_site, "FIF=multi5_1k.ptif&WID=1000&CVT=jpeg")
    assert max(Image.open(io.BytesIO(answer.body)).size) == 300


def test_the_log_is_where_the_variable_says(old_site, get):
    get(old_site, "FIF=multi5_1k.ptif&FOO=1&obj=max-size")
    assert "passed over: Error 2 2 FOO" in (old_site.folder / "iipsrv.log").read_text()


def test_an_error_is_the_answer_of_the_image_server(old_site, get):
    assert get(old_site, "FIF=nothing.tif&JTL=0,0").status == 404


def test_no_process_outlives_its_web_server(web, tools, get):
    for front in (lighttpd, apache):
        site, folder = front(web, tools)
        assert get(site, TILE).status == 200
        assert processes_of(folder)
        site.process.terminate()
        site.process.wait(30)
        assert tools.wait_until(lambda folder=folder: not processes_of(folder))


def processes_of(folder):
    """The processes that have the log of this folder in their environment."""
    sign = f"LOGFILE={folder}/".encode()
    return [pid for pid in filter(str.isdigit, os.listdir("/proc")) if sign in environment(pid)]


def environment(pid):
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""
