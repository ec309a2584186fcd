// Tables of positions: which columns are the position, and rows as features.

import { parsePosition } from "../units.js";

const NAMES = Object.freeze([ // longitude, latitude, system
  [/^_?(ra|raj2000|ra_?icrs|ra_?deg|alpha(_?j2000)?|right.?ascension)$/,
    /^_?(dec|de|dej2000|de_?icrs|dec_?icrs|dec_?deg|delta(_?j2000)?|declination)$/, "equatorial"],
  [/^(_?glon|gal_?lon|l)$/, /^(_?glat|gal_?lat|b)$/, "galactic"],
  [/^(elon|ecl_?lon)$/, /^(elat|ecl_?lat)$/, "ecliptic"],
  [/^(x|x_?image|xpix|xcentroid)$/, /^(y|y_?image|ypix|ycentroid)$/, "pixel"],
]);
const UCDS = Object.freeze([
  ["pos.eq.ra", "pos.eq.dec", "equatorial"],
  ["pos.galactic.lon", "pos.galactic.lat", "galactic"],
  ["pos.ecliptic.lon", "pos.ecliptic.lat", "ecliptic"],
]);
const LABEL = /^(name|id|object|objid|source|source_id|label|main_id|designation)$/;

/** The column whose UCD begins so, "meta.main" first. */
function byUcd(columns, start) {
  const found = columns.map(({ ucd = "" }, index) => ({ ucd: ucd.toLowerCase(), index }))
    .filter(({ ucd }) => ucd === start || ucd.startsWith(`${start};`));
  return (found.find(({ ucd }) => ucd.includes("meta.main")) ?? found[0])?.index ?? -1;
}

/**
 * Find the columns of the position.
 *
 * @param {{name: string, ucd?: string}[]} columns
 * @returns {?{lng: number, lat: number, system: string, label: number}} Indices; `label` of the
 *     name, -1 for none. Null without a position.
 */
export function positionColumns(columns) {
  const names = columns.map(({ name }) => name.trim().toLowerCase());
  const label = names.findIndex((name) => LABEL.test(name));
  for (const [lngUcd, latUcd, system] of UCDS) {
    const [lng, lat] = [byUcd(columns, lngUcd), byUcd(columns, latUcd)];
    if (lng >= 0 && lat >= 0) {
      return { lng, lat, system, label };
    }
  }
  for (const [lngName, latName, system] of NAMES) {
    const [lng, lat] = [lngName, latName].map((each) =>
      names.findIndex((name) => each.test(name)));
    if (lng >= 0 && lat >= 0) {
      return { lng, lat, system, label };
    }
  }
  return null;
}

/** The position of a row; null for what is none. Sexagesimal ones are read too. */
function positionOf(row, { lng, lat, system }) {
  const texts = [row[lng] ?? "", row[lat] ?? ""].map((text) => text.trim());
  if (texts.includes("")) {
    return null;
  }
  const numbers = texts.map(Number);
  if (numbers.every(Number.isFinite)) {
    return system === "pixel" || Math.abs(numbers[1]) <= 90 ? numbers : null;
  }
  return system === "pixel" ? null : parsePosition(texts.join(" "));
}

/**
 * Rows of texts as points; their other columns are their properties.
 *
 * @param {{name: string}[]} columns
 * @param {string[][]} rows
 * @param {{lng: number, lat: number, system: string, label: number}} place Of positionColumns.
 * @returns {object} FeatureCollection; `skipped` counts the rows without position.
 */
export function pointsOf(columns, rows, place) {
  const own = place.system === "pixel" ? { pixel: true } : { celsys: place.system };
  const features = rows.flatMap((row) => {
    const coordinates = positionOf(row, place);
    return coordinates === null ? [] : [{
      type: "Feature",
      properties: {
        ...own,
        ...(row[place.label] && { name: row[place.label].trim() }),
        table: Object.fromEntries(columns.map(({ name }, index) =>
          [name, (row[index] ?? "").trim()])),
      },
      geometry: { type: "Point", coordinates },
    }];
  });
  return { type: "FeatureCollection", features, skipped: rows.length - features.length };
}
