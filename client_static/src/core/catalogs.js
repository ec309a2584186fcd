// Catalogues of sources: what to ask VizieR (or a page's own service), and how to read its answer.

/**
 * @typedef {object} Catalog
 * @property {string} key
 * @property {string} name
 * @property {string} service Whom the user asks.
 * @property {string} attribution
 * @property {string} color
 * @property {string} url Template of the query; words in braces: see catalogUrl.
 * @property {string} objurl Template of the page about a source: {id}, {ra}, {dec}; "": none.
 * @property {string} regionType "box" or "cone".
 * @property {readonly string[]} properties Names of the columns after identifier, longitude and
 *     latitude.
 * @property {readonly string[]} units Of the columns; "" for magnitudes.
 * @property {readonly boolean[]} [propertyMask] Which columns a popup shows; all without it.
 * @property {number} maglim A source of this magnitude has a radius of five pixels.
 * @property {number} magindex The column of the magnitude.
 * @property {{major: number, minor: number, angle: number, semi: number}} [ellipse] Columns of
 *     axes and position angle; `semi`: degrees of half an axis per unit of its column.
 * @property {number} nmax Sources shown at most.
 * @property {string} [authenticate] Name of the cookie to send as X-CSRFToken.
 * @property {function(string): (number|string)} [readProperty] Hook of a page: a cell → an item.
 */

const VIZIER = "https://vizier.unistra.fr/viz-bin";
const MOTION = ["μα cos δ", "μδ"];
const MAS = ["mas/yr", "mas/yr"];
const AXES = ["Major axis", "Minor axis", "Position angle"];
const AXIS_UNITS = ["″", "″", "°"];
const FULL = 1 / 7200; // full axes in arcsec → half axes in degrees
const HALF = 1 / 3600;

const ellipse = (semi) => ({ major: 1, minor: 2, angle: 3, semi });

const DEFAULTS = Object.freeze({
  service: "VizieR, CDS", attribution: "", color: "orange", objurl: "", regionType: "box",
  properties: [], units: [], maglim: 21, magindex: 0, nmax: 10000,
});

