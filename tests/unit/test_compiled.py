import ast
import os
import platform
import subprocess
import sys
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import pytest
from llvmlite.binding import get_host_cpu_features

import iipastro
from iipastro.compiled import compiled, fused, inlined, keep


def adds_to_products():
    """Whether this processor multiplies and adds in one instruction; all of 64-bit ARM do."""
    return platform.machine() == "aarch64" or get_host_cpu_features().get("fma", False)


def test_compiled_functions_round_each_product_and_fused_ones_may_not():
    def product_sum(a, b, c):
        return a * b + c

    a, c = np.float32(1 + 2**-12), np.float32(-1 - 2**-11)
    assert compiled(product_sum)(a, a, c) == 0  # 1 + 2**-11 + 2**-24 has a bit too many
    assert fused(product_sum)(a, a, c) == (2.0**-24 if adds_to_products() else 0)


def test_an_inlined_function_is_compiled_for_the_constant_it_is_called_with():
    @inlined
    def stride(values, step):
        return values[step] + len(values) // step

    @compiled
    def both(values):
        return stride(values, 2), stride(values, 3)

    assert both(np.arange(6)) == (5, 5)


class Kernel:
    """Fails at the first call, or without a directory; counts what it is told."""

    def __init__(self, error):
        self.error, self.calls, self.emptied = error, 0, 0

    def enable_caching(self):
        if self.error is RuntimeError:
            raise self.error

    def recompile(self):
        self.emptied += 1

    def call(self):
        self.calls += 1
        if self.calls == 1 and self.error not in (None, RuntimeError):
            raise self.error


@pytest.mark.parametrize(("error", "calls"), [(OSError, 2), (RuntimeError, 1)])
def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(error, calls):
    kernel = Kernel(error)
    assert not keep(kernel, kernel.call)
    assert (kernel.calls, kernel.emptied) == (calls, 0)


def test_what_is_kept_is_called_once():
    kernel = Kernel(None)
    assert keep(kernel, kernel.call)
    assert kernel.calls == 1


@pytest.mark.parametrize("error", [EOFError, UnpicklingError])
def test_a_file_that_cannot_be_read_is_emptied_and_made_anew(error):
    kernel = Kernel(error)
    assert keep(kernel, kernel.call)
    assert (kernel.calls, kernel.emptied) == (2, 1)


@pytest.mark.parametrize("content", [b"", b"\0" * 4096], ids=["empty", "zeros"])
def test_damaged_files_of_the_compiler_are_made_anew(tmp_path, content):
    (tmp_path / "small.py").write_text(
        "from iipastro.compiled import compiled, keep\n"
        "@compiled\n"
        "def double(x): return 2 * x\n"
        "assert keep(double, lambda: double(21))\n"
        "assert double(21) == 42\n"
        "print(sum(double.stats.cache_hits.values()))\n"
    )

    def hits():
        command, paths = [sys.executable, str(tmp_path / "small.py")], os.pathsep.join(sys.path)
        environ = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept"), "PYTHONPATH": paths}
        done = subprocess.run(command, env=environ, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return int(done.stdout)

    assert [hits(), hits()] == [0, 1]
    for pattern in ("*.nbi", "*.nbc"):
        (file,) = (tmp_path / "kept").rglob(pattern)
        file.write_bytes(content)
        assert [hits(), hits()] == [0, 1]


def test_importing_compiles_nothing():
    check = "from iipastro.pixels import fused; import sys; sys.exit(len(fused.show.signatures))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_it_compiles_where_nothing_can_be_kept():
    check = (
        "import numba.core.caching as c; c.CacheImpl._locator_classes = [];"
        "from iipastro.pixels import fused, kernels; kernels.warm_up();"
        "assert len(fused.show.signatures) == 1"
    )
    answer = subprocess.run([sys.executable, "-c", check], check=False, capture_output=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr.count(b"compiled code cannot be kept") == 1


MODULES = sorted(Path(iipastro.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_function_makes_compiled_functions(path):
    """Their names would be one, and code that other processes have kept takes them by name."""
    nested = [
        inner.name
        for outer in ast.walk(ast.parse(path.read_text()))
        if isinstance(outer, ast.FunctionDef)
        for inner in ast.walk(outer)
        if inner is not outer and isinstance(inner, ast.FunctionDef)
        for decorator in inner.decorator_list
        if isinstance(decorator, ast.Name) and decorator.id in {"compiled", "fused", "inlined"}
    ]
    assert nested == []
