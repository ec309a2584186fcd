"""OBJ: facts of the image as lines of text (spec 2.3), and IIP's own error lines (spec 1.5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from ..errors import Fault, printable
from ..images.catalog import Opened
from ..images.metadata import without_card
from ..jobs import Job, Objects, Question
from ..response import IIP, Response, answer, attachment, refusal
from .scene import cuts_of
from .service import Service

Lines = list[bytes]

# A name that a server of the reference's age is known by; clients look for it nowhere.
_PROTOCOL_VERSION = b"IIP-server:3.65"
_OPTIONAL_COMMANDS = b"IIP-opt-comm:CVT CNT QLT JTL JTLS WID HEI RGN MINMAX SHD CMP INV CTW"
_OPTIONAL_OBJECTS = (
    b"IIP-opt-obj:Horizontal-views Vertical-views Tile-size Bits-per-channel"
    b" Min-Max-sample-values Resolutions"
)
_SUMMARY = ("copyright", "subject", "author", "create-dtm", "app-name")
_LONGEST_ERROR = 31  # bytes of an error line, and of the colour space
_SPACES = {"lab": (1, 4), "grey": (0, 1), "rgb": (0, 3)}  # color: calibrated, space


def serve_objects(job: Job, objects: Objects, image: Opened | None, service: Service) -> Response:
    """Answer with a line per question, in the order asked.

    A JSON object asked for alone is the whole body, as upstream answers it.
    """
    questions = objects.questions
    if image is not None and len(questions) == 1 and questions[0].name in JSON_ANSWERS:
        text = JSON_ANSWERS[questions[0].name](image)
        return answer("application/json", text.encode())
    lines = [b"IIP:1.0" if objects.versioned else b""]
    for question in questions:
        lines += _answer(question, image, service)
    if len(lines) == 1 and not objects.versioned:
        return serve_faults([nothing_asked(job)])
    return answer(IIP, b"\r\n".join([*lines, b""]))


def serve_faults(faults: Sequence[Fault]) -> Response:
    """Answer with error lines alone; each is cut at 31 characters (spec 1.5)."""
    lines = []
    for code, argument in faults:
        text = f"{code} {printable(argument)}"
        lines.append(f"Error/{len(text)}:{text}"[:_LONGEST_ERROR].encode())
    body = b"\r\n".join([*lines, b""])
    name = attachment("inline", "IIPisAMadGameClosedToOurUnderstanding.netfpx")
    return refusal(400, body, IIP, name)


def nothing_asked(job: Job) -> Fault:
    """Return the error of a request that nothing came of: it quotes the request."""
    return Fault("2 1", job.text)


def _answer(question: Question, image: Opened | None, service: Service) -> Lines:
    name = question.name
    if name in CONSTANTS:
        return [CONSTANTS[name]]
    if image is None:  # the parser has refused it; a question never answers for another image
        return []
    if name in JSON_ANSWERS:
        return [f"{name}:{JSON_ANSWERS[name](image)}".encode()]
    if name in ANSWERS:
        return ANSWERS[name](question, image)
    return _metadata(name, image, service)


def _metadata(name: str, image: Opened, service: Service) -> Lines:
    """Return `<name>/<length>:<value>`; nothing where the file has no such text."""
    if name == "summary-info":
        return [line for each in _SUMMARY for line in _metadata(each, image, service)]
    value = image.source.info.metadata.get(name, b"")
    if name == "subject" and service.config.images.hide_latpole:
        value = without_card(value, "LATPOLE")
    return [f"{name}/{len(value)}:".encode() + value] if value else []


# ---- one function per object; the answer without its line end


def _max_size(question: Question, image: Opened) -> Lines:
    width, height = image.source.info.full
    if question.rotation % 180 == 90:
        width, height = height, width
    return [b"Max-size:%d %d" % (width, height)]


def _tile_size(_: Question, image: Opened) -> Lines:
    return [b"Tile-size:%d %d" % image.source.info.levels[-1].tile]


def _resolution_number(_: Question, image: Opened) -> Lines:
    return [b"Resolution-number:%d" % len(image.source.info.levels)]


def _bits_per_channel(_: Question, image: Opened) -> Lines:
    return [b"Bits-per-channel:%d" % image.source.info.bits]


def _resolutions(_: Question, image: Opened) -> Lines:
    sizes = (b"%d %d" % level.size for level in image.source.info.levels)
    return [b"Resolutions:" + b",".join(sizes)]


def _horizontal_views(_: Question, image: Opened) -> Lines:
    return [b"Horizontal-views:" + _numbers(image.horizontal)]


def _vertical_views(_: Question, image: Opened) -> Lines:
    return [b"Vertical-views:" + _numbers(image.vertical)]


def _numbers(numbers: Sequence[int]) -> bytes:
    return " ".join(map(str, numbers)).encode()


def _min_max(question: Question, image: Opened) -> Lines:
    """Return the cuts, interleaved by channel; VisiOmatic counts the fields (spec 2.3)."""
    cuts = cuts_of(question.cuts, image.source.info)
    fields = "".join(f" {low:.9g}  {high:.9g} " for low, high in cuts)
    return [b"Min-Max-sample-values:" + fields[:-1].encode()]


def _colorspace(_: Question, image: Opened) -> Lines:
    info = image.source.info
    calibrated, space = _SPACES[info.color]
    planes = "1 0" if info.color == "grey" else "3 0 1 2"
    line = f"Colorspace,0-{len(info.levels) - 1},0:{calibrated} 0 {space} {planes}"
    return [line.encode()[:_LONGEST_ERROR]]


def _basic_info(question: Question, image: Opened) -> Lines:
    parts = (_max_size, _resolution_number, _colorspace)
    return [_PROTOCOL_VERSION, *(line for part in parts for line in part(question, image))]


def _dpi(_: Question, image: Opened) -> Lines:
    density = image.source.info.dots_per_metre
    return [b"DPI:%f %f" % density] if density else []


def _all_metadata(image: Opened) -> str:
    texts = image.source.info.metadata.items()
    return json.dumps({name: value.decode("utf-8", "replace") for name, value in texts})


def _stack(_: Opened) -> str:
    """Return the images of a stack: the formats that we read hold none."""
    return "[]"


CONSTANTS: dict[str, bytes] = {
    "iip-server": _PROTOCOL_VERSION,
    "iip-opt-comm": _OPTIONAL_COMMANDS,
    "iip-opt-obj": _OPTIONAL_OBJECTS,
}

ANSWERS: dict[str, Callable[[Question, Opened], Lines]] = {
    "basic-info": _basic_info,
    "max-size": _max_size,
    "tile-size": _tile_size,
    "resolution-number": _resolution_number,
    "bits-per-channel": _bits_per_channel,
    "resolutions": _resolutions,
    "horizontal-views": _horizontal_views,
    "vertical-views": _vertical_views,
    "min-max-sample-values": _min_max,
    "colorspace": _colorspace,
    "dpi": _dpi,
}

JSON_ANSWERS: dict[str, Callable[[Opened], str]] = {"metadata": _all_metadata, "stack": _stack}
