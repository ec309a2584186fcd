// Region files of SAOImage DS9 (its reference manual, "Regions"): the shapes that are closed
// curves, lines and points.
//
// Circles, ellipses and boxes become points that have `shape`, their size and `angle` among their
// properties (degrees; FITS pixels with `pixel`).  `angle` of the first axis: on the sky the
// position angle from north through east, in pixels from x towards y.

import { offset, wrap } from "../sphere.js";

const SYSTEMS = Object.freeze({
  __proto__: null, // a name of the file is looked up
  fk5: "equatorial", j2000: "equatorial", icrs: "equatorial", galactic: "galactic",
  ecliptic: "ecliptic", image: "pixel", physical: "pixel",
});
const OTHER_SYSTEMS = new Set(["fk4", "b1950", "wcs", "linear", "amplifier", "detector"]);
const SHAPE = /^([+-]?)\s*([a-z]+)\s*\(?\s*([^()]*)\)?$/i;
const COLOR = /^(#[0-9a-f]{3,8}|[a-z]+)$/i;
const UNITS = Object.freeze({
  __proto__: null, "\"": 1 / 3600, "'": 1 / 60, d: 1, "°": 1, r: 180 / Math.PI,
});

/**
 * Read a region file.
 *
 * @param {string} text
 * @returns {object} FeatureCollection; `skipped` counts the shapes that are not read. Features of a
 *     system other than equatorial have `celsys`.
 * @throws {SyntaxError} Where no shape is found.
 */
export function parse(text) {
  const state = { system: "equatorial", style: {}, features: [], skipped: 0 };
  for (const line of statements(text)) {
    readStatement(state, line);
  }
  if (state.features.length === 0) {
    throw new SyntaxError("This file has no DS9 regions that can be shown.");
  }
  return { type: "FeatureCollection", features: state.features, skipped: state.skipped };
}

/** Statements end with a line or a semicolon that is not in quotes; comments stay with them. */
function statements(text) {
  return text.split(/\r?\n/)
    .filter((line) => !line.trimStart().startsWith("#"))
    .flatMap((line) => line.match(/(?:\{[^}]*\}|"[^"]*"(?=[^"]*(?:"[^"]*"[^"]*)*$)|[^;])+/g) ?? [])
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function readStatement(state, line) {
  const [body, comment] = parted(line);
  const word = body.toLowerCase();
  if (word.startsWith("global ")) {
    state.style = { ...state.style, ...styleOf(body) };
  } else if (word in SYSTEMS) {
    state.system = SYSTEMS[word];
  } else if (OTHER_SYSTEMS.has(word)) {
    state.system = null;
  } else {
    readShape(state, body, comment);
  }
}

