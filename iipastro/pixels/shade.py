"""Hill shading: three channels taken as the normal of a surface, lit from one side."""

from __future__ import annotations

import math

import numpy as np

from .scene import Pixels


def shade(pixels: Pixels, light: tuple[int, int]) -> Pixels:
    """Return how bright the surface is under a distant light (spec 3.2, "Hill shading").

    Parameters
    ----------
    pixels : float32, (rows, columns, channels)
        Normalised.  The first three channels are the normal, 0.5 meaning 0; an
        image of fewer channels is taken as three equal ones.
    light : azimuth and altitude, in degrees

    Returns
    -------
    float32, (rows, columns, 1)
        0 to 1; 0 where all three channels are 0.
    """
    normals = pixels[:, :, :3] if pixels.shape[2] >= 3 else pixels[:, :, [0, 0, 0]]
    directions = (normals - np.float32(0.5)) * np.float32(-2)
    brightness = np.zeros(pixels.shape[:2], dtype=np.float32)
    for axis, component in enumerate(_towards(light)):
        brightness += directions[:, :, axis] * np.float32(component)
    brightness[~normals.any(axis=2)] = 0
    return np.clip(brightness * np.float32(0.5), 0, 1)[:, :, np.newaxis]


def _towards(light: tuple[int, int]) -> tuple[float, float, float]:
    """Return the direction of the light as a unit vector."""
    azimuth, altitude = light
    y = math.cos(2 * math.pi * azimuth / 360)
    x = math.sqrt(max(0.0, 1 - y * y))
    if azimuth > 180:
        x = -x
    z = -math.sin(2 * math.pi * altitude / 360)
    length = math.sqrt(x * x + y * y + z * z)  # at least 1: x and y alone make a unit vector
    return x / length, y / length, z / length
