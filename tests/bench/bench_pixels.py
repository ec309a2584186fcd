"""What a 256 x 256 tile costs, plain and compiled, in µs: python tests/bench/bench_pixels.py.

The least of many rounds, on one core; other work on the machine shows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np

from iipastro.geometry import Size
from iipastro.pixels import kernels, lut, pipeline
from iipastro.pixels.scene import Resize, Scene
from iipastro.view import View

MATRIX = ((0.0, 0.0, 0.12, 0.55, 0.9), (0.02, 0.4, 0.8, 0.3, 0.0), (0.95, 0.6, 0.1, 0.0, 0.0))
HALVED = Resize(Size(256, 256), Size(150, 150), 0, 0, 150, smooth=True)

CASES = [  # name, type, channels, view, resize
    ("mono", "f4", 1, View(), None),
    ("mono, gamma", "f4", 1, View(gamma=0.4545), None),
    ("mono, gamma, three equal rows", "f4", 1, View(gamma=0.4545, mix=((1,),) * 3), None),
    ("mono, jet", "f4", 1, View(colormap="jet"), None),
    ("five channels, 3 x 5, gamma", "f4", 5, View(gamma=0.4545, mix=MATRIX), None),
    ("five channels, one shown in RGB", "f4", 5, View(gamma=0.4545, mix=((0, 0, 1),) * 3), None),
    ("16 bits, gamma", "u2", 1, View(gamma=0.4545), None),
    ("8 bits, RGB", "u1", 3, View(), None),
    ("mono, gamma, to 150 x 150", "f4", 1, View(gamma=0.4545), HALVED),
]


def sky(dtype: str, channels: int) -> np.ndarray:
    random = np.random.default_rng(1)
    samples = random.lognormal(-2, 1, (256, 256, channels)) * 1000
    return np.minimum(samples, 255 if dtype == "u1" else 60000).astype(dtype)


def least(function: Callable[[], object], rounds: int = 100, times: int = 5) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            function()
        best = min(best, (time.perf_counter() - start) / times)
    return best * 1e6


def main() -> None:
    start = time.perf_counter()
    kernels.warm_up()
    print(f"warm_up {time.perf_counter() - start:.2f} s")
    print(f"{'':34}{'plain':>8}{'compiled':>10}{'ratio':>8}")
    for name, dtype, channels, view, resize in CASES:
        raw, scene = sky(dtype, channels), Scene(((0.0, 1000.0),) * channels, resize=resize)
        plain = least(partial(pipeline.render, raw, view, scene), 20, 2)
        fused = least(partial(kernels.render, raw, view, scene))
        print(f"{name:34}{plain:8.0f}{fused:10.0f}{plain / fused:8.1f}")
    for name, view in (("gamma", View(gamma=0.4545)), ("jet", View(colormap="jet"))):
        build = partial(lut.steps_of.__wrapped__, lut.curve_of(view, Scene(())))
        print(f"a new step table, {name:24}{least(build, 20):10.0f}")


if __name__ == "__main__":
    main()
