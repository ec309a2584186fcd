"""Write the small TIFF pyramids that the tests of iipastro.images read.

    python scripts/make_fixtures.py FOLDER

The same files every time: their pixels are a formula, `reference`.  tifffile
writes what it can; `hand_made` writes the rest, byte by byte.
"""

from __future__ import annotations

import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import tifffile

SIZE = (75, 53)  # width and height of the full level: nothing divides by anything
TILE = 32
LEVELS = 3


@dataclass(frozen=True)
class Fixture:
    """One file: how it is written, and what is to be read from it."""

    name: str
    dtype: str = "uint8"
    channels: int = 1
    lossy: bool = False
    big: bool = False
    order: str = "<"
    sub: bool = False  # levels in SubIFDs
    bits: int = 0  # 0: those of the type
    options: dict[str, Any] = field(default_factory=dict)  # of tifffile

    @property
    def hand(self) -> bool:
        """Whether tifffile cannot write it."""
        return self.name.startswith("hand_")


def reference(fixture: Fixture, level: int) -> np.ndarray:
    """Return what level `level`, 0 the smallest, holds: (rows, columns, channels)."""
    halvings = LEVELS - 1 - level
    width, height = (side >> halvings for side in SIZE)
    y, x, c = np.mgrid[0:height, 0:width, 0 : fixture.channels]
    dtype = np.dtype(fixture.dtype)
    if fixture.lossy:  # smooth: what JPEG and its kin can keep
        return (40 + x + y + 20 * c + 5 * level).astype(dtype)
    if fixture.bits == 1:
        return ((((x * y + x // 3 + level) % 3) == 0) * 255).astype(dtype)
    number = x * 37 + y * 101 + c * 53 + level * 11 + (x * y) % 7
    if dtype.kind == "f":
        return ((number % 2039) / 8 - 100).astype(dtype)
    if fixture.bits == 12:
        return (number % 4096).astype(dtype)
    number = number.astype(np.uint64) * np.uint64(2654435761)
    return (number >> np.uint64(8)).astype(f"u{dtype.itemsize}").view(dtype)


def fixtures() -> list[Fixture]:
    """Return all fixtures."""
    return [*_types(), *_compressions(), *_predictors(), *_pictures(), *_shapes(), *_by_hand()]


def _types() -> list[Fixture]:
    names = ["uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"]
    names += ["float16", "float32", "float64"]
    return [
        Fixture(f"type_{name}_{'le' if order == '<' else 'be'}", name, order=order)
        for name in names
        for order in "<>"
    ]


def _compressions() -> list[Fixture]:
    return [
        Fixture(f"packed_{name}_{planar}", "uint16", 3, options=_packed(name, planar))
        for name in ("none", "lzw", "adobe_deflate", "deflate", "zstd", "lzma", "packbits")
        for planar in ("contig", "separate")
    ]


def _packed(name: str, planar: str) -> dict[str, Any]:
    return {"compression": name, "planarconfig": planar}


def _predictors() -> list[Fixture]:
    made = []
    for dtype in ("uint8", "uint16", "int32", "uint64", "float16", "float32", "float64"):
        predictor = 3 if dtype.startswith("float") else 2
        for order in "<>":
            for channels, planar in ((1, None), (3, "contig"), (2, "separate")):
                end = "le" if order == "<" else "be"
                name = f"predictor{predictor}_{dtype}_{end}_{channels}"
                options: dict[str, Any] = {"compression": "zstd", "predictor": predictor}
                if planar:
                    options["planarconfig"] = planar
                made.append(Fixture(name, dtype, channels, order=order, options=options))
    for name in ("lzw", "adobe_deflate", "lzma"):
        options = {"compression": name, "predictor": 2}
        made.append(Fixture(f"predictor2_{name}", "uint16", 1, order=">", options=options))
    return made


def _pictures() -> list[Fixture]:
    jpeg = {"compression": "jpeg", "compressionargs": {"level": 99}}
    rgb = {"photometric": "rgb", "planarconfig": "contig"}
    as_rgb = {"compression": "jpeg", "compressionargs": {"level": 99, "outcolorspace": 2}}
    full = {"subsampling": (1, 1)}
    jpeg2000 = {"compression": "jpeg2000", "compressionargs": {"level": 0, "reversible": True}}
    webp = {"compression": "webp", "compressionargs": {"lossless": True}}
    return [
        Fixture("jpeg_grey", "uint8", 1, True, options=jpeg),
        Fixture("jpeg_ycbcr_420", "uint8", 3, True, options={**jpeg, **rgb}),
        Fixture("jpeg_ycbcr_444", "uint8", 3, True, options={**jpeg, **rgb, **full}),
        Fixture("jpeg_rgb", "uint8", 3, True, options={**as_rgb, **rgb, **full}),
        Fixture("jpeg2000_grey", "uint8", 1, options=jpeg2000),
        Fixture("jpeg2000_grey16", "uint16", 1, options=jpeg2000),
        Fixture("jpeg2000_int16", "int16", 1, options=jpeg2000),
        Fixture("jpeg2000_rgb", "uint8", 3, options={**jpeg2000, **rgb}),
        Fixture("jpeg2000_33005", "uint8", 3, options={**jpeg2000, **rgb, "compression": 33005}),
        Fixture("webp_rgb", "uint8", 3, options={**webp, **rgb}),
        Fixture("webp_rgba", "uint8", 4, options={**webp, **rgb}),
    ]


def _shapes() -> list[Fixture]:
    grey = {"photometric": "minisblack"}
    many = {"planarconfig": "contig", **grey}
    return [
        Fixture("channels_2", "float32", 2, options=many),
        Fixture("channels_4", "uint8", 4, options=many),
        Fixture("channels_5_separate", "float32", 5, options={**grey, "planarconfig": "separate"}),
        Fixture("channels_40", "uint8", 40, options={**many, "compression": "zstd"}),
        Fixture("big_le", "float32", 1, big=True),
        Fixture("big_be", "uint16", 3, big=True, order=">", options={"planarconfig": "contig"}),
        Fixture("sub_ifds", "uint16", 1, sub=True),
        Fixture("sub_ifds_big", "float32", 2, sub=True, big=True, options=many),
    ]


def _by_hand() -> list[Fixture]:
    return [
        Fixture("hand_bits1_minisblack", bits=1),
        Fixture("hand_bits1_miniswhite", bits=1, options={"photometric": 0}),
        Fixture("hand_bits1_fill2", bits=1, options={"fill": 2}),
        Fixture("hand_bits1_fill2_lzw", bits=1, options={"fill": 2, "compression": 5}),
        Fixture("hand_bits12", "uint16", bits=12),
        Fixture("hand_uint16_fill2", "uint16", options={"fill": 2}),
        Fixture("hand_tile_per_level", "uint16", 2, options={"tiles": (16, 48, 32)}),
        Fixture("hand_tile_per_level_big", "float32", big=True, options={"tiles": (16, 48, 32)}),
        Fixture("hand_short_tables", "uint8", options={"table": "H", "tiles": (16, 32, 32)}),
    ]


def write(fixture: Fixture, path: Path) -> None:
    """Write the file of a fixture."""
    levels = [reference(fixture, level) for level in reversed(range(LEVELS))]
    if fixture.hand:
        path.write_bytes(hand_made(fixture, levels))
        return
    options = {"tile": (TILE, TILE), "metadata": None, "software": False, **fixture.options}
    options.setdefault("photometric", "minisblack")
    with tifffile.TiffWriter(path, bigtiff=fixture.big, byteorder=fixture.order) as out:
        for number, level in enumerate(levels):
            layout = options.get("planarconfig")
            pixels = np.moveaxis(level, 2, 0) if layout == "separate" else level
            pixels = pixels[..., 0] if fixture.channels == 1 else pixels
            below = LEVELS - 1 if fixture.sub and number == 0 else 0
            out.write(
                pixels, subifds=below, subfiletype=int(number > 0), description=None, **options
            )


# ---- TIFF by hand


@dataclass
class Writer:
    """A TIFF file in the making."""

    order: str = "<"
    big: bool = False
    content: bytearray = field(default_factory=bytearray)
    next_at: int = 0  # where the offset of the next directory of the chain is written

    def __post_init__(self) -> None:
        mark = b"II" if self.order == "<" else b"MM"
        if self.big:
            self.content += mark + struct.pack(f"{self.order}HHHQ", 43, 8, 0, 0)
        else:
            self.content += mark + struct.pack(f"{self.order}HI", 42, 0)
        self.next_at = len(self.content) - (8 if self.big else 4)

    def add(self, content: bytes) -> int:
        """Append bytes, and return where they are."""
        self.content += b"\0" * (len(self.content) % 2)
        at = len(self.content)
        self.content += content
        return at

    def directory(self, tags: dict[int, tuple[str, Any]]) -> int:
        """Append a directory that is in no chain: tag → (struct letter, values), return where."""
        letter, room = ("Q", 8) if self.big else ("I", 4)
        entries = b""
        for code, (kind, values) in sorted(tags.items()):
            number, packed = self._values(kind, values)
            count = len(values) // (2 if kind == "II" else 1)
            if len(packed) > room:
                packed = struct.pack(self.order + letter, self.add(packed))
            entries += struct.pack(f"{self.order}HH{letter}", code, number, count)
            entries += packed.ljust(room, b"\0")
        count_letter = "Q" if self.big else "H"
        table = struct.pack(self.order + count_letter, len(tags)) + entries
        return self.add(table + struct.pack(self.order + letter, 0))

    def chain(self, tags: dict[int, tuple[str, Any]]) -> int:
        """Append a directory to the top-level chain, and return where it is."""
        at = self.directory(tags)
        letter, room = ("Q", 8) if self.big else ("I", 4)
        struct.pack_into(self.order + letter, self.content, self.next_at, at)
        self.next_at = len(self.content) - room
        return at

    def _values(self, kind: str, values: Any) -> tuple[int, bytes]:
        types = {"B": 1, "s": 2, "H": 3, "I": 4, "II": 5, "b": 6, "h": 8, "i": 9, "f": 11}
        types |= {"d": 12, "Q": 16, "u": 7}
        if kind in "su":
            return types[kind], bytes(values)
        return types[kind], struct.pack(f"{self.order}{len(values)}{kind[0]}", *values)


def plain_tags(level: np.ndarray, tile: tuple[int, int], bits: int = 0) -> dict[int, Any]:
    """Return the tags of a level without its tile tables; `tile` is (width, length)."""
    rows, columns, channels = level.shape
    kind = {"u": 1, "i": 2, "f": 3}[level.dtype.kind]
    return {
        256: ("I", [columns]),
        257: ("I", [rows]),
        258: ("H", [bits or level.dtype.itemsize * 8] * channels),
        259: ("H", [1]),
        262: ("H", [1]),
        277: ("H", [channels]),
        284: ("H", [1]),
        322: ("H", [tile[0]]),
        323: ("H", [tile[1]]),
        339: ("H", [kind] * channels),
    }


def tiles_of(level: np.ndarray, width: int, length: int) -> list[np.ndarray]:
    """Return the tiles of a level, padded with zeros."""
    rows, columns, _ = level.shape
    padding = ((0, -rows % length), (0, -columns % width), (0, 0))
    padded = np.pad(level, padding)
    return [
        padded[top : top + length, left : left + width]
        for top in range(0, rows, length)
        for left in range(0, columns, width)
    ]


def hand_made(fixture: Fixture, levels: list[np.ndarray]) -> bytes:
    """Return a file with what tifffile does not write."""
    out = Writer(fixture.order, fixture.big)
    sides = fixture.options.get("tiles", (TILE,) * LEVELS)
    table = fixture.options.get("table", "Q" if fixture.big else "I")
    for level, side in zip(levels, sides, strict=True):
        packed = [_packed_tile(fixture, tile) for tile in tiles_of(level, side, side)]
        tags = plain_tags(level, (side, side), fixture.bits)
        tags[259] = ("H", [fixture.options.get("compression", 1)])
        tags[262] = ("H", [fixture.options.get("photometric", 1)])
        tags[266] = ("H", [fixture.options.get("fill", 1)])
        tags[324] = (table, [out.add(content) for content in packed])
        tags[325] = (table, [len(content) for content in packed])
        out.chain(tags)
    return bytes(out.content)


def _packed_tile(fixture: Fixture, tile: np.ndarray) -> bytes:
    content = tile.astype(tile.dtype.newbyteorder(fixture.order)).tobytes()
    if fixture.bits == 1:
        white = fixture.options.get("photometric", 1) == 0
        content = np.packbits((tile[..., 0] > 0) ^ white, axis=1).tobytes()
    if fixture.bits == 12:
        pairs = tile.reshape(-1, 2).astype(np.uint16)
        first, second = pairs[:, 0], pairs[:, 1]
        triples = (first >> 4, (first & 15) << 4 | second >> 8, second & 255)
        content = np.stack(triples, axis=1).astype(np.uint8).tobytes()
    if fixture.options.get("compression") == 5:
        content = imagecodecs.lzw_encode(content)
    if fixture.options.get("fill") == 2:
        reverse = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
        content = bytes(content).translate(reverse)
    return content


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for fixture in fixtures():
        write(fixture, folder / f"{fixture.name}.tif")


if __name__ == "__main__":
    main()
