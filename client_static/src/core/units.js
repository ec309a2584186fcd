// Positions and angles: celestial systems, and how people write them.  Degrees throughout.

import { frameOf, lngLatOf, multiply, rotate, rotateBack, vectorOf, wrap } from "./sphere.js";

export { distance } from "./sphere.js";

/** @typedef {import("./sphere.js").LngLat} LngLat */

// Rows: the axes of each system in the ICRS.
const ICRS = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
// The Hipparcos and Tycho Catalogues (ESA SP-1200, 1997), volume 1, §1.5.3; SOFA icrs2g.
const GALACTIC = [
  [-0.0548755604162154, -0.8734370902348850, -0.4838350155487132],
  [0.4941094278755837, -0.4448296299600112, 0.7469822444972189],
  [-0.8676661490190047, -0.1980763734312015, 0.4559837761750669],
];
// Mean ecliptic and equinox of J2000 with the frame bias, IAU 2006; SOFA ecm06.
const ECLIPTIC = [
  [0.99999999999999412, -7.0783689609715561e-8, 8.0562139776131861e-8],
  [3.2897004077419646e-8, 0.91748212991495837, 0.39777699944404793],
  [-1.0207044725484355e-7, -0.39777699944404304, 0.91748212991495559],
];
// North pole at l = 47.37°, b = 6.32°, zero of longitude at l = 137.37°, b = 0: de Vaucouleurs et
// al. (1991), Third Reference Catalogue of Bright Galaxies.
const SUPERGALACTIC = multiply(frameOf([47.37, 6.32], [137.37, 0]), GALACTIC);

const SYSTEMS = Object.freeze({
  equatorial: ICRS, galactic: GALACTIC, ecliptic: ECLIPTIC, supergalactic: SUPERGALACTIC,
});

/**
 * Change the celestial system of a position.
 *
 * @param {LngLat} lngLat
 * @param {string} from "equatorial" (ICRS), "galactic", "ecliptic" (J2000) or "supergalactic"; any
 *     other system can only be kept.
 * @param {string} to
 * @returns {?LngLat} Null where there is no way from one system to the other.
 */
export function convert(lngLat, from, to) {
  if (from === to) {
    return lngLat;
  }
  if (!(Object.hasOwn(SYSTEMS, from) && Object.hasOwn(SYSTEMS, to))) {
    return null;
  }
  return lngLatOf(rotate(SYSTEMS[to], rotateBack(SYSTEMS[from], vectorOf(lngLat))));
}

const pad = (number, digits) => String(number).padStart(digits, "0");

/** Write an angle or a time in three parts; rounding carries over: never 60 seconds. */
function sexagesimal(value, decimals) {
  const unit = 10 ** decimals;
  const total = Math.round(value * 3600 * unit);
  const seconds = (total % (60 * unit)) / unit;
  const minutes = Math.floor(total / (60 * unit));
  const width = decimals ? decimals + 3 : 2;
  const parts = [pad(Math.floor(minutes / 60), 2), pad(minutes % 60, 2)];
  return [...parts, seconds.toFixed(decimals).padStart(width, "0")].join(":");
}

/**
 * Write a position.
 *
 * @param {LngLat} lngLat
 * @param {{units?: string, celsys?: string}} style `units`: "HMS" for hours, minutes and seconds
 *     with degrees, minutes and seconds, else degrees. Pixels are always whole numbers.
 * @returns {string} "10:00:27.917 +02:12:35.04", "150.116322 +2.209734" or "619, 406".
 */
export function formatSky([lng, lat], { units = "HMS", celsys = "equatorial" } = {}) {
  if (celsys === "pixel") {
    return `${Math.round(lng)}, ${Math.round(lat)}`;
  }
  const sign = lat < 0 ? "-" : "+";
  if (units !== "HMS") {
    return `${wrap(lng).toFixed(6)} ${sign}${Math.abs(lat).toFixed(6)}`;
  }
  const hours = Math.round((wrap(lng) / 15) * 3.6e6) / 3.6e6; // 23:59:59.9996 is 00:00:00.000
  return `${sexagesimal(hours % 24, 3)} ${sign}${sexagesimal(Math.abs(lat), 2)}`;
}

const DECIMAL = "([+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?)";
const PAIR = new RegExp(`^${DECIMAL}\\s*°?\\s*[\\s,;]\\s*${DECIMAL}\\s*°?$`, "i");
const PART = "(\\d+(?:\\.\\d*)?)";
const REST = `\\s*${PART}(?:\\s*[:m'′]\\s*|\\s+|$)(?:${PART}\\s*[s"″]?)?`;
const SEXAGESIMAL = new RegExp(
  `^${PART}\\s*([\\s:hd°])${REST}\\s*[,;]?\\s*([+-]?)\\s*${PART}\\s*[\\s:d°]${REST}$`, "i",
);

/**
 * Read a position as people type it.
 *
 * @param {string} text "10:00:27.9 +02:12:35", "10h00m27.9s +2d12m35s", "10 00 27.9 +02 12 35",
 *     "150.116 2.2097" or "150.116, 2.2097"; a first part in "d" or "°" is in degrees.
 * @returns {?LngLat} Degrees; null for anything else, such as a name.
 */
export function parsePosition(text) {
  const clean = text.trim().replace(/[\u2212\u2013]/g, "-");
  const pair = clean.match(PAIR);
  return pair ? checked([Number(pair[1]), Number(pair[2])]) : parseSexagesimal(clean);
}

function parseSexagesimal(text) {
  const found = text.match(SEXAGESIMAL);
  if (!found) {
    return null;
  }
  const [, first, mark, minutes, seconds, sign, degrees, arcmin, arcsec] = found;
  const lng = sum(first, minutes, seconds);
  const lat = sum(degrees, arcmin, arcsec);
  if (lng === null || lat === null) {
    return null;
  }
  const turn = /[d°]/i.test(mark) ? 1 : 15;
  return lng * turn <= 360 ? checked([lng * turn, sign === "-" ? -lat : lat]) : null;
}

/** Whole, minutes and seconds as one number; null where minutes or seconds reach 60. */
function sum(whole, minutes, seconds = "0") {
  const small = [Number(minutes), Number(seconds)];
  return small.some((part) => part >= 60) ? null : Number(whole) + small[0] / 60 + small[1] / 3600;
}

const checked = ([lng, lat]) =>
  (Math.abs(lng) <= 360 && Math.abs(lat) <= 90 ? [wrap(lng), lat] : null);

const ANGLES = [ // at least this many degrees, how many to the degree, unit
  [1, 1, "°"], [1 / 60, 60, "′"], [1 / 3600, 3600, "″"], [0, 3.6e6, " mas"],
];

/** Write an angle in the unit that suits it, with three digits: "1.25°", "12.3′", "500 mas". */
export function formatAngle(degrees) {
  const [, count, unit] = ANGLES.find(([least]) => Math.abs(degrees) >= least);
  return `${Number((degrees * count).toPrecision(3))}${unit}`;
}
