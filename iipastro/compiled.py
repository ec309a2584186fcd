"""How functions are compiled: the only importer of numba.

What is compiled is kept beside the module it stands in, or in the user's cache
directory, until that file changes: no number of another module may go into it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function at its first call.  No fast mathematics: results must not differ."""
    return cast(Function, numba.njit(error_model="numpy")(function))


def fused(function: Function) -> Function:
    """Compile a function whose products may be added before they are rounded."""
    return cast(Function, numba.njit(error_model="numpy", fastmath={"contract"})(function))


def keep(kernel: Callable[..., Any], call: Callable[[], object]) -> None:
    """Compile `kernel` by a call that uses it, or load what was compiled before.

    Where no directory can be written, or the disk is full, it is kept for this process.
    """
    with suppress(RuntimeError):  # no directory to keep it in
        cast(Any, kernel).enable_caching()
    try:
        call()
    except OSError:  # compiled, but not kept
        call()
