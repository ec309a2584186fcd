"""The files that make a service of the daemon, each judged or run by the program it is for."""

from __future__ import annotations

import grp
import os
import pwd
import re
import subprocess
import time

import pytest
import yaml

from iipastro.daemon.figures import FIGURES

pytestmark = pytest.mark.integration

BIN = "/opt/iipastro/bin"


def run(*words, **variables):
    done = subprocess.run(
        words, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "LC_ALL": "C", **variables},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def shipped(tools):
    return lambda name: tools.root / "conf" / name


# ---- systemd


@pytest.fixture
def units(shipped, tools, tmp_path):
    """The units with a command that is there: systemd looks for it."""
    tools.find("systemd-analyze", "systemd")
    command = tmp_path / "iipastro"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    for name in ("iipastro.service", "iipastro.socket"):
        text = shipped(f"systemd/{name}").read_text()
        (tmp_path / name).write_text(text.replace(f"{BIN}/iipastro", str(command)))
    return tmp_path


def verify(folder):
    paths = [str(folder / name) for name in ("iipastro.service", "iipastro.socket")]
    return run("systemd-analyze", "verify", "--man=no", *paths, SYSTEMD_UNIT_PATH=f"{folder}:")


def test_systemd_finds_no_fault_in_the_units(units):
    assert verify(units) == ""


def test_systemd_would_find_a_fault(units):
    service = units / "iipastro.service"
    service.write_text(service.read_text().replace("ProtectHome=", "ProtectHomes="))
    assert "ProtectHomes" in verify(units)


def test_the_service_is_exposed_no_more_than_2_of_10(units):
    words = ["systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=20"]
    text = run(*words, str(units / "iipastro.service"))
    level = float(re.search(r"exposure level for iipastro\.service: ([\d.]+)", text)[1])
    assert level <= 2.0


def test_the_socket_is_where_the_settings_have_it(shipped):
    text = shipped("systemd/iipastro.socket").read_text()
    ini = shipped("iipastro.ini").read_text()
    (path,) = re.findall(r"^ListenStream=(.*)$", text, re.MULTILINE)
    assert f"#listen = unix:{path}\n" in ini
    assert f"#backlog = {re.search('^Backlog=(.*)$', text, re.MULTILINE)[1]}\n" in ini


def test_the_command_of_the_unit_serves_a_socket_that_it_is_given(
    start, fcgi, shipped, tools, tmp_path
):
    activate = tools.find("systemd-socket-activate", "systemd")
    text = shipped("systemd/iipastro.service").read_text()
    (command,) = re.findall(rf"^ExecStart={BIN}/iipastro (.*)$", text, re.MULTILINE)
    path = tmp_path / "s"
    words = [activate, f"--listen={path}", "--setenv=PYTHONPATH", "--setenv=IIPASTRO_USER"]
    ours = ["--set", f"images.root={tools.data}", "--set", f"server.pid_file={tmp_path}/pid"]
    start([*words, *tools.iipastro, *command.split(), *ours], path)
    assert fcgi.ask(path, "FIF=multi5_1k.ptif&JTL=0,0", timeout=30).status == 200


def test_the_user_and_the_folder_are_made(shipped, tools, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root makes users")
    tools.find("systemd-sysusers", "systemd")
    (tmp_path / "etc").mkdir()
    run("systemd-sysusers", f"--root={tmp_path}", str(shipped("sysusers.d/iipastro.conf")))
    words = (tmp_path / "etc" / "passwd").read_text().strip().split(":")
    assert (words[0], words[-1]) == ("iipastro", "/usr/sbin/nologin")
    root, name = f"--root={tmp_path}", str(shipped("tmpfiles.d/iipastro.conf"))
    run("systemd-tmpfiles", "--create", root, name)
    folder = (tmp_path / "run" / "iipastro").stat()
    assert (folder.st_uid, folder.st_mode & 0o777) == (int(words[2]), 0o755)


# ---- manual pages


@pytest.mark.parametrize(
    "name", ["iipastro.8", "iipsrv.fcgi.8", "iipastro-convert.1", "iipastro.ini.5"]
)
def test_roff_finds_no_fault_in_a_manual_page(tools, name):
    groff = tools.find("groff", "groff-base")
    path = str(tools.root / "docs" / "man" / name)
    assert run(groff, "-ww", "-mandoc", "-Tascii", "-z", path) == ""
    text = re.sub(".\b", "", run(groff, "-mandoc", "-Tascii", "-P-c", path))
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "SEE ALSO"):
        assert f"\n{section}\n" in text


# ---- logrotate


def test_logrotate_rotates_logs_that_are_being_written(start, fcgi, shipped, tools, tmp_path):
    program = tools.find("logrotate", "logrotate")
    path, logs = tmp_path / "s", tmp_path / "logs"
    logs.mkdir()
    ini = tmp_path / "test.ini"
    ini.write_text(
        f"[server]\nlisten = unix:{path}\nworkers = 2\npid_file = {tmp_path}/iipastro.pid\n"
        f"[images]\nroot = {tools.data}\n"
        f"[log]\nerror_log = {logs}/error.log\naccess_log = {logs}/access.log\n"
    )
    server = start([*tools.iipastro, "serve", "--config", str(ini)], path)
    command = tmp_path / "iipastro"
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH="{tools.root}" exec {" ".join(tools.iipastro)} "$@"'
        f' --config "{ini}"\n'
    )
    command.chmod(0o755)
    user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
    text = shipped("logrotate.d/iipastro").read_text()
    for old, new in (
        ("/var/log/iipastro", str(logs)),
        (f"{BIN}/iipastro", str(command)),
        ("/run/iipastro/iipastro.pid", f"{tmp_path}/iipastro.pid"),
        ("iipastro adm", f"{user} {group}"),
    ):
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "rotate").write_text(text)
    asked = 0
    for _ in range(3):
        for _ in range(10):
            assert fcgi.ask(path, "FIF=multi5_1k.ptif&obj=max-size").status == 200
            asked += 1
        run(program, "-f", "-s", str(tmp_path / "state"), str(tmp_path / "rotate"))
        time.sleep(0.5)  # each worker has heard of it
    text = "".join(p.read_text() for p in logs.glob("access.log*") if p.suffix != ".gz")
    packed = [run("gzip", "-dc", str(p)) for p in logs.glob("access.log*.gz")]
    assert len(packed) == 2
    assert text.count("\n") + "".join(packed).count("\n") == asked
    assert server.poll() is None


# ---- Prometheus


def test_the_example_for_prometheus_asks_for_figures_that_there_are(shipped):
    text = shipped("prometheus/iipastro.yml").read_text()
    (job,) = yaml.safe_load(text)["scrape_configs"]
    assert job["metrics_path"] == "/iipastro/status"
    rules = yaml.safe_load(re.sub("^# ?", "", text[text.index("# groups:") :], flags=re.MULTILINE))
    expressions = [rule["expr"] for rule in rules["groups"][0]["rules"]]
    asked = {name for each in expressions for name in re.findall(r"iipastro_\w+", each)}
    suffixes = {"counter": "_total", "gauge": ""}
    there = {f"iipastro_{x.name}{suffixes[x.kind]}" for x in FIGURES}
    assert len(asked) == len(expressions) == 4
    assert asked <= there | {"iipastro_request_duration_seconds_bucket"}
