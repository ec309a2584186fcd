"""The command line: what is understood."""

from __future__ import annotations

import pytest

from iipastro import __version__, cli


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["sing"],
        ["query"],
        ["check"],
        ["configtest", "--set", "root=/"],
        ["configtest", "--set", "images.root"],
        ["demo", "--port", "0"],
        ["demo", "--port", "65536"],
        ["demo", "--port", "http"],
    ],
)
def test_a_wrong_command_line_is_usage(words, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(words)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: iipastro")


def test_every_subcommand_has_help(capsys):
    for command in cli.COMMANDS:
        with pytest.raises(SystemExit) as end:
            cli.main([command.name, "--help"])
        assert end.value.code == 0
        assert command.help[:30] in " ".join(capsys.readouterr().out.split())


def test_the_version_is_printed(capsys):
    assert cli.main(["version"]) == cli.main(["--version"]) == 0
    assert capsys.readouterr().out == 2 * f"iipastro {__version__}\n"


@pytest.mark.parametrize(("words", "port"), [([], 8080), (["--port", "1"], 1)])
def test_the_port_of_the_demonstration_is_a_number(words, port):
    assert cli._parser().parse_args(["demo", *words]).port == port
