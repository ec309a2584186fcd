"""Another size: bilinear or nearest, a band of rows at a time."""

from __future__ import annotations

from .scene import Pixels, Raw, Resize, Samples, sampled


def resample(pixels: Pixels, resize: Resize) -> Pixels:
    """Return the wanted rows of the answer.

    Parameters
    ----------
    pixels : float32, (rows, source columns, channels)
        The rows of the source rectangle from `resize.top` on; at least those
        that `scene.rows_needed` names.  Not written.

    Returns
    -------
    float32, (wanted rows, columns of the answer, channels)

    Notes
    -----
    Spec 3.2, "Resampling", with its FIXes: coordinates stay inside the source,
    and no pixel is a special case.
    """
    if not resize.smooth or resize.source == resize.out:
        return nearest(pixels, resize)
    across, down = samples_of(resize)
    upper = _across(pixels[down.near], across)
    upper *= down.near_weight[:, None, None]
    lower = _across(pixels[down.far], across)
    lower *= down.far_weight[:, None, None]
    upper += lower
    return upper


def _across(pixels: Pixels, across: Samples) -> Pixels:
    mixed: Pixels = pixels[:, across.near] * across.near_weight[:, None]
    mixed += pixels[:, across.far] * across.far_weight[:, None]
    return mixed


def nearest(pixels: Raw, resize: Resize) -> Raw:
    """Return the wanted rows by taking the pixel at the floor of each coordinate.  Any type."""
    if resize.source == resize.out:
        start = resize.first - resize.top
        return pixels[start : start + resize.rows]
    across, down = samples_of(resize)
    picked: Raw = pixels[down.near[:, None], across.near]
    return picked


def samples_of(resize: Resize) -> tuple[Samples, Samples]:
    """Return where columns and rows come from; rows counted from the top of the given array."""
    across = sampled(resize.source.width, resize.out.width, 0, resize.out.width)
    down = sampled(resize.source.height, resize.out.height, resize.first, resize.rows)
    return across, down._replace(near=down.near - resize.top, far=down.far - resize.top)
