"""Where answers are kept unless told otherwise."""

from __future__ import annotations

import pytest

from iipastro.config import Config, ConfigError, load_config


def test_memcached_is_used_only_where_it_is_named():
    assert Config().memcached.servers == ()


def test_what_is_kept_does_not_depend_on_names_unless_told():
    assert Config().cache.shared_files is False


@pytest.mark.parametrize("key", ["cache.secret", "memcached.password"])
def test_what_nobody_shall_see_is_text(key):
    section, _, name = key.partition(".")
    config = load_config([], {}, {key: "p;a#s s"}).config
    assert getattr(getattr(config, section), name) == "p;a#s s"


@pytest.mark.parametrize("servers", ["a:0", "a:65536", "a b", "udp:a", ",", "a:1:2", "/", "x/y"])
def test_what_is_no_server_is_refused(servers):
    with pytest.raises(ConfigError, match="servers with commas"):
        load_config([], {}, {"memcached.servers": servers})


def test_servers_are_hosts_addresses_and_sockets():
    text = "a, 10.0.0.1:11212, [::1], [fe80::1]:1, /run/memcached/m.sock"
    servers = load_config([], {}, {"memcached.servers": text}).config.memcached.servers
    assert servers == ("a", "10.0.0.1:11212", "[::1]", "[fe80::1]:1", "/run/memcached/m.sock")