// key, name, table, page, columns asked for, sorted by, colour, limiting magnitude, what the
// columns after the position are called, their units, source, and what is special.
const TABLE = [
  ["2MASS", "2MASS", "II/246", "II/246", "2MASS,RAJ2000,DEJ2000,Jmag,Hmag,Kmag", "Jmag",
    "red", 17, ["J", "H", "K"], ["", "", ""],
    "2MASS All-Sky Catalog of Point Sources (Cutri et al. 2003)"],
  ["SDSS", "SDSS release 12", "V/147", "V/147/sdss12",
    "SDSS12,RA_ICRS,DE_ICRS,umag,gmag,rmag,imag,zmag", "rmag",
    "yellow", 25, ["u", "g", "r", "i", "z"], ["", "", "", "", ""],
    "SDSS Photometric Catalog, Release 12 (Alam et al. 2015)"],
  ["PanSTARRS1", "Pan-STARRS 1", "II/349", "II/349/ps1",
    "objID,RAJ2000,DEJ2000,gmag,rmag,imag,zmag,ymag", "rmag",
    "yellow", 24, ["g", "r", "i", "z", "y"], ["", "", "", "", ""],
    "Pan-STARRS release 1 Survey (Chambers et al. 2016)"],
  ["PPMXL", "PPMXL", "I/317", "I/317",
    "PPMXL,RAJ2000,DEJ2000,Jmag,Hmag,Kmag,b1mag,b2mag,r1mag,r2mag,imag,pmRA,pmDE", "Jmag",
    "green", 20, ["J", "H", "K", "b₁", "b₂", "r₁", "r₂", "i", ...MOTION],
    ["", "", "", "", "", "", "", "", ...MAS],
    "PPM-Extended, positions and proper motions (Roeser et al. 2010)"],
  ["Abell", "Abell clusters", "VII/110A", "VII/110A",
    "ACO,_RAJ2000,_DEJ2000,m10,Rich,Dclass", "m10",
    "orange", 30, ["m₁₀", "Richness", "Distance class"], ["", "", ""],
    "Rich Clusters of Galaxies (Abell et al. 1989)"],
  ["NVSS", "NVSS", "VIII/65/NVSS", "VIII/65/NVSS",
    "NVSS,_RAJ2000,_DEJ2000,S1.4,MajAxis,MinAxis,PA", "-S1.4",
    "magenta", 30, ["S 1.4 GHz", ...AXES], ["mJy", ...AXIS_UNITS],
    "1.4 GHz NRAO VLA Sky Survey (Condon et al. 1998)", { ellipse: ellipse(FULL) }],
  ["FIRST", "FIRST", "VIII/92/first14", "VIII/92/first14",
    "FIRST,_RAJ2000,_DEJ2000,Fpeak,fMaj,fMin,fPA", "-Fpeak",
    "blue", 30, ["Peak 1.4 GHz", ...AXES], ["mJy", ...AXIS_UNITS],
    "The FIRST Survey Catalog (Helfand et al. 2015)", { ellipse: ellipse(FULL) }],
  ["AllWISE", "AllWISE", "II/328/allwise", "II/328/allwise",
    "AllWISE,_RAJ2000,_DEJ2000,W1mag,W2mag,W3mag,W4mag", "W1mag",
    "red", 18, ["W1 (3.4 µm)", "W2 (4.6 µm)", "W3 (12 µm)", "W4 (22 µm)"], ["", "", "", ""],
    "AllWISE Data Release (Cutri et al. 2013)"],
  ["GALEX_AIS", "GALEX AIS", "II/312/ais", "II/312/ais",
    "objid,_RAJ2000,_DEJ2000,FUV,NUV", "FUV",
    "magenta", 21, ["FUV", "NUV"], ["", ""],
    "GALEX All-sky Imaging Survey (Bianchi et al. 2011)"],
  ["GAIA_DR1", "Gaia DR1", "I/337/gaia", "I/337/gaia",
    "Source,RA_ICRS,DE_ICRS,%3CGmag%3E,pmRA,pmDE", "%3CGmag%3E",
    "green", 21, ["G", ...MOTION], ["", ...MAS], "First Gaia Data Release (2016)"],
  ["GAIA_DR2", "Gaia DR2", "I/345/gaia2", "I/345/gaia2",
    "Source,RA_ICRS,DE_ICRS,Gmag,BPmag,RPmag,pmRA,pmDE", "Gmag",
    "green", 21, ["G", "BP", "RP", ...MOTION], ["", "", "", ...MAS],
    "Second Gaia Data Release (2018)"],
  ["URAT_1", "URAT1", "I/329", "I/329", "URAT1,RAJ2000,DEJ2000,f.mag,pmRA,pmDE", "f.mag",
    "yellow", 17, ["f", ...MOTION], ["", ...MAS],
    "First U.S. Naval Observatory Astrometric Robotic Telescope Catalog (Zacharias et al. 2015)"],
  ["GLEAM", "GLEAM", "VIII/100/gleamegc", "VIII/100/gleamegc",
    "GLEAM,RAJ2000,DEJ2000,Fintwide,awide,bwide,pawide", "-Fintwide",
    "blue", 30, ["Flux 170–231 MHz", "Semi-major axis", "Semi-minor axis", "Position angle"],
    ["Jy", ...AXIS_UNITS],
    "GLEAM low-frequency extragalactic catalogue (Hurley-Walker et al. 2017)",
    { ellipse: ellipse(HALF) }],
  ["TGSS", "TGSS", "J/A%2BA/598/A78/table3", "J/A%2BA/598/A78/table3",
    "TGSSADR,RAJ2000,DEJ2000,Stotal,Maj,Min,PA", "-Stotal",
    "blue", 30, ["Flux 150 MHz", ...AXES], ["mJy", ...AXIS_UNITS],
    "The GMRT 150 MHz all-sky radio survey, TGSS ADR1 (Intema et al. 2017)",
    { ellipse: ellipse(FULL) }],
];

const QUERY = "-c.eq={sys}&-c={lng},{lat}&-c.bd={dlng},{dlat}&-out.max={nmax}";
const WIDE = new Set(["Abell", "NVSS", "FIRST", "AllWISE", "GALEX_AIS", "GLEAM", "TGSS"]);

function fromRow([key, name, table, page, columns, sort, color, maglim, ...rest]) {
  const [properties, units, attribution, special] = rest;
  const around = WIDE.has(key) ? 0.2 : 0.01; // degrees
  return ownCatalog({
    key, name, color, maglim, properties, units, attribution, ...special,
    url: `${VIZIER}/asu-tsv?&-mime=csv&-source=${table}&-out=${columns}&-out.meta=&`
      + `${QUERY}&-sort=${sort}`,
    objurl: `${VIZIER}/VizieR-5?-source=${page}&-c={ra},{dec},eq=J2000&-c.rs=${around}`,
  });
}

/**
 * A page's own catalogue, or one of the table, with what it leaves out.
 *
 * @param {object} entry At least `name` and `url`.
 * @returns {Readonly<Catalog>}
 * @throws {TypeError} Where name or address are missing.
 */
export function ownCatalog(entry) {
  if (typeof entry.name !== "string" || typeof entry.url !== "string") {
    throw new TypeError("A catalogue needs a name and a url.");
  }
  return Object.freeze({ key: entry.name, ...DEFAULTS, ...entry });
}

/** The catalogues that are known here, by their keys. @type {Record<string, Catalog>} */
export const CATALOGS = Object.freeze(
  Object.fromEntries(TABLE.map((row) => [row[0], fromRow(row)])),
);

