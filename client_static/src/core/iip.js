/**
 * The protocol of the server: addresses out, answers in.  Levels count from the smallest, 0.
 *
 * What a tile is asked with comes in the order and the number formats of VisiOmatic 2, so that
 * the same settings give the same address, and caches serve both.
 */

import { parseHeader } from "./fits.js";
import { defaultColors, mixOf } from "./mix.js";

/** What is asked about an image before it is shown. */
const QUESTIONS = [
  "IIP,1.0", "max-size", "tile-size", "resolution-number", "bits-per-channel",
  "min-max-sample-values", "subject",
];

/**
 * @typedef {object} Info what a server tells about an image
 * @property {string} title the card OBJECT, or nothing
 * @property {[number, number]} size pixels across and down, of the last level
 * @property {[number, number]} tile pixels across and down
 * @property {number} levels
 * @property {number} bits per channel
 * @property {number} channels
 * @property {[number, number][]} cuts low and high of each channel
 * @property {string[]} labels of the channels
 * @property {string[]} units of the channels
 * @property {import("./fits.js").Header} header
 */

/**
 * @typedef {object} Settings how an image is shown; frozen
 * @property {"color" | "mono"} mode
 * @property {number} channel shown in mono, from 0
 * @property {string} colormap grey, jet, cold or hot
 * @property {boolean} inverted
 * @property {number} contrast
 * @property {number} saturation of the colours: 0 is grey
 * @property {number} gamma of the display
 * @property {number} quality of the JPEG, in percent
 * @property {[number, number][]} cuts
 * @property {(number[] | null)[]} colors of the channels: red, green and blue from 0 to 1
 * @property {number[][]} [mix] of pages that make their own matrix: three numbers per channel
 */

/** @type {Readonly<Omit<Settings, "cuts" | "colors">>} */
export const PLAIN = Object.freeze({
  mode: "color",
  channel: 0,
  colormap: "grey",
  inverted: false,
  contrast: 1,
  saturation: 1,
  gamma: 1,
  quality: 90,
});
export const COLORMAPS = Object.freeze(["grey", "jet", "cold", "hot"]);
const CHANNELS = ["CHAN0001", "CHAN0002", "CHAN0003"];
const RED_GREEN_BLUE = Object.freeze([[1, 0, 0], [0, 1, 0], [0, 0, 1]].map(Object.freeze));
const DISPLAY_GAMMA = 2.2; // of images of 32 bits, which are linear

/** Return the address of an image (up to FIF=name), as each request begins: without what follows. */
export function endpointOf(url) {
  return url.replace(/&.*$/s, "");
}

/** Return the address of an image by its name, on a server. */
export function imageUrl(server, name) {
  return `${server}?FIF=${encodeURIComponent(name).replaceAll("%2F", "/")}`;
}

/** Return the address that asks what is to be known before an image is shown. */
export function openingUrl(endpoint) {
  return endpoint + QUESTIONS.map((name) => `&obj=${name}`).join("");
}

/**
 * Read the answer to `openingUrl`.
 * @param {string} text
 * @returns {Info}
 * @throws {Error} if it is no such answer, or one of its lines is missing
 */
export function parseInfo(text) {
  if (!/IIP:\d+\.\d*/.test(text)) {
    throw new Error("The answer does not come from an image server (IIP).");
  }
  const subject = /subject\/\d*:?/.exec(text);
  const header = parseHeader(subject ? text.slice(subject.index + subject[0].length) : "");
  const lines = subject ? text.slice(0, subject.index) : text;
  const cuts = pairsOf(fieldOf(lines, "Min-Max-sample-values", /\s*(.*)/));
  const [levels] = integersOf(lines, "Resolution-number", 1);
  return Object.freeze({
    title: String(header.get("OBJECT") ?? "").trim(),
    size: integersOf(lines, "Max-size", 2),
    tile: integersOf(lines, "Tile-size", 2),
    levels,
    bits: integersOf(lines, "Bits-per-channel", 1)[0],
    channels: cuts.length,
    cuts,
    labels: cuts.map((_, channel) => labelOf(header, channel)),
    units: cuts.map(() => String(header.get("BUNIT") ?? "ADUs").trim() || "ADUs"),
    header,
  });
}

function fieldOf(text, name, pattern) {
  const found = new RegExp(`${name}:${pattern.source}`).exec(text);
  if (!found) {
    throw new Error(`The server does not tell ${name}.`);
  }
  return found[1];
}

function integersOf(text, name, count) {
  const numbers = fieldOf(text, name, count === 2 ? /\s*(\d+\s+\d+)/ : /\s*(\d+)/);
  const values = numbers.split(/\s+/).map(Number);
  if (!values.every((value) => value >= 1)) {
    throw new Error(`The server tells ${name} wrongly: ${numbers}`);
  }
  return values;
}

function pairsOf(text) {
  const numbers = text.trim().split(/\s+/).map(Number.parseFloat);
  if (numbers.length < 2) {
    throw new Error("The server does not tell how many channels there are.");
  }
  return Array.from({ length: Math.floor(numbers.length / 2) }, (_, channel) => [
    numbers[2 * channel], numbers[2 * channel + 1],
  ]);
}

function labelOf(header, channel) {
  const number = String(channel + 1);
  const label = header.get(`CHAN${number.padStart(4, "0")}`);
  return label === undefined || label === "" ? `Channel #${number}` : String(label).trim();
}

