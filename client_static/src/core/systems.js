// Systems in which a position is shown and typed: celestial ones, and pixels.

import { convert, formatSky, parsePosition } from "./units.js";

/**
 * @typedef {object} System
 * @property {string} label
 * @property {string} units "HMS" or "deg"
 * @property {string} celsys "equatorial", "galactic", "ecliptic", "supergalactic", "pixel", or
 *     "native": that of the map
 */

/** @type {readonly System[]} */
export const SYSTEMS = Object.freeze([
  { label: "RA, Dec (h m s)", units: "HMS", celsys: "equatorial" },
  { label: "RA, Dec (deg)", units: "deg", celsys: "equatorial" },
  { label: "Galactic", units: "deg", celsys: "galactic" },
  { label: "Ecliptic", units: "deg", celsys: "ecliptic" },
  { label: "Pixels", units: "pix", celsys: "pixel" },
].map(Object.freeze));

const PIXELS = Object.freeze({ label: "Pixels", units: "pix", celsys: "pixel" });
const NUMBERS = /^\s*([+-]?\d+(?:\.\d*)?)\s*[\s,;]\s*([+-]?\d+(?:\.\d*)?)\s*$/;

/** Return the systems of a list that there are for a WCS: pixels alone where it has no sky. */
export function systemsOf(wcs, systems = SYSTEMS) {
  if (wcs.celsys === "pixel") {
    return [PIXELS];
  }
  const usable = systems.filter(({ celsys }) => (
    ["native", "pixel"].includes(celsys) || convert([0, 0], wcs.celsys, celsys)
  ));
  return usable.length ? usable : [{ label: wcs.celsys, units: "deg", celsys: "native" }];
}

/**
 * Write a position of the map in a system.
 *
 * @param {[number, number]} lngLat
 * @returns {string} "" where it has none
 */
export function positionText(lngLat, wcs, { units, celsys }) {
  const shown = celsys === "pixel" ? wcs.pixelOf(lngLat) : inSystem(lngLat, wcs.celsys, celsys);
  return shown ? formatSky(shown, { units, celsys: celsys === "native" ? wcs.celsys : celsys }) : "";
}

const inSystem = (lngLat, from, to) => (to === "native" ? lngLat : convert(lngLat, from, to));

/**
 * Read a position typed in a system.
 *
 * @returns {?[number, number]} of the map; null for anything else, such as a name
 */
export function positionOf(text, wcs, { celsys }) {
  if (celsys === "pixel") {
    const numbers = NUMBERS.exec(text);
    return numbers && wcs.skyOf([Number(numbers[1]), Number(numbers[2])]);
  }
  const typed = parsePosition(text);
  return typed && (celsys === "native" ? typed : convert(typed, celsys, wcs.celsys));
}
