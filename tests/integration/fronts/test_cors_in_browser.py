"""What a page of another origin may read, as a browser decides it (operations.md 4.5)."""

from __future__ import annotations

import http.server
import json
import queue
import shutil
import threading

import pytest

pytestmark = pytest.mark.integration

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = (  # nothing of the machine's own browser is used, and nothing is fetched elsewhere
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--remote-debugging-port=0"),
)
PAGE = """<!DOCTYPE html><title>reading</title><script type="module">
const at = "http://127.0.0.1:PORT/fcgi-bin/iipsrv.fcgi?FIF=";
const text = async (query, options) => (await fetch(at + query, options)).text();
async function start(query) {
  const answer = await fetch(at + query, {cache: "no-cache"});
  return [...new Uint8Array(await answer.arrayBuffer()).slice(0, 3)];
}
async function pixel(query, more) {  // reads a canvas, which another origin's picture taints
  const image = Object.assign(new Image(), more);
  image.src = at + query;
  await image.decode();
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  return [image.width, pen.getImageData(9, 9, 1, 1).data[3]];
}
const tests = {
  obj: () => text("multi5_1k.ptif&obj=max-size"),
  pfl: async () => JSON.parse(await text("multi5_1k.ptif&PFL=2:10,20-14,20")).profile.length,
  tile: () => pixel("multi5_1k.ptif&JTL=2,0", {crossOrigin: "anonymous"}),
  plain: () => pixel("multi5_1k.ptif&JTL=2,1"),
  region: () => start("multi5_1k.ptif&WID=99&CVT=jpeg"),
  error: async () => (await fetch(at + "nothing.ptif&obj=max-size")).status,
  preflight: () => text("odd_r.ptif&obj=max-size", {headers: {"X-Requested-With": "page"}}),
  again: async () => {  // asks whether the first answer is still good: a 304 in between
    const answers = [await start("odd_rgb8.ptif&JTL=0,0"), await start("odd_rgb8.ptif&JTL=0,0")];
    return answers[0].every((byte, place) => byte === answers[1][place]);
  },
};
const seen = {};
for (const [name, test] of Object.entries(tests)) {
  try { seen[name] = await test(); } catch (error) { seen[name] = error.name; }
}
await fetch("/seen", {method: "POST", body: JSON.stringify(seen)});
</script>"""
READ = {
    "obj": "\r\nMax-size:1024 1024\r\n",
    "pfl": 4 * 5,
    "tile": [256, 255],
    "plain": "SecurityError",  # asked without CORS, it taints everywhere
    "region": [0xFF, 0xD8, 0xFF],
    "error": 404,
    "preflight": "\r\nMax-size:1237 811\r\n",
    "again": True,
}
NOT_READ = {
    **dict.fromkeys(READ, "TypeError"),
    "tile": "EncodingError",
    "plain": "SecurityError",
}


class Page(http.server.BaseHTTPRequestHandler):
    """Gives the page, and takes what it has seen."""

    def do_GET(self):
        self._answer(PAGE.replace("PORT", str(self.server.asks)).encode())

    def do_POST(self):
        self.server.seen.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(b"")

    def _answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def page():
    """Serve the page on ports of their own: each is an origin."""
    started = []

    def one_more():
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        server.seen = queue.Queue()
        server.origin = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        return server

    yield one_more
    for server in started:
        server.shutdown()
        server.server_close()


@pytest.fixture
def read_by(start, tmp_path):
    """Return a function: what a page can read of the web server on a port."""
    if BROWSER is None:
        pytest.skip("Chromium is not installed")

    def seen(page, port):
        page.asks = port
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        browser = start([BROWSER, *FLAGS, profile, page.origin], HOME=str(tmp_path))
        try:
            return page.seen.get(timeout=120)
        finally:
            browser.terminate()
            browser.wait(30)

    return seen


@pytest.mark.parametrize("site", ["iipastro.conf", "iipastro-cache.conf"])
def test_pages_of_the_list_read_all_and_others_nothing(site, page, read_by, nginx, serve):
    ours, also, foreign = page(), page(), page()
    daemon = serve(f"[cors]\norigins = {ours.origin}, {also.origin}\n")
    front = nginx(site, ("unix:/run/iipastro/iipastro.sock", daemon.place))
    assert read_by(ours, front.port) == READ
    assert read_by(foreign, front.port) == NOT_READ
    assert read_by(also, front.port) == READ


def test_pages_of_any_origin_read_all_where_all_may(page, read_by, nginx, serve):
    daemon = serve("[cors]\norigins = *\n")
    front = nginx("iipastro-cache.conf", ("unix:/run/iipastro/iipastro.sock", daemon.place))
    assert [read_by(page(), front.port) for _ in range(2)] == [READ, READ]


def test_without_a_list_no_other_page_reads_anything(page, read_by, nginx, serve):
    front = nginx("iipastro.conf", ("unix:/run/iipastro/iipastro.sock", serve().place))
    assert read_by(page(), front.port) == NOT_READ