/**
 * Return how an image is shown at first.
 * @param {Info} info
 * @param {Partial<Settings> & {labelMatch?: string, natural?: boolean}} options above the defaults;
 *   cuts and colours may have holes; `natural`: a picture of 8 bits whose three channels have no
 *   names is shown in its own red, green and blue
 * @returns {Readonly<Settings>}
 */
export function defaultSettings(info, options = {}) {
  const { labelMatch, natural, cuts, colors, ...plain } = options;
  const given = Object.fromEntries(
    Object.entries(plain).filter(([name, value]) => name in PLAIN && value !== undefined),
  );
  const linear = info.bits >= 32 && (given.gamma ?? 1) === 1;
  return Object.freeze({
    ...PLAIN,
    ...given,
    ...(linear ? { gamma: DISPLAY_GAMMA } : {}),
    cuts: info.cuts.map((pair, channel) => (cuts?.[channel]?.length === 2 ? cuts[channel] : pair)),
    colors: colorsOf(info, { labelMatch, natural, colors }),
  });
}

function colorsOf(info, { labelMatch, natural, colors }) {
  if (colors?.length) {
    return info.cuts.map((_, channel) => (colors[channel]?.length === 3 ? colors[channel] : null));
  }
  const picture = info.channels === 3 && info.bits === 8
    && !CHANNELS.some((name) => info.header.get(name));
  return natural && picture ? RED_GREEN_BLUE
    : defaultColors(info.labels, new RegExp(labelMatch ?? ".*"));
}

/** Return the settings with some of them changed. */
export function changed(settings, changes) {
  return Object.freeze({ ...settings, ...changes });
}

// ---- the pyramid

/** Return the width and height of a level: halved with floor, as servers cut it. */
export function levelSize({ size, levels }, level) {
  const step = 2 ** (levels - 1 - level);
  return size.map((side) => Math.max(1, Math.floor(side / step)));
}

/** Return the columns and rows of tiles of a level. */
export function gridSize(info, level) {
  return levelSize(info, level).map((side, axis) => Math.ceil(side / info.tile[axis]));
}

/** Return the true width and height of a tile: those of the right and lower edges are smaller. */
export function tileSize(info, { x, y, z }) {
  return levelSize(info, z).map((side, axis) => (
    Math.min(info.tile[axis], side - (axis ? y : x) * info.tile[axis])
  ));
}

// ---- what is asked

/**
 * Return the part of a tile's address that says how it is shown; level and index follow it.
 * @param {Info} info
 * @param {Settings} settings
 */
export function tileQuery(info, settings) {
  return `${viewQuery(info, settings)}&JTL=`;
}

function viewQuery(info, settings) {
  const { colormap, inverted, contrast, gamma, quality } = settings;
  return [
    colormap === PLAIN.colormap ? "" : `&CMP=${encodeURIComponent(colormap)}`,
    inverted ? "&INV" : "",
    contrast === PLAIN.contrast ? "" : `&CNT=${contrast}`,
    gamma === PLAIN.gamma ? "" : `&GAM=${(1 / gamma).toFixed(4)}`,
    ...settings.cuts.map((pair, channel) => cutQuery(pair, info.cuts[channel], channel)),
    `&CTW=${mixOf(settings, info.channels).map((row) => row.join(",")).join(";")}`,
    quality === PLAIN.quality ? "" : `&QLT=${quality}`,
  ].join("");
}

function cutQuery([low, high], [serverLow, serverHigh], channel) {
  const same = Object.is(low, serverLow) && Object.is(high, serverHigh);
  return same ? "" : `&MINMAX=${channel + 1}:${low},${high}`;
}

/** Return the address of a tile; `z` is the level, `x` and `y` count tiles from the top left. */
export function tileUrl(endpoint, info, settings, { x, y, z }) {
  const index = x + y * gridSize(info, z)[0];
  return `${endpoint}${tileQuery(info, settings)}${z},${index}`;
}

/**
 * Return the address of the pixel values from one end to the other, along a row or a column.
 *
 * The last pixel is left out, as the server has it.
 * @param {string} endpoint
 * @param {number} level
 * @param {[number, number]} from columns and rows from 0, top left
 * @param {[number, number]} to not before `from` on either axis
 */
export function profileUrl(endpoint, level, from, to) {
  return `${endpoint}&PFL=${level}:${from.join(",")}-${to.join(",")}`;
}

/** Return the address of the values of one pixel, in all channels. */
export function spectrumUrl(endpoint, level, pixel) {
  return profileUrl(endpoint, level, pixel, pixel);
}

/**
 * Return the address of a picture of a part of an image.
 * @param {string} endpoint
 * @param {Info} info
 * @param {Settings} settings
 * @param {{region: [number, number, number, number], width: number}} part left, top, width and
 *   height as fractions of the image, and the width of the picture in pixels
 */
export function snapshotUrl(endpoint, info, settings, { region, width }) {
  const view = viewQuery(info, settings);
  return `${endpoint}${view}&RGN=${region.join(",")}&WID=${width}&CVT=jpeg`;
}

/**
 * Read the answer to `profileUrl`: pixel by pixel, channels within; null where there is no number.
 * @param {string} text
 * @returns {(number | null)[]}
 * @throws {Error} if it is no such answer
 */
export function parseProfile(text) {
  const numbers = text.replace(/[-+]?\b(?:nan|inf|infinity)\b/gi, "null");
  let answer;
  try {
    answer = JSON.parse(numbers);
  } catch (error) {
    throw new Error("The server's answer is no list of pixel values.", { cause: error });
  }
  if (!Array.isArray(answer?.profile)) {
    throw new Error("The server's answer has no pixel values.");
  }
  return answer.profile;
}
