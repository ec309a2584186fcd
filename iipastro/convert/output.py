"""The output of a conversion: a file that appears whole, and errors that name it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from .. import whole_file as whole
from ..whole_file import names_of
from .source import ConvertError

__all__ = ["names_of", "whole_file"]


@contextmanager
def whole_file(path: str) -> Iterator[BinaryIO]:
    """Give a file to write, which replaces `path` at the end of the block, or vanishes.

    Raises ConvertError where another run writes the same file, and for every error of the
    disk in the block.
    """
    try:
        with whole.whole_file(path) as file:
            yield file
    except OSError as error:
        raise ConvertError(f"{path}: {error.strerror or error}") from error
