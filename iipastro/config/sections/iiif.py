"""Settings of IIIF, the doors that museums and libraries use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import environment as env
from .. import readers as read
from ..setting import Variable, setting


@dataclass(frozen=True)
class Iiif:
    """What clients of the IIIF Image API are told."""

    version: int = setting(
        "3",
        read.choice({"2": 2, "3": 3}),
        "The version of the Image API where neither path nor client says which.",
        Variable("IIIF_VERSION", env.iiif_version),
    )
    base_url: str = setting(
        "",
        read.BASE_URL,
        "What stands before identifiers in the URLs of images: all of it, as in"
        " https://example.org/iiif/, or scheme and host alone. Empty: as the client asked.",
        Variable("BASE_URL", env.unless_empty),
    )
    id_header: str = setting(
        "",
        read.HEADER_NAME,
        "The header, such as X-IIIF-ID, in which a proxy says the URL of an image. Name one only"
        " if the proxy sets or removes it in every request.",
    )
    delimiter: str = setting(
        "",
        read.DELIMITER,
        "Stands before the number of a page at the end of an identifier: the horizontal angle of"
        " a sequence. Empty: there are no pages.",
        Variable("IIIF_DELIMITER"),
    )
    rights: str = setting(
        "",
        read.TEXT,
        "The URL of a licence, or a text that has to be shown with images without a Copyright"
        " tag. Version 3 takes the URL only.",
        Variable("COPYRIGHT"),
    )
    extra_info: Mapping[str, Any] = setting(
        "",
        read.JSON_OBJECT,
        "More members of info.json.",
        Variable("IIIF_EXTRA_INFO", env.json_object),
    )
