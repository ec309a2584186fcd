/**
 * Colours of channels, and the matrix that mixes channels into red, green and blue.
 *
 * Mixing is done in linear light on the server, and the display's gamma after it; so the colours
 * are raised to that gamma here.
 */

/** Default colours by the number of channels that have one: as hexadecimal, from blue to red. */
export const PALETTES = Object.freeze([
  [],
  ["#ffffff"],
  ["#00baff", "#ffba00"],
  ["#0000ff", "#00ff00", "#ff0000"],
  ["#0000e0", "#00ba88", "#88ba00", "#e00000"],
  ["#0000ca", "#007ba8", "#00ca00", "#a87b00", "#ca0000"],
  ["#0000ba", "#00719b", "#009b71", "#719b00", "#9b7100", "#ba0000"],
]);

const BLACK = Object.freeze([0, 0, 0]);

/**
 * Return a colour written as `#rrggbb` as numbers from 0 to 1, or null if it is none.
 * @param {string} text
 * @returns {number[] | null}
 */
export function colorOf(text) {
  const digits = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  return digits && digits.slice(1).map((pair) => parseInt(pair, 16) / 255);
}

/**
 * Write a colour as `#rrggbb`; parts outside 0 to 1 are cut.
 * @param {number[] | null} color null is black
 */
export function hexOf(color) {
  const pairs = (color ?? BLACK).map((part) => {
    const byte = Math.min(255, Math.max(0, Math.round(part * 255)));
    return byte.toString(16).padStart(2, "0");
  });
  return `#${pairs.join("")}`;
}

/**
 * Return a colour for each channel: those whose label matches share a palette, the others and
 * those beyond the sixth get none.
 * @param {string[]} labels of all channels
 * @param {RegExp} match
 * @returns {(number[] | null)[]}
 */
export function defaultColors(labels, match = /.*/) {
  const wanted = labels.map((label) => label.search(match) >= 0); // no state, even for /g
  const count = Math.min(wanted.filter(Boolean).length, PALETTES.length - 1);
  let next = 0;
  return wanted.map((yes) => (yes && next < count ? colorOf(PALETTES[count][next++]) : null));
}

/**
 * Return the matrix: three rows (red, green, blue), a column per channel.
 *
 * In colour, with r', g', b' the parts of a channel's colour to the power gamma, and a a third of
 * the saturation: red is (r' + g' + b') / 3 + a (2 r' - g' - b'), the others in turn.  In mono,
 * rows are equal, and end at the channel shown; one past the last counts as the first.
 * The order of the operations is part of the result: its last digits are in the addresses.
 * `settings.mix` (a row of three per channel) is taken for the colours, if it is there.
 * @param {import("./iip.js").Settings} settings
 * @param {number} channels how many the image has
 * @returns {number[][]}
 */
export function mixOf(settings, channels) {
  if (settings.mode === "mono") {
    const shown = settings.channel < channels ? settings.channel : 0;
    const row = Array.from({ length: shown + 1 }, (_, channel) => Number(channel === shown));
    return [row, [...row], [...row]];
  }
  const columns = settings.mix ?? Array.from({ length: channels }, (_, channel) => columnOf(
    settings.colors[channel] ?? BLACK, settings,
  ));
  return [0, 1, 2].map((row) => columns.map((column) => column[row]));
}

function columnOf(color, { gamma, saturation }) {
  const [red, green, blue] = color.map((part) => (part > 0 ? Math.pow(part, gamma) : 0));
  const luminance = (red + green + blue) / 3;
  const alpha = saturation / 3;
  return [
    luminance + alpha * (2 * red - green - blue),
    luminance + alpha * (2 * green - red - blue),
    luminance + alpha * (2 * blue - red - green),
  ];
}
