"""What a request asks for.  Values only: `protocol` makes them, `handlers` serve them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from .errors import Fault
from .view import Cut, View


@dataclass(frozen=True)
class Tile:
    """One rendered tile of the pyramid."""

    level: int  # 0 is the smallest
    index: int  # along rows, from the top left
    encoding: str = "jpeg"


@dataclass(frozen=True)
class GridTile:
    """One rendered tile, addressed as another scheme counts levels and tiles."""

    scheme: str  # a row of handlers.pyramids.SCHEMES
    level: int
    column: int
    row: int
    encoding: str = "jpeg"


@dataclass(frozen=True)
class Sheet:
    """The XML description of the image in another scheme."""

    scheme: str


@dataclass(frozen=True)
class Region:
    """A rendered rectangle of any size: `View.region`, `width` and `height` say which."""

    encoding: str = "jpeg"


class Question(NamedTuple):
    """One OBJ, with what the setters before it change in its answer."""

    name: str  # lower case
    rotation: int = 0
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True)
class Objects:
    """Text answers, in the order asked."""

    questions: tuple[Question, ...]
    versioned: bool = False  # OBJ=IIP,1.0 was among them


@dataclass(frozen=True)
class Profile:
    """Pixel values along a row or a column; `end` is excluded."""

    level: int
    start: tuple[int, int]  # column, row
    end: tuple[int, int] | None = None  # None: the one pixel at `start`


@dataclass(frozen=True)
class Spectra:
    """One pixel of every horizontal view of a sequence."""

    level: int
    index: int  # of the tile
    column: int  # in the tile
    row: int


@dataclass(frozen=True)
class RawTiles:
    """The tiles of the rectangle between two tiles, unrendered."""

    level: int
    first: int
    last: int


@dataclass(frozen=True)
class Values:
    """The values of single pixels of the largest level."""

    places: tuple[tuple[int, int], ...]  # column, row, from the top left


@dataclass(frozen=True)
class Info:
    """The facts of the image, as JSON."""


# ---- what VisiOmatic 3 asks for


class ChannelColor(NamedTuple):
    """How much of a channel goes into red, green and blue."""

    channel: int  # from 0
    red: float
    green: float
    blue: float


@dataclass(frozen=True)
class Cutout:
    """A rectangle of the full image, from its top left; what lies outside is left out."""

    left: int
    top: int
    right: int  # the first column that is outside
    bottom: int
    binning: int = 1  # cut from the level at which so many pixels are one


@dataclass(frozen=True)
class Composite:
    """A picture whose cuts and mix follow from the image: the rest of its view is in the job."""

    part: Tile | Cutout
    channel: int | None = None  # from 0, alone; None: all of them, in colours
    colors: tuple[ChannelColor, ...] = ()  # channels between two of them have colours between
    brightness: float = 0.0  # added to what is shown, in percent of the range between the cuts
    contrast: float = 1.0  # a gain, applied before gamma and mix


@dataclass(frozen=True)
class FitsPixel:
    """The values of a pixel, counted as FITS does: the first one is 1, 1, rows go up."""

    column: int
    row: int
    channels: tuple[int, ...] = ()  # from 0; (): all


@dataclass(frozen=True)
class FitsLine:
    """The values along a line between two pixels, counted as FITS does; both ends belong to it."""

    start: tuple[int, int]  # column, row
    end: tuple[int, int]
    channels: tuple[int, ...] = ()  # from 0; (): all


@dataclass(frozen=True)
class VisiomaticInfo:
    """The facts of the image as VisiOmatic 3's page reads them."""

    name: str  # of the image


class IiifRegion(NamedTuple):
    """The part of an image that IIIF names: full, square, pixels or percent."""

    kind: str = "full"
    numbers: tuple[int | Fraction, ...] = ()  # left, top, width, height


class IiifSize(NamedTuple):
    """The size that IIIF names; nothing said: the largest there is."""

    width: int = 0  # 0: not said
    height: int = 0
    percent: Fraction | None = None  # of the region
    confined: bool = False  # within width and height, the aspect kept
    upscaled: bool = False  # may be larger than the region


@dataclass(frozen=True)
class IiifImage:
    """A region at a size.  How it is turned and shown is said by the view."""

    region: IiifRegion
    size: IiifSize
    encoding: str = "jpeg"
    version: int = 0  # of the Image API; 0: not settled yet
    # not what the answer is: whose grammar it is written in, and the URL for a header
    versions: frozenset[int] = field(default=frozenset((2, 3)), repr=False)
    base: str = field(default="", repr=False)


@dataclass(frozen=True)
class IiifInfo:
    """What a IIIF client needs to know of an image, as JSON."""

    version: int = 0
    base: str = ""  # the URL of the image
    linked: bool = True  # as JSON-LD
    of_both: bool = False  # pictures at that URL may be asked for in the words of both versions


@dataclass(frozen=True)
class IiifRedirect:
    """Where the information about an image is."""

    version: int = 0
    base: str = ""


Output = (
    Tile
    | GridTile
    | Sheet
    | Region
    | Objects
    | Profile
    | Spectra
    | RawTiles
    | Values
    | Info
    | Composite
    | FitsPixel
    | FitsLine
    | VisiomaticInfo
    | IiifImage
    | IiifInfo
    | IiifRedirect
)


@dataclass(frozen=True)
class Job:
    """A whole request: which image, how it is shown, what is wanted of it."""

    image: str | None  # the decoded name, as the client gave it
    view: View
    output: Output | None
    faults: tuple[Fault, ...] = ()
    text: str = ""  # the request string, for the error that quotes it
    # through another door than IIP: which fields of the view the request itself sets
    said: frozenset[str] | None = None

    @cached_property
    def canonical(self) -> str:
        """All that says what the answer is, but for the image: a field that is new is in it."""
        return f"{self.view.text}{self.output!r}"
