// World coordinates of a FITS header: pixels ↔ sky (papers I and II of the FITS WCS).
//
// pixel → (SIP) → linear → degrees in the plane → (TPV) → projection → native angles → rotation →
// the header's celestial system → equatorial.

import { numberOf } from "../fits.js";
import { convert } from "../units.js";
import { cross, lngLatOf, RADIAN, rotate, rotateBack, vectorOf } from "../sphere.js";
import * as conic from "./conic.js";
import * as cylindrical from "./cylindrical.js";
import { NONE, sip, tpv } from "./distortion.js";
import { linearOf, unitsOf } from "./linear.js";
import { rotationOf, rotationSettings } from "./rotation.js";
import { axesOf, frameNote } from "./systems.js";
import * as zenithal from "./zenithal.js";

/** @typedef {[number, number]} Pair */

/**
 * @typedef {object} Wcs
 * @property {function(Pair): ?Pair} skyOf FITS pixel (1-based, y up) → [longitude, latitude] in
 *     degrees; null outside the projection.
 * @property {function(Pair): ?Pair} pixelOf The way back.
 * @property {string} celsys Of what skyOf gives: "equatorial", "galactic", "ecliptic",
 *     "supergalactic", "helio", "other" (a planet) or "pixel".
 * @property {string} own The header's own system.
 * @property {string} projection "TAN", "TPV"…; "PIX": positions are pixels.
 * @property {string} note Why pixels are shown, or what else is to be known; "".
 * @property {?Pair} reference CRVAL in `celsys`; the middle of a pixel image.
 * @property {function(Pair): number} scaleAt Degrees per pixel there, by area; 1 for pixels.
 */

const PROJECTIONS = Object.freeze({
  __proto__: null, // a name of the header is looked up
  TAN: zenithal.tan, SIN: zenithal.sin, ARC: zenithal.arc, STG: zenithal.stg, ZEA: zenithal.zea,
  CAR: cylindrical.car, CEA: cylindrical.cea, MER: cylindrical.mer, SFL: cylindrical.sfl,
  AIT: cylindrical.ait, MOL: cylindrical.mol,
  COE: conic.coe, COP: conic.cop, COD: conic.cod, COO: conic.coo,
  TPV: zenithal.tan,
});
const CONICS = new Set(["COE", "COP", "COD", "COO"]);

/**
 * Read the world coordinates of an image.
 *
 * @param {import("../fits.js").Header} header
 * @param {Pair} size Width and height of the image.
 * @param {{native?: boolean}} options `native`: stay in the header's system, if it is not
 *     equatorial.
 * @returns {Wcs} Of pixels, with a note, where the header has no coordinates that are known here.
 */
export function wcsOf(header, size, { native = false } = {}) {
  const axes = axesOf(header);
  if (!axes) {
    return pixelWcs(size, "The header gives no celestial coordinates: positions are pixels.");
  }
  const chain = chainOf(header, axes, size);
  return typeof chain === "string"
    ? pixelWcs(size, `${chain}: positions are pixels.`)
    : skyWcs(header, axes, chain, native);
}

function pixelWcs([width, height], note) {
  return Object.freeze({
    skyOf: ([x, y]) => [x, y],
    pixelOf: ([x, y]) => [x, y],
    celsys: "pixel",
    own: "pixel",
    projection: "PIX",
    note,
    reference: [(width + 1) / 2, (height + 1) / 2],
    scaleAt: () => 1,
  });
}

/** TAN with PV of the latitude axis is TPV, as SCAMP writes it, unless SIP says otherwise. */
function codeOf(header, { code, lngAxis, distortion }) {
  const bent = header.cards.some(({ keyword }) =>
    new RegExp(`^PV(${3 - lngAxis}_\\d+|${lngAxis}_([5-9]|[1-3]\\d))$`).test(keyword));
  return code === "TAN" && bent && !hasSip(header) && distortion !== "SIP" ? "TPV" : code;
}

const hasSip = (header) => header.get("A_ORDER") !== undefined
  || header.get("B_ORDER") !== undefined;

