"""What the rest of the package knows of the configuration."""

from __future__ import annotations

from iipastro import config


def test_all_names_are_there():
    assert all(hasattr(config, name) for name in config.__all__)
