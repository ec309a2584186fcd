"""What a view means for one image: its cuts, its tables, how its pictures are written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..config import Config
from ..encoders import Options
from ..images.source import ImageInfo, ImageSource, Range
from ..pixels import histogram
from ..pixels.scene import Cuts, Scene
from ..view import Cut, View

_QUALITIES = {  # encoding: setting, least, most
    "jpeg": ("jpeg_quality", 1, 100),
    "png": ("png_level", 0, 9),
    "webp": ("webp_quality", 0, 100),
    "avif": ("avif_quality", 0, 100),
    "tiff": ("tiff_quality", 0, 100),
}


def cuts_of(cuts: Sequence[Cut], info: ImageInfo) -> tuple[Range, ...]:
    """Return the cuts of every channel: the image's own, but for those that `cuts` replaces.

    A channel that the image does not have is passed over.
    """
    if not cuts:
        return info.cuts
    ranges = list(info.cuts)
    for cut in cuts:
        if cut.channel is None:
            ranges = [Range(cut.low, cut.high)] * len(ranges)
        elif cut.channel < len(ranges):
            ranges[cut.channel] = Range(cut.low, cut.high)
    return tuple(ranges)


def scene_of(view: View, source: ImageSource) -> Scene:
    """Return what the pixels of `source` need to know to be shown as `view` asks.

    Stretching, equalising and the threshold of COL=binary need the histogram
    of the smallest level's first tile (spec 3.5), which is read here.
    """
    info = source.info
    cuts: Cuts = cuts_of(view.cuts, info)
    lab = info.color == "lab" and info.dtype == np.uint8 and info.channels >= 3
    if not (view.stretched or view.equalized or view.palette == "binary"):
        return Scene(cuts, lab)
    counts = histogram.histogram(source.read_tile(0, 0), cuts)
    if view.stretched:
        cuts = histogram.stretch_cuts(counts, cuts, info.dtype)
    table = None
    if view.palette == "binary":
        table = histogram.otsu_table(counts)
    elif view.equalized:
        table = histogram.equalize_table(counts)
    return Scene(cuts, lab, table=table)


def options_of(encoding: str, view: View, info: ImageInfo, config: Config) -> Options:
    """Return how a picture is written in a format, with the profile that goes with it."""
    name, least, most = _QUALITIES[encoding]
    quality = getattr(config.encoding, name)
    if view.quality is not None:
        quality = min(most, max(least, view.quality))
    return Options(
        quality=quality,
        icc=_profile(view, info, config),
        compression=view.compression or config.encoding.tiff_compression,
        codec=config.encoding.jpeg_codec,
    )


def _profile(view: View, info: ImageInfo, config: Config) -> bytes:
    """Return the ICC profile, unless the colours are no longer the image's own (spec 4.1)."""
    changed = view.colormap or view.light or view.mix or view.palette != "color"
    wanted = config.encoding.embed_icc and not changed
    return info.icc if wanted and len(info.icc) < config.encoding.max_icc else b""
