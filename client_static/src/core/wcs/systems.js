// What CTYPE says: the celestial system, which axis is the longitude, and the projection's code.

const PAIRS = Object.freeze({
  __proto__: null, // the first four columns without "-": longitude, latitude, system
  RA: ["DEC", "equatorial"],
  GLON: ["GLAT", "galactic"],
  ELON: ["ELAT", "ecliptic"],
  SLON: ["SLAT", "supergalactic"],
});
const OTHER = /^(?:(..)LN|(.)LON)$/; // paper II, §3.1: of the Sun, a planet
const SUN = new Set(["HP", "HG", "CR", "SO", "HC", "H"]);
const CODE = /^-*([A-Z]{3})(?:-(.*))?$/;

function latitudeOf(name) {
  if (name in PAIRS) {
    return PAIRS[name];
  }
  const other = name.match(OTHER);
  if (!other) {
    return null;
  }
  const body = other[1] ?? other[2];
  return [`${body}${other[1] ? "LT" : "LAT"}`, SUN.has(body) ? "helio" : "other"];
}

/**
 * Read CTYPE1 and CTYPE2.
 *
 * @param {import("../fits.js").Header} header
 * @returns {?{system: string, lngAxis: number, code: string, distortion: string}} Null where the
 *     two are no celestial pair. `code`: "TAN"; "" for a linear pair without projection.
 *     `distortion`: "SIP", "" or what else follows the code.
 */
export function axesOf(header) {
  const types = [1, 2].map((axis) => String(header.get(`CTYPE${axis}`) ?? "").toUpperCase());
  const names = types.map((type) => type.slice(0, 4).replace(/-+$/, ""));
  for (const [lng, lat] of [[0, 1], [1, 0]]) {
    const pair = latitudeOf(names[lng]);
    if (pair && pair[0] === names[lat]) {
      const [, code = "", distortion = ""] = types[lng].slice(4).trim().match(CODE) ?? [];
      return { system: pair[1], lngAxis: lng + 1, code, distortion };
    }
  }
  return null;
}

/** What to tell about the epoch of equatorial coordinates: "" for J2000. */
export function frameNote(header) {
  const frame = String(header.get("RADESYS") ?? header.get("RADECSYS") ?? "").toUpperCase();
  const equinox = Number(header.get("EQUINOX") ?? header.get("EPOCH")) || NaN; // 0 is none
  const old = frame.startsWith("FK4") || (frame === "" && equinox < 1984); // paper II, §3.1
  const year = Number.isFinite(equinox) ? equinox : 1950;
  if (old) {
    return `Coordinates are FK4, equinox ${year}, as in the header: they are not turned to J2000.`;
  }
  return frame !== "ICRS" && equinox && equinox !== 2000
    ? `Coordinates are of the equinox ${equinox}, as in the header: they are not turned to J2000.`
    : "";
}
