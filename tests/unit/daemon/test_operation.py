from __future__ import annotations

import logging
import socket
from dataclasses import replace

import pytest

from iipastro.config import Config, ConfigError
from iipastro.daemon.operation import Operation
from iipastro.daemon.scoreboard import Scoreboard


@pytest.fixture
def config(tmp_path):
    plain = Config()
    return replace(
        plain,
        server=replace(plain.server, workers=3, listen=f"unix:{tmp_path}/s"),
        images=replace(plain.images, root=str(tmp_path)),
    )


def changed(config, **values):
    return replace(config, server=replace(config.server, **values))


def operation_of(config, load=None):
    return Operation(config, load, Scoreboard(2))


def test_a_plan_is_what_the_settings_say(config):
    times = {"graceful_timeout": 7.0, "request_timeout": 8.0, "slow_request": 9.0}
    plan = operation_of(config).plan(changed(config, max_requests=10, **times))
    assert (plan.workers, plan.grace) == (3, 7.0)
    assert (plan.times.request_timeout, plan.times.slow_request) == (8.0, 9.0)
    (duty,) = plan.work.args
    limits = duty.limits
    assert (limits.seconds, limits.body_bytes, limits.requests) == (30.0, 65537, 10)


def test_a_plan_tells_its_lanes_how_many_workers_there_are(config):
    plan = operation_of(config).plan(config)
    shared = plan.work.args[0].build.args[1]
    assert shared.exports.slots == 2
    plan.follow(9)
    assert shared.exports.slots == 8


def test_a_reload_reads_the_configuration_anew(config):
    operation = operation_of(config, lambda: changed(config, workers=5))
    assert operation.reload().workers == 5


def test_a_wrong_configuration_is_no_plan_and_why_is_said(config, caplog):
    def load():
        raise ConfigError("/etc/iipastro/iipastro.ini:3: [server] wokers: no such setting")

    assert operation_of(config, load).reload() is None
    assert "stays as it was: /etc/iipastro/iipastro.ini:3: [server] wokers" in caplog.text


def test_what_needs_a_restart_is_said_and_nothing_else(config, caplog):
    new = changed(config, user="other", backlog=7, workers=5)
    with caplog.at_level(logging.WARNING, "iipastro"):
        assert operation_of(config, lambda: new).reload().workers == 5
    assert [record.getMessage().split()[1] for record in caplog.records] == ["backlog", "user"]


def test_a_root_that_cannot_be_used_is_no_plan(config, caplog):
    new = replace(config, images=replace(config.images, root="/no/such/folder"))
    assert operation_of(config, lambda: new).reload() is None
    assert "stays as it was: the root /no/such/folder is not a folder" in caplog.text


def test_what_else_keeps_the_new_configuration_from_working_is_said(config, caplog):
    new = replace(config, log=replace(config.log, access_log="/no/such/folder/access"))
    assert operation_of(config, lambda: new).reload() is not None
    assert "the folder /no/such/folder of the access log is not there" in caplog.text


def test_a_reload_asks_no_name_service(config, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert operation_of(config, lambda: changed(config, listen="a.host:9000")).reload() is not None
