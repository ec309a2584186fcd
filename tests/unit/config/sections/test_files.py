"""The defaults of files."""

from __future__ import annotations

from iipastro.config import Config


def test_names_and_links_are_followed_as_by_the_reference():
    images = Config().images
    assert images.sequence_pattern == "_pyr_"  # FILENAME_PATTERN (spec 8)
    assert images.follow_symlinks is True


def test_fits_files_are_served_by_default():
    fits = Config().fits
    assert fits.enabled is True
    assert fits.cache_dir == "/var/cache/iipastro"
    assert fits.cache_size == 10 * 2**30
    assert fits.max_header_bytes == 10 * 2**20  # operations R22
    assert fits.max_planes == 16
