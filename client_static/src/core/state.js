/**
 * The state of a page as the query of its address: what differs from the defaults, readable.
 *
 * | word       | example              | meaning                                               |
 * |------------|----------------------|-------------------------------------------------------|
 * | `FIF`      | `m51.ptif`           | the image, as the server names it                     |
 * | `center`   | `210.8,+54.3`        | the middle of the view: degrees, or pixels as FITS    |
 * |            |                      | counts them if the image has no sky                   |
 * | `fov`      | `0.25`               | across the diagonal of the view, in the same unit     |
 * | `mode`     | `mono`               | color or mono                                         |
 * | `channel`  | `2`                  | shown in mono, from 1                                 |
 * | `cmap`     | `jet`                | colour map                                            |
 * | `inv`      | `1`                  | inverted                                              |
 * | `cnt` `sat` `gam` `qlt` | `1.5`   | contrast, saturation, gamma, quality of the JPEG      |
 * | `cuts`     | `1:85,180;3:600,900` | low and high of channels                              |
 * | `colors`   | `1:ff0000;2:`        | colours of channels; none after the colon: not mixed  |
 * | `cat`      | `GAIA_DR2,2MASS`     | catalogues that are shown                             |
 * | `reg`      | `Nebulae`            | regions that are shown                                |
 * | `grid`     | `1`                  | the grid of coordinates                               |
 * | `celsys`   | `galactic`           | the coordinates that are shown                        |
 */

import { colorOf, hexOf } from "./mix.js";

/**
 * @typedef {object} State all parts may be missing
 * @property {string} image
 * @property {[number, number]} center
 * @property {number} fov
 * @property {Partial<import("./iip.js").Settings>} settings cuts and colours may have holes
 * @property {string[]} catalogs
 * @property {string[]} regions
 * @property {boolean} grid
 * @property {string} celsys
 */

const DIGITS = 7; // after the point: 0.4 milliarcseconds
const FARTHEST = 1e7; // degrees or pixels: nothing that is shown is there

const WORDS = new Set([ // of the table above
  "FIF", "center", "fov", "mode", "channel", "cmap", "inv", "cnt", "sat", "gam", "qlt", "cuts",
  "colors", "cat", "reg", "grid", "celsys",
]);

const LISTS = ["cat", "reg"];
const NUMBERS = [ // word, setting, least, greatest
  ["cnt", "contrast", 0, 1e6],
  ["sat", "saturation", 0, 1e6],
  ["gam", "gamma", 1e-3, 1e3],
  ["qlt", "quality", 1, 100],
];

/**
 * Write a state as a query, without the question mark.
 * @param {Partial<State>} state
 */
export function stateToQuery(state) {
  const shown = state.settings ?? {};
  const words = [
    ["FIF", state.image],
    ["center", state.center && state.center.map(short).join(",")],
    ["fov", state.fov && short(state.fov)],
    ["mode", shown.mode],
    ["channel", shown.channel === undefined ? undefined : shown.channel + 1],
    ["cmap", shown.colormap],
    ["inv", flag(shown.inverted)],
    ...NUMBERS.map(([word, name]) => [word, shown[name]]),
    ["cuts", byChannel(shown.cuts, (pair) => pair.join(","))],
    ["colors", byChannel(shown.colors, (color) => (color ? hexOf(color).slice(1) : ""))],
    ["cat", state.catalogs?.map(encodeURIComponent)],
    ["reg", state.regions?.map(encodeURIComponent)],
    ["grid", flag(state.grid)],
    ["celsys", state.celsys],
  ];
  return words
    .filter(([, value]) => value !== undefined && String(value) !== "")
    .map(([word, value]) => `${word}=${Array.isArray(value) ? value : readable(value)}`)
    .join("&");
}

/**
 * Read a query; words that are not known or cannot be read are left out.
 * @param {string} query with or without the question mark
 * @returns {Partial<State>} without the parts that are not there
 */
export function queryToState(query) {
  const words = wordsOf(query);
  const listed = (word) => {
    const names = words.get(word)?.split(",").map(decoded).filter(Boolean);
    return names?.length ? names : undefined;
  };
  const state = present({
    image: words.get("FIF") || undefined,
    center: placeOf(words.get("center")),
    fov: numberOf(words.get("fov"), 10 ** -DIGITS, FARTHEST),
    settings: present(settingsOf(words)),
    catalogs: listed("cat"),
    regions: listed("reg"),
    grid: flagOf(words.get("grid")),
    celsys: words.get("celsys") || undefined,
  });
  return state ?? {};
}

