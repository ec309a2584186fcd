"""FITS files as one image to convert: HDUs, planes and files become channels."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import numpy as np

from ..geometry import Size
from .files import InputFile, open_file
from .hdus import MAX_PLANES, Hdu, find_hdus, find_images, read_header
from .header import Header, inherited
from .mosaic import MosaicPlane, mosaic_cards, parts_by_detector, parts_by_wcs, reference_of
from .planes import Image, Plane, open_image
from .source import ConvertError, Floats, Options
from .wcs import drift, linear_of

PLACINGS = {"detsec": parts_by_detector, "wcs": parts_by_wcs}
MAX_ROW = 256 << 20  # bytes of one row of all channels
MOST_OFF = 1.0  # pixels that a corner of a channel may lie beside that of the first


@dataclass(frozen=True)
class Group:
    """Channels that have one header: the planes of an HDU, or a mosaic."""

    header: Header  # with what it inherits, and what a mosaic changes
    labels: tuple[str, ...]  # one for each plane; empty where nothing is known
    planes: tuple[Plane, ...]

    @property
    def name(self) -> str:
        """The file and the HDU, for messages."""
        return self.header.name

    @property
    def size(self) -> Size:
        """Of each plane."""
        return self.planes[0].size


@dataclass(frozen=True)
class Channel:
    """A channel and the map of its flagged pixels."""

    plane: Plane
    flags: Plane | None


class FitsSource:
    """Channels of the same size, read together, the last row of FITS first."""

    def __init__(
        self,
        groups: Sequence[Group],
        channels: Sequence[Channel],
        options: Options,
        open_: ExitStack,
    ):
        self.size = groups[0].size
        self.cards = groups[0].header.cards
        self.name = groups[0].name
        self.channels = len(channels)
        self.labels = _labels(groups, options, len(channels))
        self._channels = tuple(channels)
        self._blank_value = options.blank_value
        self._open = open_

    def read(self, top: int, rows: int) -> Floats:
        """Return rows `top` to `top + rows`: float32 (rows, columns, channels), the caller's own.

        Raises ConvertError.
        """
        out = np.empty((rows, self.size.width, self.channels), np.float32)
        upwards = out[::-1]  # as FITS has it
        first = self.size.height - top - rows
        for number, channel in enumerate(self._channels):
            target = upwards[:, :, number]
            channel.plane.read_into(target, first, 0)
            if channel.flags is not None:
                flags = np.empty(target.shape, np.float32)
                channel.flags.read_into(flags, first, 0)
                target[flags != 0] = np.nan
        if self._blank_value is not None:
            out[np.isnan(out)] = self._blank_value
        return out

    def close(self) -> None:
        """Let go of the files."""
        self._open.close()


def open_source(paths: Sequence[str], options: Options) -> FitsSource:
    """Open FITS files as one image: each HDU named and each plane of it is a channel.

    Raises ConvertError, which names the file and the HDU, for files that are
    not there, damaged, without an image, or of another size than the first.
    """
    if options.mosaic and options.mosaic not in PLACINGS:
        raise ConvertError(f"no way {options.mosaic!r} to place a mosaic")
    if len(options.flags) not in (0, 1, len(paths)):
        raise ConvertError(f"{len(options.flags)} flag maps for {len(paths)} files")
    with ExitStack() as stack:
        groups: list[Group] = []
        channels: list[Channel] = []
        for number, path in enumerate(paths):
            some = _open_groups(path, options, stack)
            planes = [plane for group in some for plane in group.planes]
            groups += some
            channels += _with_flags(planes, _flags_of(number, options, stack), path)
        _check(groups, len(channels), options)
        return FitsSource(groups, channels, options, stack.pop_all())


def _open_groups(path: str, options: Options, stack: ExitStack) -> list[Group]:
    """Open what the options choose of a file."""
    file = open_file(path, options.scratch)
    stack.callback(file.close)
    if options.mosaic:
        return [_open_mosaic(file, options, stack)]
    return [_open_group(file, hdu, options, stack) for hdu in find_hdus(file, options.hdus)]


def _open_group(file: InputFile, hdu: Hdu, options: Options, stack: ExitStack) -> Group:
    image = _open_image(file, hdu, options, stack)
    header = _header_of(file, hdu, image)
    planes = image.planes
    if options.planes:
        for number in options.planes:
            if not 1 <= number <= len(planes):
                raise ConvertError(f"{hdu.name}: no plane {number}; it has {len(planes)}")
        planes = tuple(planes[number - 1] for number in options.planes)
    numbers = options.planes or range(1, len(planes) + 1)
    label = _label(header, options.label_key)
    labels = [f"{label} {n}".strip() for n in numbers] if len(image.planes) > 1 else [label]
    return Group(header, tuple(labels), planes)


def _open_mosaic(file: InputFile, options: Options, stack: ExitStack) -> Group:
    """Open the images of a file, those named or all, as one."""
    hdus = find_images(file, options.hdus)
    images = [_open_image(file, hdu, options, stack) for hdu in hdus]
    for hdu, image in zip(hdus, images, strict=True):
        if len(image.planes) > 1:
            raise ConvertError(f"{hdu.name}: a cube cannot be a part of a mosaic")
    place = PLACINGS[options.mosaic]
    mosaic = MosaicPlane(place(hdus, [image.planes[0] for image in images]), file.name)
    chosen = reference_of(mosaic.parts)
    header = _header_of(file, hdus[chosen], images[chosen])
    cards = mosaic_cards(header, mosaic.parts[chosen], mosaic.size)
    return Group(Header(cards, header.name), (_label(header, options.label_key),), (mosaic,))


def _open_image(file: InputFile, hdu: Hdu, options: Options, stack: ExitStack) -> Image:
    image = open_image(file, hdu, options.unsigned)
    stack.callback(image.close)
    return image


def _header_of(file: InputFile, hdu: Hdu, image: Image) -> Header:
    """Return the header of an image with what it inherits from the primary HDU."""
    own = Header(image.cards, hdu.name)
    if hdu.number == 0:
        return own
    primary, _ = read_header(file, 0, f"{file.name}[0]")
    return Header(inherited(own, primary), hdu.name)


def _label(header: Header, key: str) -> str:
    value = header.value(key)
    return "" if value is None else str(value).strip()


def _flags_of(number: int, options: Options, stack: ExitStack) -> list[Plane]:
    """Open the flag maps of an input: none, one for all its channels, or one for each."""
    if not options.flags:
        return []
    path = options.flags[number if len(options.flags) > 1 else 0]
    groups = _open_groups(path, replace(options, planes=()), stack)
    return [plane for group in groups for plane in group.planes]


def _with_flags(planes: list[Plane], flags: list[Plane], path: str) -> list[Channel]:
    """Pair the planes of an input with its flag maps.  Raises ConvertError."""
    if not flags:
        return [Channel(plane, None) for plane in planes]
    if len(flags) not in (1, len(planes)):
        raise ConvertError(f"{path}: {len(flags)} flag maps for {len(planes)} channels")
    flags = flags * len(planes) if len(flags) == 1 else flags
    for plane, map_ in zip(planes, flags, strict=True):
        if plane.size != map_.size:
            raise ConvertError(
                f"{path}: {_shown(plane.size)} pixels, but its flag map has {_shown(map_.size)}"
            )
    return [Channel(*pair) for pair in zip(planes, flags, strict=True)]


def _check(groups: Sequence[Group], channels: int, options: Options) -> None:
    """Raise ConvertError for channels that do not lie upon one another."""
    if not groups:
        raise ConvertError("no input")
    if channels > MAX_PLANES:
        raise ConvertError(f"{groups[0].name}: {channels} channels; TIFF has {MAX_PLANES} at most")
    first = groups[0]
    if (row := first.size.width * channels * 4) > MAX_ROW:
        raise ConvertError(f"{first.name}: {channels} channels: a row has {row} bytes as float32")
    for group in groups[1:]:
        if group.size != first.size:
            raise ConvertError(
                f"{group.name}: {_shown(group.size)} pixels,"
                f" but {first.name} has {_shown(first.size)}"
            )
    if not options.any_wcs and len(groups) > 1:
        _check_sky(groups)


def _check_sky(groups: Sequence[Group]) -> None:
    places = [(group, linear_of(group.header)) for group in groups]
    known = [(group, linear) for group, linear in places if linear is not None]
    for group, linear in known[1:]:
        first, onto = known[0]
        if not (off := drift(linear, onto, group.size)) <= MOST_OFF:
            raise ConvertError(
                f"{group.name}: not on the same pixels of the sky as {first.name}:"
                f" a corner is {off:.1f} pixels off"
            )


def _shown(size: Size) -> str:
    return f"{size.width} x {size.height}"


def _labels(groups: Sequence[Group], options: Options, channels: int) -> tuple[str, ...]:
    """Return a name for each channel; none at all where nobody gives any.

    Raises ConvertError for more or fewer names than channels.
    """
    if options.labels:
        if len(options.labels) != channels:
            raise ConvertError(f"{len(options.labels)} names for {channels} channels")
        return options.labels
    labels = tuple(label for group in groups for label in group.labels)
    return labels if any(labels) else ()