/** The chain from pixels to the header's sky, or what is wrong with the header. */
function chainOf(header, axes, size) {
  const code = codeOf(header, axes);
  const units = unitsOf(header);
  const linear = units.includes(undefined) ? null : linearOf(header, units);
  const pv = (m, otherwise) => numberOf(header, `PV${3 - axes.lngAxis}_${m}`, otherwise);
  if (!(code in PROJECTIONS)) {
    return `The projection "${code}" is not known`;
  }
  if (units.includes(undefined)) {
    return `CUNIT "${header.get("CUNIT1")}", "${header.get("CUNIT2")}" is no unit of angles`;
  }
  if (!linear) {
    return "The matrix of the header (CD, PC, CDELT) has no inverse";
  }
  if (CONICS.has(code) && !pv(1)) {
    return `The projection "${code}" needs PV${3 - axes.lngAxis}_1`;
  }
  const projection = PROJECTIONS[code]((m, otherwise = 0) => pv(m, otherwise));
  return makeChain({ header, axes, code, linear, projection, size })
    ?? "CRVAL, LONPOLE and LATPOLE contradict each other";
}

function makeChain({ header, axes: { lngAxis }, code, linear, projection, size }) {
  const byAxis = (pair) => (lngAxis === 1 ? pair : [pair[1], pair[0]]);
  const crval = byAxis(linear.crval);
  const pv = (m) => (code === "TPV" ? undefined : numberOf(header, `PV${lngAxis}_${m}`));
  const settings = rotationSettings(header, pv, crval, projection.theta0 * RADIAN);
  const rotation = Math.abs(crval[1]) <= 90 ? rotationOf(settings) : null;
  if (rotation === null) {
    return null;
  }
  const origin = pv(0) ? projection.plane(...settings.reference.map(radians)) : [0, 0];
  const plane = planeOf({
    linear, byAxis, origin: origin ?? [0, 0],
    before: hasSip(header) ? sip(header) : NONE,
    after: code === "TPV" ? tpv(header, lngAxis) : NONE,
  });
  const middle = plane.ofPixel(size.map((count) => (count + 1) / 2));
  return { code, crval, ...sphereOf({ plane, projection, rotation, middle }) };
}

const radians = (degrees) => degrees / RADIAN;

/** Pixels ↔ radians in the plane of the projection. */
function planeOf({ linear, byAxis, origin, before, after }) {
  const [ox, oy] = linear.crpix;
  return {
    ofPixel([px, py]) {
      const [x, y] = after.apply(
        ...byAxis(linear.apply(...before.apply(px - ox, py - oy))),
      ).map(radians);
      return [x + origin[0], y + origin[1]];
    },
    toPixel([x, y]) {
      const degrees = [(x - origin[0]) * RADIAN, (y - origin[1]) * RADIAN];
      const straight = after.undo(...degrees);
      const pixel = straight && before.undo(...linear.undo(...byAxis(straight)));
      return pixel && [pixel[0] + ox, pixel[1] + oy];
    },
  };
}

/** Pixels ↔ the header's celestial system, in degrees. */
function sphereOf({ plane, projection, rotation, middle }) {
  return {
    skyOf(pixel) {
      const native = projection.sphere(...plane.ofPixel(pixel));
      return native && lngLatOf(rotateBack(rotation, vectorOf(native.map((a) => a * RADIAN))));
    },
    pixelOf(lngLat) {
      const [phi, theta] = lngLatOf(rotate(rotation, vectorOf(lngLat))).map(radians);
      const xy = projection.plane(turned(phi, projection.turns ? middle[0] : 0), theta);
      return xy && plane.toPixel(xy);
    },
  };
}

/** The angle within half a turn of `middle`: a cylinder's map may begin at any meridian. */
function turned(angle, middle) {
  return angle - 2 * Math.PI * Math.ceil((angle - middle) / (2 * Math.PI) - 0.5);
}

function skyWcs(header, { system }, chain, native) {
  const celsys = !native && convert([0, 0], system, "equatorial") ? "equatorial" : system;
  const skyOf = (pixel) => {
    const own = chain.skyOf(pixel);
    return own && convert(own, system, celsys);
  };
  return Object.freeze({
    skyOf,
    pixelOf: (lngLat) => chain.pixelOf(convert(lngLat, celsys, system)),
    celsys,
    own: system,
    projection: chain.code,
    note: system === "equatorial" ? frameNote(header) : "",
    reference: convert(chain.crval, system, celsys),
    scaleAt: (pixel) => scaleAt(skyOf, pixel),
  });
}

/** The root of a pixel's area; NaN where the sky ends. */
function scaleAt(skyOf, [x, y]) {
  const corners = [[x - 0.5, y - 0.5], [x + 0.5, y - 0.5], [x - 0.5, y + 0.5]].map(skyOf);
  if (corners.includes(null)) {
    return NaN;
  }
  const [at, right, up] = corners.map(vectorOf);
  const side = (to) => to.map((value, axis) => value - at[axis]);
  return Math.sqrt(Math.hypot(...cross(side(right), side(up)))) * RADIAN;
}
