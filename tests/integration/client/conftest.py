"""The client behind real servers: nginx, the daemon, and browsers driven by Node."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import types
from pathlib import Path

import pytest

CLIENT = Path(__file__).parents[3] / "client_static"
BROWSERS = {  # what the tests call it: its programs
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "firefox": ("firefox-esr", "firefox"),
}
POLICY = "default-src 'self'; img-src 'self' blob: data:"
IMAGES = "multi5_1k.ptif", "nan_1k.ptif", "odd_r.ptif", "odd_rgb8.ptif"

NGINX = """
worker_processes 1;
daemon off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 512; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type application/octet-stream;
    types {{
        text/html html; text/css css; text/javascript js mjs; image/svg+xml svg; image/png png;
        application/json json; application/geo+json geojson; text/csv csv; text/plain reg txt;
    }}
    gzip on;
    gzip_min_length 1000;
    gzip_types text/css text/javascript application/json image/svg+xml;
    server {{
        listen 127.0.0.1:{port};
        add_header Content-Security-Policy "{policy}" always;
        location /fcgi-bin/iipsrv.fcgi {{
            fastcgi_pass unix:{folder}/iipastro.sock;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param SERVER_PROTOCOL $server_protocol;
            fastcgi_param HTTP_HOST $http_host;
            fastcgi_param HTTP_IF_MODIFIED_SINCE $http_if_modified_since;
            fastcgi_param HTTP_IF_NONE_MATCH $http_if_none_match;
        }}
        location /viewer/ {{ alias {dist}/; add_header Cache-Control no-cache;
            add_header Content-Security-Policy "{policy}" always; }}
        location /viewer/assets/ {{ alias {dist}/assets/;
            add_header Cache-Control "public, max-age=31536000, immutable";
            add_header Content-Security-Policy "{policy}" always; }}
        location /some/where/else/ {{ alias {dist}/; }}
        location /visiomatic/ {{ alias {dist}/; }}
        location /pages/ {{ alias {folder}/pages/; }}
        location /data/ {{ alias {folder}/data/; }}
    }}
}}
"""


def missing(text):
    """Skip a test for what is not installed; where all is to be there, the test fails."""
    if os.environ.get("IIPASTRO_ALL_TOOLS"):
        pytest.fail(text)
    pytest.skip(text)


@pytest.fixture(scope="session")
def plain_node():
    """Return the program Node."""
    path = os.pathsep.join([str(CLIENT.parent / ".venv" / "bin"), os.environ["PATH"]])
    found = shutil.which("node", path=path)
    if found is None:
        missing("Node is not installed: make client")
    return found


@pytest.fixture(scope="session")
def node(plain_node):
    """Return the program Node, if what the client is made of is installed."""
    if not (CLIENT / "node_modules" / "esbuild").is_dir():
        missing("the libraries of the client are not installed: make client")
    return plain_node


@pytest.fixture(scope="session")
def dist(node, tmp_path_factory):
    """Build the client as it is now, and return the folder."""
    folder = tmp_path_factory.mktemp("client") / "dist"
    done = subprocess.run(
        [node, "build.mjs", folder], cwd=CLIENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def pages(node, tmp_path_factory):
    """Copy the pages of the tests, and bundle their modules: x.mjs becomes x.js."""
    folder = tmp_path_factory.mktemp("pages") / "pages"
    shutil.copytree(CLIENT / "tests" / "pages", folder)
    esbuild = CLIENT / "node_modules" / "esbuild" / "bin" / "esbuild"
    modules = [str(path) for path in (CLIENT / "tests" / "pages").glob("*.mjs")]
    pictures = [f"--loader:.{kind}=dataurl" for kind in ("gif", "png", "svg")]
    command = [node, esbuild, *modules, *pictures, "--bundle", "--format=esm", "--charset=utf8"]
    subprocess.run([*command, f"--outdir={folder}", "--log-level=warning"], cwd=CLIENT, check=True)
    return folder


@pytest.fixture(scope="module")
def site(dist, pages, start_for_all, tools, tmp_path_factory):
    """Start nginx and the daemon; return `base` (its address), `folder`, `images` and `daemon`.

    /viewer/ and /visiomatic/ are the built client, /pages/ what `pages` makes, /data/ is
    `folder`/data, and /fcgi-bin/iipsrv.fcgi serves `images`, copies of those of tests/data.
    """
    nginx = tools.find("nginx", "nginx")
    folder = tmp_path_factory.mktemp("site")
    (folder / "data").mkdir()
    shutil.copytree(pages, folder / "pages")
    (folder / "images").mkdir()
    for name in IMAGES:
        shutil.copy(tools.data / name, folder / "images" / name)
    (folder / "iipastro.ini").write_text(
        f"[server]\nlisten = unix:{folder}/iipastro.sock\nworkers = 2\n"
        f"[images]\nroot = {folder}/images\n"
    )
    port = tools.free_port()
    (folder / "nginx.conf").write_text(
        NGINX.format(folder=folder, port=port, dist=dist, policy=POLICY)
    )
    daemon = start_for_all(
        [*tools.iipastro, "serve", "--config", str(folder / "iipastro.ini")],
        folder / "iipastro.sock",
    )
    start_for_all([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], ("127.0.0.1", port))
    return types.SimpleNamespace(
        base=f"http://127.0.0.1:{port}", folder=folder, images=folder / "images", daemon=daemon
    )


def _program(name):
    found = next(filter(None, map(shutil.which, BROWSERS[name])), None)
    if found is None:
        missing(f"{name} is not installed")
    return found


@pytest.fixture
def home():
    """Return a folder for a browser: its sockets are there, so its name has to be short."""
    with tempfile.TemporaryDirectory(prefix="iip", ignore_cleanup_errors=True) as folder:
        yield folder


@pytest.fixture
def run_in_browser(node, site, home):
    """Return a function that runs a file of client_static/tests/browser with `node --test`.

    The file finds BASE, BROWSER and BROWSER_PATH in its environment, and whatever else is given.
    """

    def run(script, browser="chromium", seconds=300, **variables):
        environment = {
            **os.environ,
            "HOME": home,
            "TMPDIR": home,
            "BASE": site.base,
            "BROWSER": browser,
            "BROWSER_PATH": _program(browser),
            **variables,
        }
        command = [node, "--test", "--test-reporter=spec", f"tests/browser/{script}"]
        with subprocess.Popen(
            command, cwd=CLIENT, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, process_group=0,
        ) as process:  # fmt: skip
            try:
                output, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # the browser too
                output, _ = process.communicate()
                pytest.fail(f"{script} takes longer than {seconds} s\n{output}")
        assert process.returncode == 0, output
        return output

    return run
