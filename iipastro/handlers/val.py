"""VAL: the values of single pixels, exactly as the file holds them, as JSON."""

from __future__ import annotations

import json
import math
from contextlib import AbstractContextManager

import numpy as np

from ..errors import BadArgument, TooLarge
from ..images.catalog import Opened
from ..images.places import Indices, read_places, samples_read
from ..images.source import ImageSource, Raw
from ..jobs import Job, Values
from ..response import Response, answer
from .service import Service

Number = int | float | None
Places = tuple[Indices, Indices]  # columns and rows, inside the image

_WRITING = 256  # samples that are read in the time in which a number is written


def serve_values(_: Job, values: Values, image: Opened, service: Service) -> Response:
    """Answer with the channels of each pixel, in the order asked.

    Raises BadArgument for a place outside the image, TooLarge, Busy.
    """
    width, height = image.source.info.full
    for column, row in values.places:
        if column >= width or row >= height:
            raise BadArgument(f"{column},{row} is outside the image")
    columns, rows = np.array(values.places, dtype=np.int64).T
    numbers = len(columns) * image.source.info.channels
    with lane(image.source, (columns, rows), numbers, service):
        pixels = numbers_of(read_places(image.source, columns, rows))
        listed = [
            {"x": column, "y": row, "values": channels}
            for (column, row), channels in zip(values.places, pixels, strict=True)
        ]
        return json_answer({"pixels": listed})


def lane(
    source: ImageSource, places: Places, numbers: int, service: Service
) -> AbstractContextManager[None]:
    """Return the slot for an answer of so many numbers, from some places: to read and to write it.

    Raises TooLarge; when it is entered, Busy.
    """
    limits, samples = service.config.limits, samples_read(source, *places)
    if numbers > limits.profile_values or samples > limits.max_source_samples:
        raise TooLarge("too many values")
    return service.exports.slot(max(samples, numbers * _WRITING))


def numbers_of(samples: Raw) -> list[list[Number]]:
    """Return samples as numbers of JSON, null for what is not finite.

    A float has the fewest digits that tell it from its neighbours in the
    file's own precision: 0.1 in a file of float32 is 0.1.
    """
    if samples.dtype.kind in "iu":
        integers: list[list[Number]] = samples.tolist()
        return integers
    if samples.dtype == np.float64:
        return [[finite(value) for value in pixel] for pixel in samples.tolist()]
    return [[finite(float(str(value))) for value in pixel] for pixel in samples]


def finite(number: float) -> float | None:
    """Return a number that JSON has; None stands for NaN and infinities."""
    return number if math.isfinite(number) else None


def json_answer(content: object) -> Response:
    """Return a success as JSON."""
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    return answer("application/json", text.encode())
