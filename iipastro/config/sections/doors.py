"""Settings of the doors for viewers that know nothing of cuts: IIIF, DeepZoom and Zoomify."""

from __future__ import annotations

from dataclasses import dataclass

from .. import readers as read
from ..setting import Rule, setting


@dataclass(frozen=True)
class Doors:
    """How images show in viewers that cannot say it: by IIIF, DeepZoom and Zoomify."""

    settings: tuple[Rule, ...] = setting(
        "",
        read.rules(read.SETTINGS),
        "Commands that hold for some images in such viewers, unless the request has its own.",
    )
