import sys
import types
from dataclasses import fields

import numpy as np
import pytest

from iipastro.config import Config, ConfigError, load_config
from iipastro.config.setting import rows_of, sections_of
from iipastro.handlers import caches
from iipastro.handlers.caches import build_tiers, fingerprint_of, pylibmc_of
from iipastro.pixels.watermark import Mark
from iipastro.response import answer

OTHER = {  # settings of which nothing of an answer's body depends: the rest does, or refuses it
    "images.root", "images.suffix", "images.follow_symlinks", "images.sequence_pattern",
    "images.open_images", "fits.enabled", "fits.cache_dir", "fits.cache_size", "limits.exports",
    "limits.max_source_samples", "limits.query_bytes", "limits.commands", "limits.body_bytes",
    "limits.profile_values", "fits.max_header_bytes",
    "cache.memory", "cache.shared_files", "cache.secret",
}  # fmt: skip
SECTIONS = {"server", "log", "cors", "http", "doors", "memcached"}
NAMES = [f"{name}.{key}" for name, kind in sections_of(Config).items() for key in rows_of(kind)]


def changed(name):
    """Return a configuration in which one setting has another value."""
    section, _, key = name.partition(".")
    config = Config()
    part = getattr(config, section)
    value = getattr(part, key)
    other = {bool: lambda: not value, int: lambda: value + 1, float: lambda: value + 1}
    other[dict] = lambda: {"x": 1}
    new = other.get(type(value), lambda: ("x",) if isinstance(value, tuple) else value + "x")()
    part = type(part)(**{f.name: getattr(part, f.name) for f in fields(part)} | {key: new})
    return Config(**{f.name: getattr(config, f.name) for f in fields(config)} | {section: part})


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_that_changes_bodies_changes_the_fingerprint(name):  # operations.md 4.2
    same = name in OTHER or name.partition(".")[0] in SECTIONS
    assert (fingerprint_of(changed(name), None) == fingerprint_of(Config(), None)) == same


def test_the_mark_changes_the_fingerprint():
    light = np.zeros((2, 2, 3), np.uint8)
    marks = [None, Mark(light, light[..., :1], None), Mark(light, light[..., :1], light[..., :1])]
    marks += [Mark(light + np.uint8(1), light[..., :1], None)]
    assert len({fingerprint_of(Config(), mark) for mark in marks}) == len(marks)


def test_another_version_of_a_library_changes_the_fingerprint(monkeypatch):
    before = fingerprint_of(Config(), None)
    monkeypatch.setattr(caches, "version", lambda name: "0.1" if name == "pillow" else "1")
    assert fingerprint_of(Config(), None) != before


def test_without_memory_and_servers_nothing_is_kept():
    made = []
    tiers = build_tiers(load_config([], {}, {"cache.memory": "0"}).config)
    for _ in range(2):
        tiers.fetch("k", lambda: made.append(1) or answer("text/plain", b"x"))
    assert len(made) == 2


def test_memory_keeps_answers_by_default():
    made = []
    tiers = build_tiers(Config())
    for _ in range(2):
        tiers.fetch("k", lambda: made.append(1) or answer("text/plain", b"x"))
    assert len(made) == 1


class Client:
    """That of the library, without a server: what it is given back is a pickle, it says."""

    made: list = []  # noqa: RUF012  what it was made with

    def __init__(self, servers, **options):
        self.made.append((servers, options))
        self.kept = {}

    def get(self, key):
        return self.deserialize(self.kept[key], 1) if key in self.kept else None

    def set(self, key, val, time=0):
        self.kept[key] = val


@pytest.fixture
def pylibmc(monkeypatch):
    library = types.SimpleNamespace(Client=Client, Error=KeyError, support_sasl=False)
    monkeypatch.setitem(sys.modules, "pylibmc", library)
    return library


def test_the_client_is_made_as_configured(pylibmc):
    settings = {"memcached.servers": "a:1,/m.sock", "memcached.timeout": "20ms"}
    build_tiers(load_config([], {}, settings | {"memcached.back_off": "5s"}).config)
    servers, options = pylibmc.Client.made.pop()
    assert servers == ("a:1", "/m.sock")
    assert options["binary"]
    assert options["username"] is options["password"] is None
    expected = {"ketama": True, "tcp_nodelay": True, "connect_timeout": 20, "_poll_timeout": 20}
    expected |= {"send_timeout": 20000, "receive_timeout": 20000, "retry_timeout": 5}
    assert options["behaviors"] == expected


def test_memcached_is_behind_the_memory(pylibmc):
    tiers = build_tiers(load_config([], {}, {"memcached.servers": "a"}).config)
    assert [tier.name for tier in tiers.tiers] == ["memory", "memcached"]


def test_nothing_is_unpickled(pylibmc):
    settings = {"memcached.servers": "a", "cache.memory": "0"}
    tiers = build_tiers(load_config([], {}, settings).config)
    picture = answer("image/jpeg", b"x")
    tiers.fetch("k", lambda: picture)
    assert tiers.fetch("k", None) == picture
    assert tiers.counts.memcached == 1


def test_a_library_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pylibmc", None)  # so that an import fails
    with pytest.raises(ConfigError, match=r"iipastro\[memcached\]"):
        pylibmc_of(Config())


def test_names_and_passwords_need_a_library_that_takes_them(pylibmc):
    with pytest.raises(ConfigError, match="SASL"):
        pylibmc_of(load_config([], {}, {"memcached.username": "u"}).config)
