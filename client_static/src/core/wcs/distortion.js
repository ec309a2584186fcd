// Distortions: polynomials on one side of the linear part, undone by Newton's method.

import { numberOf } from "../fits.js";

const STEPS = 40;
const PRECISE = 1e-13; // of the step, relative to the size of what is solved for
const GOOD = 1e-10;

/**
 * @typedef {object} Distortion
 * @property {function(number, number): [number, number]} apply
 * @property {function(number, number): ?[number, number]} undo Null where Newton's method finds
 *     nothing: far outside the image, where a polynomial means nothing.
 */

/**
 * Solve map(x, y) = target by Newton's method, from the target itself.
 *
 * The derivatives are central differences with the step `reach`, over which the map is smooth.
 */
function solve(map, target, reach) {
  let [x, y] = target;
  for (let step = 0; step < STEPS; step += 1) {
    const change = newtonStep(map, [x, y], target, reach);
    if (change === null) {
      return null;
    }
    x += change[0];
    y += change[1];
    const size = Math.hypot(...change) / (reach + Math.hypot(x, y));
    if (size < PRECISE || (step > STEPS / 2 && size < GOOD)) {
      return [x, y];
    }
  }
  return null;
}

function newtonStep(map, [x, y], target, reach) {
  const [u, v] = map(x, y);
  const [right, left, up, down] = [
    map(x + reach, y), map(x - reach, y), map(x, y + reach), map(x, y - reach),
  ];
  const [a, b] = [right[0] - left[0], up[0] - down[0]];
  const [c, d] = [right[1] - left[1], up[1] - down[1]];
  const [du, dv] = [(target[0] - u) * 2 * reach, (target[1] - v) * 2 * reach];
  const determinant = a * d - b * c;
  const change = [(d * du - b * dv) / determinant, (a * dv - c * du) / determinant];
  return change.every(Number.isFinite) ? change : null;
}

/** The value of Σ c xᵖ yᑫ rᵏ over the terms [c, p, q, k]. */
function polynomial(terms, x, y) {
  const r = Math.hypot(x, y);
  return terms.reduce((sum, [c, p, q, k]) => sum + c * x ** p * y ** q * r ** k, 0);
}

/** The 40 terms of TPV as powers of ξ, η, r, in the order of their numbers. */
function tpvPowers() {
  const powers = [];
  for (let order = 0; order <= 7; order += 1) {
    for (let eta = 0; eta <= order; eta += 1) {
      powers.push([order - eta, eta, 0]);
    }
    if (order % 2 === 1) {
      powers.push([0, 0, order]); // r, r³, r⁵, r⁷ have the numbers 3, 11, 23, 39
    }
  }
  return powers;
}

const TPV_TERMS = 40;

/** The terms of one axis; a PVi_1 that is not given is 1, others 0. */
function tpvTerms(header, axis) {
  const powers = tpvPowers();
  const terms = Array.from({ length: TPV_TERMS }, (_, number) =>
    [numberOf(header, `PV${axis}_${number}`, number === 1 ? 1 : 0), ...powers[number]]);
  return terms.filter(([factor]) => factor !== 0);
}

/**
 * The distortion of TPV, on intermediate world coordinates in degrees, before the tangent plane.
 * FITS registry, "TPV World Coordinate System"
 * (https://fits.gsfc.nasa.gov/registry/tpvwcs.html); SCAMP writes the same into TAN headers.
 *
 * @param {import("../fits.js").Header} header
 * @param {number} lngAxis 1 or 2.
 * @returns {Distortion}
 */
export function tpv(header, lngAxis) {
  const [lng, lat] = [tpvTerms(header, lngAxis), tpvTerms(header, 3 - lngAxis)];
  const apply = (x, y) => [polynomial(lng, x, y), polynomial(lat, y, x)];
  return { apply, undo: (x, y) => solve(apply, [x, y], 1e-4) };
}

function sipTerms(header, letter) {
  const order = Math.min(numberOf(header, `${letter}_ORDER`, 0), 9); // one digit each
  const terms = [];
  for (let p = 0; p <= order; p += 1) {
    for (let q = 0; p + q <= order; q += 1) {
      terms.push([numberOf(header, `${letter}_${p}_${q}`, 0), p, q, 0]);
    }
  }
  return terms.filter(([factor]) => factor !== 0);
}

/**
 * The distortion of SIP, on pixels counted from CRPIX (Shupe et al. 2005, ASPC 347, 491).  AP and
 * BP, its approximate inverse, are not used: the inverse is solved for.
 *
 * @param {import("../fits.js").Header} header
 * @returns {Distortion}
 */
export function sip(header) {
  const [a, b] = [sipTerms(header, "A"), sipTerms(header, "B")];
  const apply = (u, v) => [u + polynomial(a, u, v), v + polynomial(b, u, v)];
  return { apply, undo: (u, v) => solve(apply, [u, v], 0.1) };
}

/** No distortion. */
export const NONE = Object.freeze({ apply: (x, y) => [x, y], undo: (x, y) => [x, y] });
