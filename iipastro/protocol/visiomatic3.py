"""VisiOmatic 3's dialect of IIP → a `Job`.  Opens nothing."""

from __future__ import annotations

from ..jobs import Job
from . import iip


def parse(query: str, most_commands: int) -> Job:
    """Return what `query` asks for.  Raises BadArgument."""
    return iip.parse(query, most_commands)
