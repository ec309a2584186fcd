// The linear part: pixels to intermediate world coordinates (Greisen & Calabretta 2002,
// A&A 395, 1061: "paper I", §2.1; CROTA2: paper II, §6.1), in degrees.

import { numberOf } from "../fits.js";

const UNITS = Object.freeze({ // degrees
  __proto__: null, // a name of the header is looked up
  "": 1, deg: 1, arcmin: 1 / 60, arcsec: 1 / 3600, mas: 1 / 3.6e6, rad: 180 / Math.PI,
});

const has = (header, prefix) =>
  ["1_1", "1_2", "2_1", "2_2"].some((end) => header.get(`${prefix}${end}`) !== undefined);

/** Degrees per unit of each axis; undefined for a unit that is no angle. */
export function unitsOf(header) {
  return [1, 2].map((axis) => UNITS[String(header.get(`CUNIT${axis}`) ?? "").trim()]);
}

/** CD, or PC times CDELT, or CDELT turned by CROTA2: [[CD1_1, CD1_2], [CD2_1, CD2_2]]. */
function cdOf(header) {
  const matrix = (prefix, diagonal) => [1, 2].map((i) => [1, 2].map((j) =>
    numberOf(header, `${prefix}${i}_${j}`, i === j ? diagonal : 0)));
  if (has(header, "CD")) {
    return matrix("CD", 0);
  }
  const [d1, d2] = [numberOf(header, "CDELT1", 1), numberOf(header, "CDELT2", 1)];
  if (has(header, "PC")) {
    const [[a, b], [c, d]] = matrix("PC", 1);
    return [[a * d1, b * d1], [c * d2, d * d2]];
  }
  const turn = (numberOf(header, "CROTA2", 0) * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  return [[d1 * cosine, -d2 * sine], [d1 * sine, d2 * cosine]];
}

/**
 * Read the linear part.
 *
 * @param {import("../fits.js").Header} header
 * @param {number[]} units Degrees per unit of each axis.
 * @returns {?{crpix: number[], crval: number[], apply: function, undo: function}} Null for a
 *     matrix that has no inverse. `apply` takes pixels counted from CRPIX; `crval` is by axis.
 */
export function linearOf(header, units) {
  const [[a, b], [c, d]] = cdOf(header).map((row, axis) => row.map((each) => each * units[axis]));
  const determinant = a * d - b * c;
  if (!Number.isFinite(1 / determinant)) {
    return null;
  }
  return {
    crpix: [1, 2].map((axis) => numberOf(header, `CRPIX${axis}`, 0)),
    crval: [1, 2].map((axis) => numberOf(header, `CRVAL${axis}`, 0) * units[axis - 1]),
    apply: (u, v) => [a * u + b * v, c * u + d * v],
    undo: (x, y) => [(d * x - b * y) / determinant, (a * y - c * x) / determinant],
  };
}
