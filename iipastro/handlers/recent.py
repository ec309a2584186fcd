"""What the last requests were found to ask for, so that it is not found out again."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple
from weakref import ReferenceType, ref

from ..images.catalog import Opened
from ..images.source import ImageSource
from ..jobs import IiifImage, IiifInfo, IiifRedirect, Job, Objects
from ..protocol.iip import SHORT
from ..response import Header, Response

if TYPE_CHECKING:  # it imports the service, which has one of these
    from .fresh import State

MOST = 512  # requests: 1 MB, and twice as much again where all of them are for texts
_ADDRESSED = IiifImage, IiifInfo, IiifRedirect  # get their URL in a job of their own
_TEXT = 4096  # bytes of a text that is kept with its request


class Known(NamedTuple):
    """A request that was answered well, and what its answer depends on."""

    job: Job
    source: ReferenceType[ImageSource]  # while it is the same one, all of this holds
    place: tuple[object, ...]  # the rest of what its name stood for
    state: State
    headers: tuple[Header, ...]  # that go with the answer, besides those of its kind
    text: Response | None  # the answer itself, if it is a short text


class Answered(NamedTuple):
    """What a request was answered with."""

    response: Response  # with the headers of its kind
    headers: tuple[Header, ...]  # that go with it besides


class Recent:
    """The last requests of a worker, by their words."""

    def __init__(self, most: int = MOST):
        self._most = most
        self._known: OrderedDict[str, Known] = OrderedDict()  # least recent first

    def __len__(self) -> int:
        """Return how many requests there are."""
        return len(self._known)

    def find(self, job: Job, image: Opened | None) -> Known | None:
        """Return what is known of a job about a file, if both are the same as before.

        For words that it remembers the parser returns the same job; it makes
        another one for the same words in another sense.
        """
        known = self._known.get(job.text)
        if known is None or image is None or known.job is not job:
            return None
        if known.source() is not image.source or known.place != image[1:]:
            return None
        self._known.move_to_end(job.text)
        return known

    def keep(self, job: Job, image: Opened, state: State, made: Answered) -> None:
        """Remember a request in place of the least recent one, if it may be the same again.

        The jobs of IIIF and of long words are made anew each time; a file that is
        dated after now gets its date told later.
        """
        anew = isinstance(job.output, _ADDRESSED) or len(job.text) > SHORT
        if anew or image.source.info.modified > time.time():
            return
        self._known.pop(job.text, None)
        if len(self._known) >= self._most:
            self._known.popitem(last=False)
        brief = isinstance(job.output, Objects) and len(made.response.body) <= _TEXT
        text = made.response if brief else None
        self._known[job.text] = Known(job, ref(image.source), image[1:], state, made.headers, text)
