// GeoJSON (RFC 7946): positions are [longitude, latitude] in degrees of the map's system, or FITS
// pixels where a feature has `pixel: true` in its properties.  What `iipastro regions` writes says
// at its top which frame it is in.

const CELSYS = new Set(["galactic", "ecliptic", "supergalactic"]); // others are equatorial
const DEPTHS = new Map([ // how deep the positions lie
  ["Point", 0], ["MultiPoint", 1], ["LineString", 1], ["MultiLineString", 2], ["Polygon", 2],
  ["MultiPolygon", 3],
]);
const HIDDEN = new Set(["__proto__", "toString", "valueOf"]); // what every object has: no data
const MAY_HIDE = /"(?:__proto__|toString|valueOf)"|\\u/;

/**
 * Read regions.
 *
 * @param {string} text A FeatureCollection, a Feature or a geometry.
 * @returns {object} FeatureCollection; features without geometry, or with a position that is no
 *     number, are left out and counted in `skipped`.
 * @throws {SyntaxError} For what is no JSON or no GeoJSON.
 */
export function parse(text) {
  const value = jsonOf(text);
  const frame = frameOf(value?.iipastro?.frame);
  const found = featuresOf(value);
  const features = found.filter(({ geometry }) => isGeometry(geometry))
    .map((feature) => ({ ...feature, properties: { ...frame, ...feature.properties } }));
  return { type: "FeatureCollection", features, skipped: found.length - features.length };
}

/** What a frame means for each feature. */
function frameOf(frame) {
  return frame === "pixel" ? { pixel: true } : CELSYS.has(frame) ? { celsys: frame } : {};
}

function jsonOf(text) {
  try {
    const plain = (name, value) => (HIDDEN.has(name) ? undefined : value);
    return JSON.parse(text, MAY_HIDE.test(text) ? plain : undefined);
  } catch (error) {
    throw new SyntaxError(`This is no JSON: ${error.message}`);
  }
}

function featuresOf(value) {
  if (value?.type === "FeatureCollection" && Array.isArray(value.features)) {
    return value.features.filter((each) => each?.type === "Feature").flatMap(split);
  }
  if (value?.type === "Feature") {
    return split(value);
  }
  if (value?.type === "GeometryCollection" || DEPTHS.has(value?.type)) {
    return split({ type: "Feature", properties: {}, geometry: value });
  }
  throw new SyntaxError("This is no GeoJSON: it has no features.");
}

/** A collection of geometries becomes features with the same properties; one without them stays. */
function split(feature) {
  const { geometry } = feature;
  const inside = geometry?.type === "GeometryCollection" ? geometry.geometries : null;
  const parts = Array.isArray(inside) ? inside : [geometry];
  const properties = feature.properties ?? {};
  return parts.map((part) => ({ ...feature, properties, geometry: part }));
}

function isGeometry(geometry) {
  return DEPTHS.has(geometry?.type)
    && arePositions(geometry.coordinates, DEPTHS.get(geometry.type));
}

function arePositions(value, depth) {
  if (!Array.isArray(value) || value.length === 0) {
    return false;
  }
  return depth === 0
    ? value.length >= 2 && value.every(Number.isFinite)
    : value.every((part) => arePositions(part, depth - 1));
}