/** What a menu offers where the page says nothing. */
export const DEFAULT_KEYS = Object.freeze(["GAIA_DR2", "2MASS", "SDSS", "PPMXL", "Abell"]);

const SYSTEMS = Object.freeze({
  equatorial: "J2000.0", galactic: "G", ecliptic: "E2000.0", supergalactic: "S",
});

/** Put values in the place of words in braces; a word without value stays. */
export function template(text, values) {
  return text.replace(/\{ *(\w+) *\}/g, (word, name) => (
    Object.hasOwn(values, name) ? values[name] : word
  ));
}

/**
 * The address that asks for the sources of a field.
 *
 * @param {Catalog} catalog Words of its `url`: {sys} {lng} {lat} {dlng} {dlat} (degrees), {dr} and
 *     {drm} (radius, degrees and arcmin), {nmax}, {maglim}.
 * @param {[number, number]} centre Degrees.
 * @param {[number, number]} widths Whole widths in degrees on the sky: the first one is along the
 *     parallel, cos(latitude) is in it.
 * @param {{celsys?: string, radius?: number}} options `radius`: of the circle around the field;
 *     half the diagonal without it.
 * @returns {string}
 */
export function catalogUrl(catalog, [lng, lat], widths, { celsys = "equatorial", radius } = {}) {
  const [dlng, dlat] = widths.map((width) => Math.max(width, 0.0001).toFixed(4));
  const dr = Math.max(radius ?? Math.hypot(...widths) / 2, 0.0001);
  return template(catalog.url, {
    sys: SYSTEMS[celsys] ?? SYSTEMS.equatorial,
    lng: lng.toFixed(6), lat: lat.toFixed(6), dlng, dlat,
    dr: dr.toFixed(4), drm: (dr * 60).toFixed(4),
    maglim: catalog.maglim,
    nmax: catalog.nmax + 1, // one more, to know that there are more
  });
}

/** The address of the page about a source, or "". */
export function objectUrl(catalog, feature) {
  const [ra, dec] = feature.geometry.coordinates.map((degrees) => degrees.toFixed(6));
  return template(catalog.objurl, { id: encodeURIComponent(feature.id), ra, dec });
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A cell as a number, "--" for none, or its text. */
function itemOf(cell) {
  const text = cell.trim();
  return NUMBER.test(text) ? Number(text) : text || "--";
}

/** Cells are parted by tabulators, semicolons or commas: whichever of these comes first is used. */
function cellsOf(line) {
  const mark = ["\t", ";", ","].find((each) => line.includes(each)) ?? ",";
  return line.split(mark).map((cell) => cell.trim());
}

/**
 * Read an answer: lines of identifier, longitude, latitude and properties.
 *
 * Lines without a position (names of columns, units, dashes, comments) are passed over; a cell
 * that is empty or "--" does not cost its line.
 *
 * @param {string} text
 * @param {Catalog} catalog
 * @returns {object} FeatureCollection of points with `properties.items`; `truncated` tells that
 *     there were more than `catalog.nmax`.
 */
export function parseCatalog(text, catalog) {
  const rows = text.split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map(cellsOf)
    .filter(([, lng, lat]) => NUMBER.test(lng) && NUMBER.test(lat) && Math.abs(lat) <= 90);
  return {
    type: "FeatureCollection",
    features: rows.slice(0, catalog.nmax).map((row) => featureOf(row, catalog)),
    truncated: rows.length > catalog.nmax,
  };
}

function featureOf([id, lng, lat, ...cells], catalog) {
  const read = catalog.readProperty ? (cell) => catalog.readProperty(cell) : itemOf;
  return {
    type: "Feature",
    id,
    properties: { id, items: cells.map(read) },
    geometry: { type: "Point", coordinates: [Number(lng), Number(lat)] },
  };
}

const RADIUS = Object.freeze({ least: 2, most: 40, unknown: 8 }); // pixels

/**
 * How a source is drawn.
 *
 * @param {Catalog} catalog
 * @param {object} feature Of parseCatalog.
 * @returns {{radius: number} | {major: number, minor: number, angle: number}} A circle in pixels,
 *     or half axes and position angle (north through east) in degrees.
 */
export function shapeOf(catalog, { properties: { items } }) {
  const value = (column) => (typeof items[column] === "number" ? items[column] : 0);
  if (catalog.ellipse) {
    const { major, minor, angle, semi } = catalog.ellipse;
    return { major: value(major) * semi, minor: value(minor) * semi, angle: value(angle) };
  }
  const magnitude = items[catalog.magindex];
  const radius = typeof magnitude === "number"
    ? catalog.maglim + 5 - magnitude
    : RADIUS.unknown;
  return { radius: Math.min(Math.max(radius, RADIUS.least), RADIUS.most) };
}