/** The text before and after the first "#" that begins a comment. */
function parted(line) {
  const at = line.search(/\s#|#\s/);
  return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

function readShape(state, body, comment) {
  const found = body.match(SHAPE);
  const make = found && SHAPES[found[2].toLowerCase()];
  const parts = found ? found[3].split(/[\s,]+/).filter(Boolean) : [];
  const shapes = make && state.system ? make(parts, state.system) : null;
  if (!shapes) {
    state.skipped += 1;
    return;
  }
  const properties = {
    ...state.style, ...styleOf(comment), ...(found[1] === "-" && { excluded: true }),
    ...(state.system === "pixel" ? { pixel: true } : { celsys: state.system }),
  };
  for (const { type, coordinates, ...more } of shapes) {
    state.features.push({
      type: "Feature", properties: { ...properties, ...more }, geometry: { type, coordinates },
    });
  }
}

function styleOf(text) {
  const color = text.match(/\bcolor\s*=\s*(\S+)/)?.[1];
  const label = text.match(/\btext\s*=\s*(?:\{([^}]*)\}|"([^"]*)"|'([^']*)')/);
  return {
    ...(color && COLOR.test(color) && { color }),
    ...(label && { name: label[1] ?? label[2] ?? label[3] }),
  };
}

/** A coordinate in degrees: "10:00:27.9" is in hours for the first of equatorial ones. */
function coordinate(text, hours) {
  const parts = text.match(/^([+-]?)(\d+(?:\.\d*)?)[:hd](\d+)[:m](\d+(?:\.\d*)?)s?$/i);
  if (!parts) {
    return Number(text.replace(/d$/, ""));
  }
  const value = Number(parts[2]) + Number(parts[3]) / 60 + Number(parts[4]) / 3600;
  const turn = /^[+-]?\d+d/i.test(text) ? 1 : hours ? 15 : 1;
  return (parts[1] === "-" ? -value : value) * turn;
}

function pairs(parts, system) {
  const values = parts.map((text, index) =>
    coordinate(text, system === "equatorial" && index % 2 === 0));
  const positions = [];
  for (let at = 0; at + 1 < values.length; at += 2) {
    positions.push([values[at], values[at + 1]]);
  }
  return values.length >= 2 && values.every(Number.isFinite) ? positions : null;
}

/** A length in degrees, or in pixels where the system is of pixels; NaN for what is neither. */
function size(text, system) {
  const unit = text.at(-1);
  const sky = unit in UNITS;
  const pixels = unit === "p" || unit === "i";
  if (pixels || sky) {
    return pixels === (system === "pixel") ? Number(text.slice(0, -1)) * (UNITS[unit] ?? 1) : NaN;
  }
  return Number(text);
}

/** The direction of the first axis: DS9 counts from the west through the north. */
const direction = (text, system) =>
  wrap(Number(text ?? 0) - (system === "pixel" ? 0 : 90));

/** One point per set of sizes: an annulus has several. */
function sized(shape, count, describe) {
  return (parts, system) => {
    const centre = pairs(parts.slice(0, 2), system);
    const odd = (parts.length - 2) % count;
    const turned = count === 2 && odd === 1;
    const sizes = parts.slice(2, parts.length - (turned ? 1 : 0)).map((text) => size(text, system));
    if (!centre || sizes.length === 0 || sizes.length % count || !sizes.every((one) => one >= 0)) {
      return null;
    }
    const angle = count === 2 ? { angle: direction(turned ? parts.at(-1) : "0", system) } : {};
    return Array.from({ length: sizes.length / count }, (_, index) => ({
      type: "Point", coordinates: centre[0], shape,
      ...describe(sizes.slice(index * count, (index + 1) * count)), ...angle,
    }));
  };
}

const circle = sized("circle", 1, ([radius]) => ({ radius }));
const ellipse = sized("ellipse", 2, (semi) => ({ semi }));
const box = sized("box", 2, (width) => ({ width }));

function point(parts, system) {
  const positions = pairs(parts.slice(0, 2), system);
  return positions && [{ type: "Point", coordinates: positions[0] }];
}

function polygon(parts, system) {
  const ring = parts.length % 2 === 0 ? pairs(parts, system) : null;
  return ring && ring.length >= 3
    ? [{ type: "Polygon", coordinates: [[...ring, ring[0]]] }]
    : null;
}

function line(parts, system) {
  const ends = pairs(parts.slice(0, 4), system);
  return ends && ends.length === 2 ? [{ type: "LineString", coordinates: ends }] : null;
}

function vector(parts, system) {
  const start = pairs(parts.slice(0, 2), system)?.[0];
  const length = size(parts[2] ?? "", system);
  const angle = direction(parts[3], system);
  if (!start || !(length > 0) || !Number.isFinite(angle)) {
    return null;
  }
  const turn = (angle * Math.PI) / 180;
  const end = system === "pixel"
    ? [start[0] + length * Math.cos(turn), start[1] + length * Math.sin(turn)]
    : offset(start, angle, length);
  return [{ type: "LineString", coordinates: [start, end] }];
}

const SHAPES = Object.freeze({
  __proto__: null,
  circle, annulus: circle, ellipse, box, rotbox: box, point, text: point, polygon,
  line, segment: line, vector,
});