/**
 * Write a state into the query of a page: words that are not of the table stay, as they are.
 * @param {string} query with or without the question mark
 * @param {Partial<State>} state
 * @returns {string} without the question mark
 */
export function stateInQuery(query, state) {
  const others = query.replace(/^\?/, "").split("&").filter((piece) => (
    piece && !WORDS.has(piece.replace(/=.*$/s, ""))
  ));
  return [...others, stateToQuery(state)].filter(Boolean).join("&");
}

/**
 * Return the settings that differ from the defaults, as a state holds them.
 * @param {import("./iip.js").Settings} settings
 * @param {import("./iip.js").Settings} defaults
 * @returns {Partial<import("./iip.js").Settings> | undefined} undefined: none
 */
export function differences(settings, defaults) {
  const different = Object.entries(settings).map(([name, value]) => {
    const first = defaults[name];
    if (!Array.isArray(value)) {
      return [name, value === first ? undefined : value];
    }
    const parts = value.map((part, channel) => (
      String(part) === String(first[channel]) ? undefined : part
    ));
    return [name, parts.some((part) => part !== undefined) ? parts : undefined];
  });
  return present(Object.fromEntries(different));
}

/**
 * Return the settings with the changes of a state: lists are changed where they have an entry.
 * @param {import("./iip.js").Settings} settings
 * @param {Partial<import("./iip.js").Settings>} changes
 */
export function applied(settings, changes) {
  const merged = Object.entries(changes).map(([name, value]) => [
    name,
    Array.isArray(value)
      ? settings[name].map((part, channel) => (value[channel] === undefined ? part : value[channel]))
      : value,
  ]);
  return Object.freeze({ ...settings, ...Object.fromEntries(merged) });
}

// ---- parts of the words

function settingsOf(words) {
  const mode = words.get("mode");
  const channel = numberOf(words.get("channel"), 1, 1e5);
  const numbers = NUMBERS.map(([word, name, least, greatest]) => (
    [name, numberOf(words.get(word), least, greatest)]
  ));
  return {
    mode: mode === "mono" || mode === "color" ? mode : undefined,
    channel: Number.isInteger(channel) ? channel - 1 : undefined,
    colormap: /^[a-z]+$/.test(words.get("cmap")) ? words.get("cmap") : undefined,
    inverted: flagOf(words.get("inv")),
    ...Object.fromEntries(numbers),
    cuts: channelsOf(words.get("cuts"), pairOf),
    colors: channelsOf(words.get("colors"), (text) => (text ? colorOf(text) ?? undefined : null)),
  };
}

function wordsOf(query) {
  const pieces = query.replace(/^\?/, "").split("&").map((piece) => piece.split(/=(.*)/s));
  return new Map(pieces.map(([word, value = ""]) => [
    word, LISTS.includes(word) ? value : decoded(value), // a comma may be part of a name
  ]));
}

function decoded(text) {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) {
      return undefined; // half a sign: the word cannot be read
    }
    throw error;
  }
}

function readable(value) {
  return encodeURIComponent(value).replace(/%(?:2C|3A|3B|2F)/g, decodeURIComponent);
}

function short(number) {
  return String(Number(number.toFixed(DIGITS)));
}

function numberOf(text, least, greatest) {
  const number = text ? Number(text) : NaN;
  return number >= least && number <= greatest ? number : undefined;
}

function pairOf(text) {
  const pair = text?.split(",").map((part) => (part.trim() ? Number(part) : NaN));
  return pair?.length === 2 && pair.every(Number.isFinite) ? pair : undefined;
}

function placeOf(text) {
  const pair = pairOf(text);
  return pair?.every((value) => Math.abs(value) <= FARTHEST) ? pair : undefined;
}

function flag(value) {
  return value === undefined ? undefined : Number(value);
}

function flagOf(text) {
  return { 0: false, 1: true }[text];
}

function byChannel(list, write) {
  return list && Object.keys(list) // without the holes
    .filter((channel) => list[channel] !== undefined)
    .map((channel) => `${Number(channel) + 1}:${write(list[channel])}`)
    .join(";");
}

function channelsOf(text, read) {
  const list = [];
  for (const entry of text?.split(";") ?? []) {
    const [, number, value] = /^(\d{1,5}):(.*)$/.exec(entry) ?? [];
    const part = number > 0 ? read(value) : undefined;
    if (part !== undefined) {
      list[number - 1] = part;
    }
  }
  return list.length ? list : undefined;
}

function present(parts) {
  const there = Object.entries(parts).filter(([, value]) => value !== undefined);
  return there.length ? Object.fromEntries(there) : undefined;
}
