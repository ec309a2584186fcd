"""Room for strips."""

from __future__ import annotations

import os

import numpy as np
import pytest

from iipastro.convert import room


def test_a_small_room_makes_no_file(tmp_path):
    made = room.make_room((2, 3, 4), str(tmp_path / "nowhere"))
    assert (made.shape, made.dtype) == ((2, 3, 4), np.float32)


def test_a_large_room_is_a_file_without_a_name(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "IN_MEMORY", 95)
    made = room.make_room((2, 3, 4), str(tmp_path))
    made[:] = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    assert made[1, 2, 3] == 23
    assert list(tmp_path.iterdir()) == []
    with open("/proc/self/maps", encoding="ascii") as maps:
        assert any(str(tmp_path) in line and "rw-s" in line for line in maps)


def test_a_room_goes_with_its_last_view(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "IN_MEMORY", 0)
    before = len(os.listdir("/proc/self/fd"))
    view = room.make_room((256, 3, 4), str(tmp_path))[:1]
    del view
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_full_disk_is_an_error_and_no_bus_error(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "IN_MEMORY", 0)
    with pytest.raises(OSError, match=r"File too large|No space"):
        room.make_room((1 << 40, 1 << 10, 1), str(tmp_path))
    assert list(tmp_path.iterdir()) == []
