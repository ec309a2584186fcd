"""The horizontal predictor of 8-bit RGB, undone, compiled (TIFF 6.0 p. 64).

Eight bytes are added to eight bytes in one go: the highest bit of each is kept
out of the sum, so that nothing is carried over, and put right afterwards.  The
sums within eight bytes wait for nothing and become vectors.  Then what came
before is added from word to word, in four rows at once, as each step waits for
the one before.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..compiled import compiled, keep
from .source import Raw

Words = np.ndarray[Any, np.dtype[np.uint64]]
Word = np.uint64

ROWS = 4  # that are summed at once
NEXT = Word(1)
HIGH = Word(0x8080808080808080)  # the highest bit of each byte
LOW = Word(0x7F7F7F7F7F7F7F7F)
PIXEL, TWO_PIXELS, REST = Word(24), Word(48), Word(40)  # bits


def fits(samples: Raw) -> bool:
    """Return whether `undone_rgb` is for these: tiles of TIFF mostly are a multiple of 16."""
    rows, columns, channels = samples.shape
    return samples.dtype == np.uint8 and channels == 3 and not rows % ROWS and not columns % 8


def undone_rgb(steps: Raw) -> Raw:
    """Return the samples, new, whose differences these are: a whole array, of those that fit.

    25 µs for 256 × 256, where `imagecodecs.delta_decode` takes 77.
    """
    samples = np.empty_like(steps)
    if steps.size:
        words = steps.reshape(steps.shape[0], -1).view(np.uint64)
        words.flags.writeable = False  # one type for the compiler
        add_up(words, samples.reshape(words.shape[0], -1).view(np.uint64))
    return samples


def warm_up() -> None:
    """Compile, or load what was compiled before."""
    keep(add_up, partial(undone_rgb, np.zeros((ROWS, 8, 3), dtype=np.uint8)))


@compiled
def add_up(words: Words, sums: Words) -> None:
    """Write the sums of the differences in each row of `words` (rows, words of a row)."""
    steps, flat, length = words.reshape(-1), sums.reshape(-1), Word(words.shape[1])
    for place in range(flat.shape[0]):
        flat[place] = _within(steps[place])
    for row in range(0, words.shape[0], ROWS):
        first = Word(row) * length
        second, third, fourth = first + length, first + length + length, first + Word(3) * length
        a = b = c = d = Word(0)
        for _ in range(words.shape[1]):
            a = _onward(flat, first, a)
            b = _onward(flat, second, b)
            c = _onward(flat, third, c)
            d = _onward(flat, fourth, d)
            first, second, third, fourth = first + NEXT, second + NEXT, third + NEXT, fourth + NEXT


@compiled
def _onward(flat: Words, place: Word, before: Word) -> Word:
    """Add what came before to a word; return what comes before the next: its last pixel, again."""
    word = _sum(flat[place], before)
    flat[place] = word
    last = word >> REST
    return last | last << PIXEL | last << TWO_PIXELS


@compiled
def _within(word: Word) -> Word:
    """Return the sums within a word, of every third byte, the lowest first."""
    word = _sum(word, word << PIXEL)
    return _sum(word, word << TWO_PIXELS)


@compiled
def _sum(one: Word, other: Word) -> Word:
    """Return the sums of the bytes of two words, each modulo 256."""
    return (one & LOW) + (other & LOW) ^ (one ^ other) & HIGH
