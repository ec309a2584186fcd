"""A synthetic sky in five bands: the picture of the demonstration and of the benchmarks.

Made of arithmetic alone, so that it needs no download and is the same each
time: a sloping background, stars, galaxies, and the noise of all of them.
It is painted in strips of one row of tiles, so memory does not grow with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .convert.output import whole_file
from .convert.pyramid import TILE, Pyramid, write_pyramid
from .convert.source import Floats
from .geometry import Size

SATURATION = 60_000.0  # ADU
GAIN = 15.0  # electrons per ADU
READ_NOISE = 2.0  # ADU
MOFFAT_CORE = 2.5  # pixels: with BETA, a seeing of 3 pixels (full width at half maximum)
MOFFAT_BETA = 2.3
SPIKED = 250_000.0  # ADU: stars of a greater flux have diffraction spikes
FAINTEST = 1.0  # ADU: where the light of an object is cut off
SCALE = 0.186 / 3600  # degrees per pixel
TURN = math.radians(12.0)  # of the field, from north to east
CENTRE = 210.8025, 54.3489  # degrees: right ascension and declination


Layers = Iterator[tuple[float, Floats]]  # tints, and light: (rows, columns), ADU in r


class Band(NamedTuple):
    """One channel of the sky, all in ADU."""

    name: str
    sky: float
    white: float  # what a white object gives here for 1 ADU in r
    low: float  # the display cuts
    high: float


BANDS = (
    Band("u", 90.0, 0.30, 87.0, 318.0),
    Band("g", 270.0, 0.72, 263.0, 817.0),
    Band("r", 640.0, 1.00, 630.0, 1400.0),
    Band("i", 1160.0, 1.00, 1150.0, 1920.0),
    Band("z", 1900.0, 0.90, 1891.0, 2584.0),
)
RED = 2  # the band in which fluxes are given


class Star(NamedTuple):
    """A point of light."""

    column: float
    row: float
    flux: float  # ADU in r
    tint: float  # red above 0, blue below: the change of ln(flux) from band to band
    reach: float  # pixels: how far it is seen

    def light(self, across: Floats, down: Floats) -> Layers:
        """Yield the Moffat profile, with the spikes of a bright star."""
        peak = self.flux * (MOFFAT_BETA - 1) / (math.pi * MOFFAT_CORE**2)
        squares = (across**2 + down**2) / np.float32(MOFFAT_CORE**2)
        profile = np.float32(peak) * (1 + squares) ** np.float32(-MOFFAT_BETA)
        if self.flux > SPIKED:
            for along, beside in ((across + down, across - down), (across - down, across + down)):
                fading = np.exp(-np.abs(along) / np.float32(self.reach / 6))
                profile += np.float32(peak * 2e-3) * fading * np.exp(-((beside / 2) ** 2))
        yield self.tint, profile


class Galaxy(NamedTuple):
    """An inclined exponential disk with spiral arms and a redder bulge."""

    column: float
    row: float
    flux: float  # ADU in r
    tint: float
    reach: float  # pixels
    scale: float  # pixels in which the disk fades by e
    axis_ratio: float
    angle: float  # radians
    arms: float  # contrast of the arms, 0 to 1

    def light(self, across: Floats, down: Floats) -> Layers:
        """Yield the disk, then the bulge."""
        cosine, sine = np.float32(math.cos(self.angle)), np.float32(math.sin(self.angle))
        long = across * cosine + down * sine
        short = (down * cosine - across * sine) / np.float32(self.axis_ratio)
        radius = np.sqrt(long**2 + short**2 + 1) / np.float32(self.scale)
        peak = self.flux / (2 * math.pi * self.scale**2)
        disk = np.float32(peak) * np.exp(-radius)
        if self.arms:
            winding = 2 * np.arctan2(short, long) - 6 * np.log(radius + np.float32(0.15))
            disk *= 1 + np.float32(self.arms) * np.minimum(radius, 1) * np.cos(winding)
        yield self.tint - 0.08, disk
        yield self.tint + 0.26, np.float32(2.5 * peak) * np.exp(np.float32(-3.5) * radius)


@dataclass(frozen=True)
class Sky:
    """What there is to see on a square of `side` pixels; rows count from the top."""

    side: int
    seed: int
    stars: tuple[Star, ...]
    galaxies: tuple[Galaxy, ...]

    def strips(self) -> Iterator[Floats]:
        """Paint the sky from the top: float32, (up to 256, side, 5), in ADU."""
        for top in range(0, self.side, TILE):
            yield self._strip(top, min(TILE, self.side - top))

    def _strip(self, top: int, rows: int) -> Floats:
        canvas = background(self.side, top, rows)
        things: tuple[Star | Galaxy, ...] = (*self.stars, *self.galaxies)
        for thing in things:
            if top - thing.reach < thing.row < top + rows + thing.reach:
                _add(canvas, top, thing)
        rng = np.random.default_rng((self.seed, top))
        noise = np.empty_like(canvas)
        rng.standard_normal(out=noise, dtype=np.float32)
        noise *= np.sqrt(canvas / np.float32(GAIN) + np.float32(READ_NOISE**2))
        canvas += noise
        np.minimum(canvas, np.float32(SATURATION), out=canvas)
        return canvas


def make_sky(side: int, seed: int = 2718) -> Sky:
    """Return a sky whose number of stars and galaxies grows with its area."""
    rng = np.random.default_rng(seed)
    area = (side / 4096) ** 2
    stars = [_random_star(rng, side) for _ in range(max(20, round(5000 * area)))]
    galaxies = [_random_galaxy(rng, side) for _ in range(max(8, round(2200 * area)))]
    return Sky(side, seed, tuple(stars), (*galaxies, _showpiece(side)))


def _random_star(rng: np.random.Generator, side: int) -> Star:
    column, row = rng.uniform(0, side, 2)
    flux = min(400.0 * (1 - rng.random()) ** -1.25, 6e6)
    tint = float(np.clip(rng.normal(0.05, 0.28), -0.45, 0.7))
    peak = flux * (MOFFAT_BETA - 1) / (math.pi * MOFFAT_CORE**2)
    reach = MOFFAT_CORE * (peak / FAINTEST) ** (0.5 / MOFFAT_BETA) + 3
    return Star(column, row, flux, tint, reach * (2.0 if flux > SPIKED else 1.0))


def _random_galaxy(rng: np.random.Generator, side: int) -> Galaxy:
    column, row = rng.uniform(0, side, 2)
    scale = min(1.2 * (1 - rng.random()) ** -0.55, 45.0)
    flux = 2 * math.pi * scale**2 * 90.0 * rng.uniform(0.4, 2.0) * (2 / (scale + 1))
    axis_ratio, angle = rng.uniform(0.18, 1.0), rng.uniform(0, math.pi)
    tint = float(rng.normal(0.12, 0.16))
    arms = 0.7 if scale > 8 else 0.0
    return Galaxy(column, row, flux, tint, 8 * scale + 4, scale, axis_ratio, angle, arms)


def _showpiece(side: int) -> Galaxy:
    """Return the galaxy near the centre that the eye finds first."""
    scale = side / 30
    flux = 2 * math.pi * scale**2 * 300.0
    return Galaxy(0.53 * side, 0.46 * side, flux, -0.10, 7 * scale, scale, 0.62, 0.5, 0.75)


def background(side: int, top: int, rows: int) -> Floats:
    """Return the empty sky, float32 (rows, side, 5): a grey slope that sags to the corners."""
    down = (np.arange(top, top + rows) + 0.5)[:, None] / side - 0.5
    across = (np.arange(side) + 0.5)[None, :] / side - 0.5
    slope = 4 * across - 3 * down - 8 * (across**2 + down**2)  # ADU in r
    levels = np.array([band.sky for band in BANDS], np.float32)
    return levels + slope.astype(np.float32)[..., None] * in_bands(0.0)


def in_bands(tint: float) -> Floats:
    """Return what an object gives in each band for 1 ADU in r: float32 (5,)."""
    white = np.array([band.white for band in BANDS])
    steps = np.arange(len(BANDS)) - RED
    return np.asarray(white * np.exp(tint * steps), np.float32)


def _add(canvas: Floats, top: int, thing: Star | Galaxy) -> None:
    """Add the light of `thing` to the strip that begins at row `top`, where it is not dark."""
    rows, columns, _ = canvas.shape
    first_row = max(0, math.floor(thing.row - top - thing.reach))
    end_row = min(rows, math.ceil(thing.row - top + thing.reach))
    first, end = (
        max(0, math.floor(thing.column - thing.reach)),
        min(columns, math.ceil(thing.column + thing.reach)),
    )
    across = (np.arange(first, end) + (0.5 - thing.column)).astype(np.float32)[None, :]
    down = (np.arange(first_row, end_row) + (top + 0.5 - thing.row)).astype(np.float32)[:, None]
    part = canvas[first_row:end_row, first:end]
    for tint, light in thing.light(across, down):
        part += light[..., None] * in_bands(tint)


# ---- the header: FITS cards of 80 characters without separators, a header per level (spec 5.7)


def card(key: str, value: str | float, comment: str = "") -> str:
    """Return a FITS card: strings quoted, numbers ending in column 30, with a capital E."""
    text = f"'{value:<8}'".ljust(20) if isinstance(value, str) else f"{value!r:>20}".upper()
    return f"{key:<8}= {text}{' / ' + comment if comment else ''}".ljust(80)


def header(lvl: Size, halvings: int, full: Size, bands: tuple[Band, ...]) -> str:
    """Return the header of a level: north is up and turned by TURN, east to the left.

    Row 1 of FITS is the lowest row of the picture.
    """
    step = 2**halvings
    across = (full.width / 2) / step + 0.5
    down = lvl.height + 0.5 - (full.height / 2) / step
    cosine, sine = SCALE * step * math.cos(TURN), SCALE * step * math.sin(TURN)
    cards = [
        "SIMPLE  =                    T / conforms to FITS standard".ljust(80),
        card("BITPIX", -32, "array data type"),
        card("NAXIS", 2, "number of array dimensions"),
        card("NAXIS1", lvl.width),
        card("NAXIS2", lvl.height),
        card("OBJECT", "Synthetic sky"),
        card("FILTER", bands[0].name),
        card("GAIN", GAIN, "[e-/ADU]"),
        card("SATURATE", SATURATION, "[ADU]"),
        card("EQUINOX", 2000.0),
        card("RADESYS", "ICRS"),
        card("CTYPE1", "RA---TAN"),
        card("CTYPE2", "DEC--TAN"),
        card("CUNIT1", "deg"),
        card("CUNIT2", "deg"),
        card("CRVAL1", CENTRE[0]),
        card("CRVAL2", CENTRE[1]),
        card("CRPIX1", across),
        card("CRPIX2", down),
        card("CD1_1", -cosine),
        card("CD1_2", sine),
        card("CD2_1", sine),
        card("CD2_2", cosine),
    ]
    for number, band in enumerate(bands, 1):
        cards.append(card(f"CHAN{number:04d}", band.name, "channel name"))
    return "".join(cards)


def write_sky(path: str, side: int, report: Callable[[int], None]) -> None:
    """Write the pyramid of a sky in five bands; `report` gets the percentage done."""
    sky = make_sky(side)
    write_strips(path, Size(side, side), BANDS, _reported(sky.strips(), side, report))


def write_strips(path: str, size: Size, bands: tuple[Band, ...], strips: Iterable[Floats]) -> None:
    """Write strips of some of the bands as a pyramid with its header."""

    def describe(lvl: Size, halvings: int) -> bytes:
        return header(lvl, halvings, size, bands).encode()

    cuts = tuple((band.low, band.high) for band in bands)
    pyramid = Pyramid(size, cuts, describe, levels="stiff")
    with whole_file(path) as file, ThreadPoolExecutor() as pool:
        write_pyramid(file, pyramid, strips, pool)


def _reported(
    strips: Iterable[Floats], side: int, report: Callable[[int], None]
) -> Iterator[Floats]:
    done = 0
    for strip in strips:
        yield strip
        done += strip.shape[0]
        report(100 * done // side)
