import subprocess
import sys

import numpy as np
import pytest

from iipastro.compiled import compiled, fused, keep


def test_compiled_functions_round_each_product_and_fused_ones_may_not():
    def product_sum(a, b, c):
        return a * b + c

    a, c = np.float32(1 + 2**-12), np.float32(-1 - 2**-11)
    assert compiled(product_sum)(a, a, c) == 0  # 1 + 2**-11 + 2**-24 has a bit too many
    assert fused(product_sum)(a, a, c) in (0, 2.0**-24)


@pytest.mark.parametrize("error", [OSError, RuntimeError])
def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(error):
    calls = []

    class Kernel:
        def enable_caching(self):
            if error is RuntimeError:
                raise error

    def call():
        calls.append(1)
        if error is OSError and len(calls) == 1:
            raise error

    keep(Kernel(), call)
    assert len(calls) == (2 if error is OSError else 1)


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
