// Round lengths for a scale bar.

/** @typedef {[least: number, size: number, unit: string]} Unit from how much of the base unit on */

/** Of degrees. @type {Unit[]} */
export const ANGLES = [
  [1, 1, "°"], [1 / 60, 1 / 60, "′"], [1 / 3600, 1 / 3600, "″"], [0, 1 / 3.6e6, " mas"],
];
/** @type {Unit[]} */
export const PIXELS = [[1e6, 1e6, " Mpx"], [1e3, 1e3, " kpx"], [0, 1, " px"]];
/** @type {Unit[]} */
export const METRES = [[1000, 1000, " km"], [0, 1, " m"]];
/** @type {Unit[]} */
export const FEETS = [[5280, 5280, " mi"], [0, 1, " ft"]];

/**
 * Return the roundest length (1, 2, 3, 5 times a power of ten of a unit) below the longest.
 *
 * @param {number} longest in the base unit
 * @param {Unit[]} units
 * @returns {{length: number, text: string}} length in the base unit
 */
export function roundLength(longest, units) {
  const [, size, unit] = units.find(([least]) => longest >= least) ?? units.at(-1);
  const power = 10 ** Math.floor(Math.log10(longest / size));
  const digit = [5, 3, 2, 1].find((step) => longest / size / power >= step) ?? 1;
  const count = Number((digit * power).toPrecision(2));
  return { length: count * size, text: `${count}${unit}` };
}
