// Lines of equal longitude and latitude across a view.

const STEPS = [ // degrees
  1 / 36000, 1 / 18000, 1 / 7200, 1 / 3600, 1 / 1800, 1 / 720, 1 / 360, 1 / 240, 1 / 120, 1 / 60, 1 / 30, 1 / 12,
  1 / 6, 1 / 4, 1 / 2, 1, 2, 5, 10, 15, 30, 45, 90,
];
const HOURS = [ // degrees that are round in time: 0.01 s to 6 h
  1 / 24000, 1 / 12000, 1 / 4800, 1 / 2400, 1 / 1200, 1 / 480, 1 / 240, 1 / 120, 1 / 48, 1 / 24, 1 / 16, 1 / 8, 1 / 4,
  1 / 2, 5 / 4, 2.5, 15 / 4, 7.5, 15, 30, 45, 90,
];
const POLE = 89.9; // latitude from which a view counts as one around the pole

/**
 * Return the longitudes and latitudes of lines that cross some positions.
 *
 * @param {[number, number][]} positions all over the view, degrees
 * @param {{lines?: number, hours?: boolean}} [options] about how many lines of each kind; whether
 *     longitudes are round in time
 * @returns {{lngs: number[], lats: number[], lng: [number, number], lat: [number, number],
 *     step: {lng: number, lat: number}}} the lines, and the extent of the view; longitudes may be
 *     below 0 or above 360 so that they count upwards
 */
export function gridLines(positions, { lines = 5, hours = false } = {}) {
  const lats = positions.map(([, lat]) => lat);
  const lat = [Math.max(-90, Math.min(...lats)), Math.min(90, Math.max(...lats))];
  const around = Math.max(Math.abs(lat[0]), Math.abs(lat[1])) > POLE;
  const lng = around ? [0, 360] : extentOf(positions.map(([value]) => value));
  const step = {
    lng: stepOf((lng[1] - lng[0]) / lines, hours ? HOURS : STEPS),
    lat: stepOf((lat[1] - lat[0]) / lines, STEPS),
  };
  return { lngs: multiples(lng, step.lng, around), lats: multiples(lat, step.lat), lng, lat, step };
}

const stepOf = (size, steps) => steps.find((step) => step >= size) ?? steps.at(-1);

function multiples([from, to], step, round = false) {
  const [first, last] = [Math.ceil(from / step), Math.floor(to / step)];
  const count = Math.min(200, last - first + (round ? 0 : 1));
  return Array.from({ length: Math.max(0, count) }, (_, index) => (first + index) * step);
}

/** The shortest arc that holds all longitudes: its ends, counting upwards. */
function extentOf(lngs) {
  const sorted = lngs.map((lng) => ((lng % 360) + 360) % 360).sort((one, other) => one - other);
  let widest = { gap: sorted[0] + 360 - sorted.at(-1), at: 0 };
  for (let at = 1; at < sorted.length; at += 1) {
    const gap = sorted[at] - sorted[at - 1];
    widest = gap > widest.gap ? { gap, at } : widest;
  }
  const from = sorted[widest.at];
  return [from, from + 360 - widest.gap];
}

/**
 * Write the longitude or latitude of a line, with no more parts than its step needs.
 *
 * @param {number} degrees
 * @param {number} step degrees
 * @param {{hours?: boolean, sign?: boolean, decimal?: boolean}} style
 */
export function lineText(degrees, step, { hours = false, sign = false, decimal = false } = {}) {
  const turned = sign ? degrees : ((degrees % 360) + 360) % 360;
  const mark = sign ? (degrees < 0 ? "−" : "+") : "";
  if (decimal) {
    return `${mark}${Number(Math.abs(turned).toFixed(6))}°`;
  }
  const [value, small] = hours ? [turned / 15, step / 15] : [Math.abs(turned), step];
  const decimals = Math.max(0, Math.min(3, Math.ceil(-Math.log10(small * 3600) - 1e-9)));
  const total = Math.round(value * 3600 * 10 ** decimals) / 10 ** decimals;
  const parts = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  const units = hours ? ["h", "m", "s"] : ["°", "′", "″"];
  const shown = small * 3600 >= 3600 - 1e-6 ? 1 : small * 60 >= 1 - 1e-6 ? 2 : 3;
  return mark + parts.slice(0, shown).map((part, at) => (
    `${at === 2 ? part.toFixed(decimals) : part}${units[at]}`
  )).join(" ");
}
