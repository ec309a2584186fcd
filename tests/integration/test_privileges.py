"""R24 of operations.md: root binds, another user serves, and nobody gains anything later."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from iipastro.daemon.privileges import Account
from iipastro.daemon.sockets import listen

pytestmark = pytest.mark.integration

NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def folder():
    """A folder that everybody may enter, and nobody but us may write to."""
    made = Path(tempfile.mkdtemp(prefix="iip-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def _as_root():
    if os.geteuid() != 0:
        pytest.skip("only root has rights to give up")


@pytest.fixture
def _for_all(_as_root):
    """Python has to be where `nobody` can read it."""
    process = os.fork()
    if process == 0:
        os.setresgid(*[NOBODY.pw_gid] * 3)
        os.setresuid(*[NOBODY.pw_uid] * 3)
        os._exit(0 if os.access(os.__file__, os.R_OK) else 1)
    if os.waitpid(process, 0)[1]:
        pytest.skip(f"nobody cannot read {os.__file__}")


@pytest.mark.usefixtures("_for_all")
def test_root_binds_and_the_user_that_is_set_serves(start, fcgi, tools, folder):
    path = folder / "s"
    arbiter = start([*tools.daemon_app, f"unix:{path}", "user=nobody"], path)
    user, group = str(NOBODY.pw_uid), str(NOBODY.pw_gid)
    groups = sorted(str(g) for g in os.getgrouplist("nobody", NOBODY.pw_gid))
    words = fcgi.ask(path, "user").body.decode().split()
    assert words[:6] == [user] * 3 + [group] * 3
    assert sorted(words[6:]) == groups
    assert (path.stat().st_uid, path.stat().st_gid) == (NOBODY.pw_uid, NOBODY.pw_gid)
    for process in (arbiter.pid, *tools.children(arbiter.pid)):
        assert status_of(process)["Uid"] == [user] * 4
        assert status_of(process)["CapEff"] == status_of(process)["CapPrm"] == ["0" * 16]
        assert status_of(process)["NoNewPrivs"] == ["1"]


@pytest.mark.usefixtures("_as_root")
@pytest.mark.parametrize("theirs", [True, False])
def test_root_acts_on_no_path_that_the_user_can_swap(folder, monkeypatch, theirs):
    path = folder / "s"
    who = (os.getresuid(), os.getresgid(), os.getgroups(), current_umask())
    if theirs:
        os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)
        monkeypatch.setattr(os, "chown", None)
        monkeypatch.setattr(os, "chmod", None)
    account = Account("nobody", NOBODY.pw_uid, NOBODY.pw_gid, "/")
    listener = listen(f"unix:{path}", 1, 0o666, account)
    found = path.stat()
    assert (found.st_uid, found.st_gid) == (NOBODY.pw_uid, NOBODY.pw_gid)
    assert oct(found.st_mode)[-3:] == "666"
    assert (os.getresuid(), os.getresgid(), os.getgroups(), current_umask()) == who
    listener.close()


def current_umask():
    before = os.umask(0)
    os.umask(before)
    return before


@pytest.mark.usefixtures("_for_all")
def test_such_a_server_ends_cleanly_although_it_may_not_remove_its_socket(start, tools, folder):
    path = folder / "s"
    first = start([*tools.daemon_app, f"unix:{path}", "user=nobody"], path)
    first.terminate()
    assert first.wait(5) == 0
    assert "Traceback" not in first.log.read_text()
    start([*tools.daemon_app, f"unix:{path}", "user=nobody"], path)  # root removes it


def test_no_process_can_gain_privileges(start, tools, folder):
    path = folder / "s"
    arbiter = start([*tools.daemon_app, f"unix:{path}"], path)
    assert tools.wait_until(lambda: tools.children(arbiter.pid))
    for process in (arbiter.pid, *tools.children(arbiter.pid)):
        assert status_of(process)["NoNewPrivs"] == ["1"]


@pytest.mark.usefixtures("_as_root")
@pytest.mark.parametrize("command", ["iipastro serve", "iipsrv.fcgi"])
def test_root_does_not_serve_unless_that_is_said(tools, folder, command):
    words = {
        "iipastro serve": [*tools.iipastro, "serve", "--listen", f"unix:{folder}/s"],
        "iipsrv.fcgi": [*tools.iipsrv, "--bind", f"{folder}/s"],
    }[command]
    ended = subprocess.run(
        words, env=tools.environment(IIPASTRO_USER="no-such-user"), capture_output=True,
        check=False, text=True,
    )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "will not serve as root, and there is no user no-such-user" in ended.stderr
    assert not (folder / "s").exists()


@pytest.mark.usefixtures("_for_all")
def test_the_logs_and_the_pid_file_are_the_users(start, tools, folder):
    path, own = folder / "s", folder / "own"
    own.mkdir()
    os.chown(own, NOBODY.pw_uid, NOBODY.pw_gid)
    words = ["--set", f"server.pid_file={own}/pid", "--set", f"log.error_log={own}/error.log"]
    words += ["--set", f"images.root={folder}", "--listen", f"unix:{path}"]
    server = start([*tools.iipastro, "serve", *words], path, IIPASTRO_USER="nobody")
    for name in ("pid", "error.log"):
        assert (own / name).stat().st_uid == NOBODY.pw_uid
    assert (own / "pid").read_text() == f"{server.pid}\n"
    server.terminate()
    assert server.wait(5) == 0
    assert not (own / "pid").exists()


def status_of(process):
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return {name: text.split() for name, _, text in (line.partition(":") for line in lines)}
