// Regions and sources of catalogues on the map.

import L from "leaflet";
import { ringOf } from "../core/shapes.js";
import { convert } from "../core/units.js";
import { inPixels, wcsOfMap } from "./crsview.js";
import { Ellipse } from "./ellipse.js";

const RADIUS = 6; // CSS pixels of a point that says nothing else
const MOST = 200; // CSS pixels: what a file says is not drawn across the screen

/**
 * Draw a source of a catalogue: a circle, or an ellipse on the sky.
 *
 * @param {L.LatLng} latLng
 * @param {{radius: number} | {major: number, minor: number, angle: number}} shape of `shapeOf`
 * @param {object} look Path options
 */
export const drawSource = (latLng, { radius, major, minor, angle }, look) => (
  radius || !major
    ? L.circleMarker(latLng, { ...look, radius: radius ?? RADIUS })
    : new Ellipse(latLng, { ...look, majAxis: major, minAxis: minor || major, posAngle: angle })
);

/**
 * Draw GeoJSON.
 *
 * @param {L.Map} map its WCS moves what is given in pixels
 * @param {object} collection coordinates in degrees; FITS pixels where `properties.pixel` is true
 * @param {{color?: string, style?: object|function, drawPoint?: function, popup?: function,
 *     label?: function, celsys?: string}} [options] `celsys` of features that do not say theirs:
 *     "equatorial", or "native", that of the map; `popup(feature)` is an element or null, `label(feature)` a text
 * @returns {{layer: L.GeoJSON, drawn: number, left: number}} how many features there are, and how
 *     many have no place on this map
 */
export function drawFeatures(map, collection, options = {}) {
  const features = featuresOf(collection);
  const placed = features.map((feature) => onMap(feature, map, options.celsys)).filter(Boolean);
  const layer = L.geoJSON({ type: "FeatureCollection", features: placed }, {
    style: (feature) => ({ color: options.color, weight: 1.5, fillOpacity: 0.08, ...styleOf(options.style, feature) }),
    pointToLayer: (feature, latLng) => (options.drawPoint ?? drawPoint)(feature, latLng, options),
    onEachFeature: (feature, part) => dress(feature, part, options),
  });
  return { layer, drawn: placed.length, left: features.length - placed.length };
}

const styleOf = (style, feature) => (typeof style === "function" ? style(feature) : style);

function featuresOf(collection) {
  if (Array.isArray(collection?.features)) {
    return collection.features;
  }
  const alone = collection?.type === "Feature" ? collection : { type: "Feature", properties: {}, geometry: collection };
  return collection?.type ? [alone] : [];
}

/** Return the feature in the map's own coordinates; null if a point of it has none. */
function onMap(feature, map, celsys = "equatorial") {
  const properties = { celsys, ...feature?.properties };
  const geometry = moved(outlined(feature?.geometry, properties), mover(map, properties));
  return geometry && { ...feature, properties, geometry };
}

/** A point with a shape becomes the outline of the shape. */
function outlined(geometry, properties) {
  const ring = geometry?.type === "Point" && typeof properties.shape === "string" && ringOf(geometry.coordinates, properties);
  return ring ? { type: "Polygon", coordinates: [[...ring, ring[0]]] } : geometry;
}

function mover(map, { pixel, celsys }) {
  if (inPixels(map)) {
    return (point) => point;
  }
  const { celsys: own, skyOf } = wcsOfMap(map);
  return pixel === true ? skyOf : (point) => convert(point, celsys, own) ?? point; // "native" stays
}

function moved(geometry, move) {
  if (geometry?.type === "GeometryCollection" && Array.isArray(geometry.geometries)) {
    const parts = geometry.geometries.map((part) => moved(part, move));
    return parts.every(Boolean) ? { ...geometry, geometries: parts } : null;
  }
  const coordinates = Array.isArray(geometry?.coordinates) && movedList(geometry.coordinates, move);
  return coordinates ? { ...geometry, coordinates } : null;
}

function movedList(list, move) {
  if (!Array.isArray(list[0])) {
    const point = list.length >= 2 && list.slice(0, 2).every(Number.isFinite) ? move(list.slice(0, 2)) : null;
    return point?.every(Number.isFinite) ? point : null;
  }
  const moved = list.map((part) => movedList(part, move));
  return moved.every(Boolean) ? moved : null;
}

/** A point as its properties tell: an ellipse, a circle with a radius, or a mark. */
export function drawPoint({ properties }, latLng, { color, style }) {
  const look = { color, weight: 1.5, fillOpacity: 0.1, ...styleOf(style, { properties }) };
  const { radius } = properties;
  return L.circleMarker(latLng, { ...look, radius: radius > 0 && radius < MOST ? radius : RADIUS });
}

function dress(feature, part, { popup, label }) {
  const content = popup?.(feature);
  if (content) {
    part.bindPopup(content, { className: "iip-popup", maxWidth: 340, minWidth: 140 });
  }
  const text = label?.(feature);
  if (text) {
    const element = L.DomUtil.create("span");
    element.textContent = text;
    part.bindTooltip(element, { permanent: true, direction: "right", className: "iip-label-tip", offset: [8, 0] });
  }
}

/** Open the popup that is nearest to the centre of the map: what the keyboard points at. */
export function openNearest(map, reach = 40) {
  const centre = map.getSize().divideBy(2);
  let nearest = { distance: reach, layer: null };
  map.eachLayer((layer) => {
    const place = layer.getPopup?.() && (layer.getLatLng?.() ?? layer.getCenter?.());
    const distance = place ? map.latLngToContainerPoint(place).distanceTo(centre) : Infinity;
    nearest = distance < nearest.distance ? { distance, layer } : nearest;
  });
  nearest.layer?.openPopup();
  return nearest.layer !== null;
}
