"""How functions are compiled: the only importer of numba.

What is compiled is kept beside the module it stands in, or in the user's cache
directory, until that file changes: no number of another module may go into it.
"""

from __future__ import annotations

from collections.abc import Callable
from pickle import UnpicklingError
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function at its first call.  No fast mathematics: results must not differ."""
    return cast(Function, numba.njit(error_model="numpy")(function))


def fused(function: Function) -> Function:
    """Compile a function whose products may be added before they are rounded."""
    return cast(Function, numba.njit(error_model="numpy", fastmath={"contract"})(function))


def inlined(function: Function) -> Function:
    """Compile a function anew wherever it is called: what is constant there is so in its loops.

    Not by a function that makes functions: those of one name are taken for each
    other where compiled code of several processes comes together.
    """
    return cast(Function, numba.njit(error_model="numpy", inline="always")(function))


def keep(kernel: Callable[..., Any], call: Callable[[], object]) -> bool:
    """Compile `kernel` by a call that uses it, or load what was compiled before.

    Return whether it is kept: not where no directory can be written, or the disk is full.
    Files that are damaged, as by a loss of power, are made anew.
    """
    dispatcher = cast(Any, kernel)
    try:
        dispatcher.enable_caching()
        call()
    except (EOFError, UnpicklingError):
        dispatcher.recompile()  # nothing is compiled yet: this only empties the file
        call()
    except (RuntimeError, OSError):  # no directory; compiled, but not written
        call()
        return False
    return True
