"""The protocol, as tables: every command, setter or output, and every OBJ name.

FIF and OBJ are no rows: they name the image and gather questions (iip.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from . import modifiers, outputs
from .deepzoom import deepzoom
from .iiif import iiif
from .modifiers import Changes
from .outputs import Wanted
from .zoomify import zoomify

Reader = TypeVar("Reader")


class Command(NamedTuple, Generic[Reader]):
    """One command of the protocol."""

    name: str
    usage: str  # its argument
    reader: Reader
    help: str
    named: bool = False  # the argument names an image: a plus is a blank
    raw: bool = False  # the reader decodes its argument, part by part


Setter = Command[Callable[[str, Changes], Changes]]
Getter = Command[Callable[[str], Wanted | None]]

MODIFIERS: tuple[Setter, ...] = (
    Command("QLT", "[codec:]<0-100>", modifiers.qlt, "Quality; for TIFF, the compression too."),
    Command("SDS", "<x>,<y>", modifiers.sds, "Choose the member of a sequence by its angles."),
    Command("MINMAX", "<channel>:<low>,<high>", modifiers.minmax,
            "Set the cuts of a channel, counted from 1; - stands for all channels."),
    Command("CNT", "<gain>|eq|stretch", modifiers.cnt,
            "Multiply the finished pixels by this gain, or equalise, or stretch."),
    Command("GAM", "<power>|log", modifiers.gam,
            "Raise the normalised pixels to this power, or take their logarithm."),
    Command("INV", "", modifiers.inv, "Invert the normalised pixels."),
    Command("CMP", "<hot|cold|jet|red|green|blue>", modifiers.cmp,
            "Show the first channel in false colours."),
    Command("CTW", "<a,b,…;c,d,…;…>", modifiers.ctw,
            "Mix channels: rows are output channels, columns the image's."),
    Command("SHD", "<azimuth>,<altitude>", modifiers.shd,
            "Shade three channels of normals by a light, in degrees."),
    Command("COL", "<gray|binary>", modifiers.col, "Give up the colours."),
    Command("CNV", "<name>|[k1,k2,…]", modifiers.cnv,
            "Convolve with a named or given kernel of 3 x 3 or 5 x 5."),
    Command("ROT", "[!]<degrees>", modifiers.rot,
            "Turn clockwise by quarter turns; ! mirrors first."),
    Command("WID", "<pixels>", modifiers.wid, "Set the width of a region's answer."),
    Command("HEI", "<pixels>", modifiers.hei, "Set the height of a region's answer."),
    Command("RGN", "<x>,<y>,<w>,<h>", modifiers.rgn,
            "Choose a region, in fractions of the full image."),
    Command("LYR", "<n>", modifiers.lyr, "Read, and without effect on TIFF images."),
    Command("ICC", "<any>", modifiers.icc, "Read, and without effect."),
)  # fmt: skip

OUTPUTS: tuple[Getter, ...] = (
    Command("JTL", "<level>,<tile>", outputs.jtl, "A tile as JPEG; level 0 is the smallest."),
    Command("PTL", "<level>,<tile>", outputs.ptl, "A tile as PNG."),
    Command("WTL", "<level>,<tile>", outputs.wtl, "A tile as WebP."),
    Command("ATL", "<level>,<tile>", outputs.atl, "A tile as AVIF."),
    Command("TTL", "<level>,<tile>", outputs.ttl, "A tile as TIFF."),
    Command("JTLS", "<x>,<level>,<tile>,<y>", outputs.jtls, "A tile of a member of a sequence."),
    Command("CVT", "<jpeg|png|webp|avif|tiff>", outputs.cvt, "The region, in this format."),
    Command("PFL", "<level>:<x1>,<y1>[-<x2>,<y2>]", outputs.pfl,
            "Pixel values along a row or a column as JSON; the end is excluded."),
    Command("VAL", "<x>,<y>[;<x>,<y>…]", outputs.val,
            "Values of pixels of the full image as JSON, counted from 0, from the top left."),
    Command("INFO", "", outputs.info,
            "Sizes, levels, channels, cuts, texts and FITS header of the image as JSON."),
    Command("SPECTRA", "<level>,<tile>,<x>,<y>", outputs.spectra,
            "One pixel of every horizontal view as XML."),
    Command("TIL", "<level>,<first>[-<last>]", outputs.til, "Tiles unrendered, for IIP clients."),
    Command("DeepZoom", "<image>.dzi|<image>_files/<level>/<x>_<y>.jpg", deepzoom,
            "The image as a DeepZoom client addresses it.", named=True),
    Command("Zoomify", "<image>/ImageProperties.xml|<image>/TileGroup<g>/<level>-<x>-<y>.jpg",
            zoomify, "The image as a Zoomify client addresses it.", named=True),
    Command("IIIF", "<image>/info.json|<image>/<region>/<size>/<rotation>/<quality>.<format>",
            iiif, "The image as a IIIF client addresses it.", named=True, raw=True),
)  # fmt: skip


class Object(NamedTuple):
    """One name that OBJ takes."""

    name: str
    help: str
    of_image: bool = True  # error 1 3 without an image


OBJECTS: tuple[Object, ...] = (
    Object("basic-info", "IIP-server, Max-size, Resolution-number and Colorspace."),
    Object("iip-server", "The version of the protocol.", of_image=False),
    Object("iip-opt-comm", "The optional commands.", of_image=False),
    Object("iip-opt-obj", "The optional objects.", of_image=False),
    Object("resolution-number", "How many levels there are."),
    Object("max-size", "Width and height of the full image, turned as ROT before it says."),
    Object("tile-size", "Width and height of a tile."),
    Object("bits-per-channel", "Bits per sample in the file."),
    Object("horizontal-views", "The horizontal angles of a sequence."),
    Object("vertical-views", "The vertical angles of a sequence."),
    Object("min-max-sample-values", "The cuts of each channel, as MINMAX before it left them."),
    Object("resolutions", "Width and height of every level, smallest first."),
    Object("colorspace", "The colour space; any name that contains the word."),
    Object("summary-info", "Copyright, subject, author, create-dtm and app-name."),
    Object("copyright", "The Copyright tag."),
    Object("subject", "The ImageDescription tag: the FITS header of STIFF's files."),
    Object("author", "The Artist tag."),
    Object("create-dtm", "The DateTime tag."),
    Object("app-name", "The Software tag."),
    Object("title", "Never set by TIFF files."),
    Object("keywords", "Never set by TIFF files."),
    Object("comment", "Never set by TIFF files."),
    Object("last-author", "Never set by TIFF files."),
    Object("rev-number", "Never set by TIFF files."),
    Object("edit-time", "Never set by TIFF files."),
    Object("last-printed", "Never set by TIFF files."),
    Object("last-save-dtm", "Never set by TIFF files."),
    Object("dpi", "Pixels per metre, where the file says so."),
    Object("stack", "The images of a stack, as JSON."),
    Object("metadata", "All texts of the file, as JSON."),
)
