"""The paths of IIIF, DeepZoom and Zoomify behind each web server, with the files that we ship."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

pytestmark = pytest.mark.integration

SOCKET = "/run/iipastro/iipastro.sock"
URI_MAP = "/iiif=>IIIF, /iiif/2=>IIIF2, /iiif/3=>IIIF3, /dz=>DeepZoom, /zoomify=>Zoomify"
CACHE = "/var/cache/nginx-iipastro"
POOL = (
    "    server 10.0.0.11:9000 max_fails=3 fail_timeout=10s;\n"
    "    server 10.0.0.12:9000 max_fails=3 fail_timeout=10s;\n"
)


# ---- web servers


def serve(web, tools):
    """Start iipastro with the map that the files of the web servers tell of; return its socket."""
    folder = web.folders()
    ini = folder / "iipastro.ini"
    ini.write_text(
        f"[server]\nlisten = unix:{folder}/s\nworkers = 2\npid_file =\n"
        f"[images]\nroot = {tools.data}\n[cors]\norigins = *\n[http]\nuri_map = {URI_MAP}\n"
    )
    web.start([*tools.iipastro, "serve", "--config", str(ini)], folder / "s")
    return str(folder / "s")


def nginx(web, tools, name):
    cache = web.folders() / "cache"
    text = web.shipped(f"nginx/{name}.conf").replace(CACHE, str(cache))
    return web.front(web.nginx, web.changed(text, (SOCKET, serve(web, tools))))


def nginx_of_the_guide(web, tools):
    """Take the paths out of our file, and put the lines of the guide there."""
    guide = (tools.root / "docs" / "guide" / "doors.md").read_text()
    lines = guide.partition("```nginx\n")[2].partition("```")[0]
    shipped = web.shipped("nginx/iipastro.conf")
    site = web.changed(shipped, ("|iiif|dz|zoomify", ""), ("    # The viewer, if", lines + "    #"))
    return web.front(web.nginx, web.changed(site, (SOCKET, serve(web, tools))))


def nginx_pool(web, tools):
    site = web.changed(
        web.shipped("nginx/iipastro-pool.conf"), (POOL, f"server unix:{serve(web, tools)};\n")
    )
    return web.front(web.nginx, site)


def apache(web, tools):
    text = web.shipped("apache/proxy_fcgi.conf")
    return web.front(web.apache, web.changed(text, (SOCKET, serve(web, tools))))


def apache_fcgid(web, tools):
    folder = web.folders()
    web.iipsrv_in(folder)
    settings = {"FILESYSTEM_PREFIX": tools.data, "CORS": "*", "URI_MAP": URI_MAP}
    words = " ".join(f'InitialEnv "{name}={value}"' for name, value in settings.items())
    site = web.changed(
        web.shipped("apache/fcgid.conf"),
        ("/opt/iipastro/bin", str(folder)),
        ("InitialEnv FILESYSTEM_PREFIX=/srv/images", words),
    )
    return web.front(web.apache_fcgid, site)


def lighttpd(web, tools):
    text = web.shipped("lighttpd/iipastro.conf")
    return web.front(web.lighttpd, web.changed(text, (SOCKET, serve(web, tools))))


SITES = {
    "nginx": lambda web, tools: nginx(web, tools, "iipastro"),
    "nginx, cache": lambda web, tools: nginx(web, tools, "iipastro-cache"),
    "nginx, pool": nginx_pool,
    "nginx, the guide": nginx_of_the_guide,
    "Apache, proxy_fcgi": apache,
    "Apache, fcgid": apache_fcgid,
    "lighttpd": lighttpd,
}


@pytest.fixture(scope="module", params=SITES)
def site(request, web, tools):
    return SITES[request.param](web, tools)


# ---- what is asked


@pytest.mark.parametrize(
    "path",
    [
        "/iiif/odd_rgb8.ptif/0,0,256,256/256,256/0/default.jpg",
        "/iiif/2/odd_rgb8.ptif/0,0,256,256/256,/0/default.jpg",
        "/iiif/3/odd_rgb8.ptif/0,0,256,256/256,256/0/default.jpg",
        "/iiif/3/%6fdd_rgb8%2Eptif/0,0,256,256/256,256/0/default.jpg",
        "/dz/odd_rgb8.ptif_files/11/0_0.jpg",
        "/zoomify/odd_rgb8.ptif/TileGroup0/3-0-0.jpg",
    ],
)
def test_every_door_gives_the_tile(site, ask_page, path):
    answer = ask_page(site.port, path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg"), answer.body
    same = ask_page(site.port, "/fcgi-bin/iipsrv.fcgi?FIF=odd_rgb8.ptif&JTL=2,0")
    first, second = (Image.open(io.BytesIO(one.body)).tobytes() for one in (answer, same))
    assert first == second


@pytest.mark.parametrize(("path", "version"), [("/iiif/2/", 2), ("/iiif/3/", 3)])
def test_an_image_says_at_which_address_it_is(site, ask_page, path, version):
    answer = ask_page(site.port, f"{path}odd_r.ptif/info.json")
    info = json.loads(answer.body)
    assert info["@context"] == f"http://iiif.io/api/image/{version}/context.json"
    assert info["@id" if version == 2 else "id"] == f"http://127.0.0.1:{site.port}{path}odd_r.ptif"
    assert (info["width"], info["height"]) == (1237, 811)


def test_what_is_asked_for_by_accept_gets_its_version(site, ask_page):
    for version in (2, 3, 2):
        context = f"http://iiif.io/api/image/{version}/context.json"
        accept = {"Accept": f'application/ld+json;profile="{context}"'}
        answer = ask_page(site.port, "/iiif/odd_r.ptif/info.json", headers=accept)
        assert json.loads(answer.body)["@context"] == context


def test_an_address_without_a_file_leads_to_the_information(site, ask_page):
    answer = ask_page(site.port, "/iiif/3/odd_r.ptif")
    assert answer.status == 303
    assert answer.headers["Location"] == f"http://127.0.0.1:{site.port}/iiif/3/odd_r.ptif/info.json"


@pytest.mark.parametrize(
    "words",
    [
        *("full/^1300,/0/default.jpg", "full/%5E1300,/0/default.jpg", "full/!90,90/!90/gray.jpg"),
        *("pct:10,10,20.5,20.5/max/0/default.jpg", "0,0,9,9/%39%2C9/0/default%2Ejpg"),
    ],
)
def test_the_signs_that_iiif_uses_come_through(site, ask_page, words):
    answer = ask_page(site.port, f"/iiif/3/odd_rgb8.ptif/{words}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg"), answer.body


@pytest.mark.parametrize(
    "identifier",
    [
        *("a/b.tif", "a%2Fb.tif", "a%2fb.tif", "no%20such.tif", "no+such.tif", "50%25.tif"),
        *("%C3%A9toile.tif", "m51.fits%5B2%5D", "m51.fits[2]", "a%3Fb.tif", "a;1", "%E2%98%85%2Fx"),
    ],
)
def test_an_identifier_comes_through_as_it_is_written(site, ask_page, identifier):
    for path in (f"/iiif/3/{identifier}/info.json", f"/dz/{identifier}.dzi"):
        answer = ask_page(site.port, path)
        assert answer.status == 404
        assert answer.headers["Content-Type"].startswith("text/plain"), "not the web server's page"


def test_the_sheets_of_deepzoom_and_zoomify_are_there(site, ask_page):
    for path in ("/dz/odd_r.ptif.dzi", "/zoomify/odd_r.ptif/ImageProperties.xml"):
        answer = ask_page(site.port, path)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/xml")
        assert b"1237" in answer.body


def test_pages_of_other_sites_may_read_what_every_door_says(site, ask_page):
    for path in ("/iiif/3/odd_r.ptif/info.json", "/iiif/2/none/info.json", "/dz/odd_r.ptif.dzi"):
        assert ask_page(site.port, path).headers["Access-Control-Allow-Origin"] == "*"
