"""A query string → a `Job` (spec 1.3, 1.4).  Opens nothing.

Commands run from left to right on a draft of the job.  The first output
command ends it: what comes after has no effect on the answer, as on the
reference server.  Any text gives a Job or a Refused, never another error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from ..errors import BadArgument, Fault
from ..jobs import Job, Objects, Output, Question
from ..view import View
from .arguments import url_decode
from .commands import MODIFIERS, OBJECTS, OUTPUTS, Getter
from .modifiers import Changes

_MODIFIERS = {row.name: row for row in MODIFIERS}
_OUTPUTS = {row.name.upper(): row for row in OUTPUTS}
_OBJECTS = {row.name: row for row in OBJECTS}
_VERSION = "iip,1.0"
_PLACES = ("RGN", "WID", "HEI", "ROT")  # which pixels are wanted, and where
SHORT = 500  # characters
JOBS = 1024  # of short queries: 3 MB, of odd ones 16 MB
BEGINNINGS = 256  # the settings of so many pages
LONGEST_BEGINNING = 8192  # characters


@dataclass
class Draft:
    """A job in the making.  `changes` is replaced, never written to."""

    image: str | None = None
    changes: Changes = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    versioned: bool = False
    output: Output | None = None
    door: bool = False  # the output names its image itself, as another protocol does
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, code: str, argument: str) -> None:
        """Note an error that does not end the request."""
        self.faults.append(Fault(code, argument))


def split(query: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the argument of each command, as typed.

    A piece without = is its own argument (so a bare INV works); one with an
    empty name or an empty argument is dropped.
    """
    for piece in query.split("&"):
        name, equals, argument = piece.partition("=")
        if not equals:
            argument = name
        if name and argument:
            yield name, argument


def parse(query: str, most_commands: int) -> Job:
    """Return what `query` asks for.

    What is asked again was often asked a moment ago: the last jobs of short
    queries are kept, 25 µs of a hit in a cache.

    Raises
    ------
    BadArgument
        More than `most_commands` commands, or an output command whose numbers
        mean nothing.
    """
    read = _read_again if len(query) <= SHORT else _read
    return read(query, most_commands)


def read_settings(text: str) -> Changes:
    """Return what setters alone, as they stand in a query, change in how pixels are shown.

    Raises
    ------
    BadArgument
        Another command, a setter of which pixels are wanted, or nothing that changes anything.
    """
    changes: Changes = {}
    for name, argument in split(text):
        row = _MODIFIERS.get(name.upper())
        if row is None or row.name in _PLACES:
            raise BadArgument(f"{name} does not say how pixels are shown")
        changes = {**changes, **row.reader(_decoded(argument), changes)}
    if not changes:
        raise BadArgument("no setting")
    return changes


def _read(query: str, most_commands: int) -> Job:
    """Read a query.  A page asks for many tiles in the same way: only the last command is new."""
    beginning, _, last = query.rpartition("&")
    begin = _begun if len(beginning) <= LONGEST_BEGINNING else _begin
    begun = begin(beginning, most_commands)
    draft = begun.draft
    if draft.output is None:
        draft = replace(draft, questions=[*draft.questions], faults=[*draft.faults])
        _run_all(last, draft, most_commands, begun.commands)
    view = begun.view if draft.changes is begun.draft.changes else View(**draft.changes)
    said = frozenset(draft.changes) if draft.door else None
    return Job(draft.image, view, _output_of(draft), tuple(draft.faults), query, said)


_read_again = lru_cache(maxsize=JOBS)(_read)


class _Begun(NamedTuple):
    """What the first commands of a query add up to.  Shared: nothing in it is written to."""

    draft: Draft
    commands: int  # how many
    view: View


def _begin(beginning: str, most_commands: int) -> _Begun:
    draft = Draft()
    count = _run_all(beginning, draft, most_commands, 0)
    return _Begun(draft, count, View(**draft.changes))


_begun = lru_cache(maxsize=BEGINNINGS)(_begin)


def _run_all(commands: str, draft: Draft, most: int, count: int) -> int:
    """Run commands up to the first that asks for an answer; return how many there are by now."""
    for name, argument in split(commands):
        if count == most:
            raise BadArgument(f"more than {most} commands")
        _run(name, argument, draft)
        if draft.output is not None:
            break
        count += 1
    return count


def _run(name: str, argument: str, draft: Draft) -> None:
    key = name.upper()
    if key in _MODIFIERS:
        reader = _MODIFIERS[key].reader
        draft.changes = {**draft.changes, **reader(_decoded(argument), draft.changes)}
    elif key == "FIF":
        _name_image(url_decode(argument, plus=True), draft)
    elif key == "OBJ":
        _ask(_decoded(argument).lower(), draft)
    elif key in _OUTPUTS:
        _want(_OUTPUTS[key], argument, draft)
    else:
        draft.refuse("2 2", name)


def _decoded(argument: str) -> str:
    return url_decode(argument) if "%" in argument else argument


def _name_image(image: str, draft: Draft) -> None:
    """Name the image.  It starts at its own cuts and angles (spec 1.4)."""
    kept = draft.changes.items()
    draft.changes = {key: value for key, value in kept if key not in ("cuts", "angles")}
    draft.image = image


def _ask(name: str, draft: Draft) -> None:
    if name == _VERSION:
        draft.versioned = True
        return
    row = _OBJECTS.get("colorspace" if "colorspace" in name else name)
    if row is None:
        draft.refuse("3 2", name)
    elif row.of_image and draft.image is None:
        draft.refuse("1 3", name)
    else:
        changes = draft.changes
        question = Question(row.name, changes.get("rotation", 0), changes.get("cuts", ()))
        draft.questions.append(question)


def _want(row: Getter, argument: str, draft: Draft) -> None:
    if draft.image is None and not row.named:
        draft.refuse("1 3", "")
        return
    decoded = argument if row.raw else url_decode(argument, plus=row.named)
    wanted = row.reader(decoded)
    if wanted is None:
        return
    if wanted.image is not None:  # what is set before the door holds: nothing can follow it
        draft.image, draft.door = wanted.image, True
    if wanted.changes:
        draft.changes = {**draft.changes, **wanted.changes}
    draft.output = wanted.output


def _output_of(draft: Draft) -> Output | None:
    if draft.output is None and (draft.questions or (draft.versioned and not draft.faults)):
        return Objects(tuple(draft.questions), draft.versioned)
    return draft.output
