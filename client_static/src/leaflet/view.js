// Where a map looks when it is given an image.

import L from "leaflet";

import { parsePosition } from "../core/units.js";

const AROUND = 10; // sides of the image: where a view may be without it

/**
 * Make a map look at a layer's image: where it looked at before, if that was a sky as well (or
 * pixels as well), else where the layer's options say.
 * @param {L.Map} map
 * @param {import("./tilelayer.js").IIPLayer} layer that knows its image
 */
export function showImage(map, layer) {
  const { crs: before } = map.options;
  if (before === layer.crs) {
    return;
  }
  const kept = map._loaded ? viewOf(map, before, layer) : null; // Leaflet has no other way to ask
  map.options.crs = layer.crs;
  const { center, zoom } = kept ?? firstView(map, layer);
  map.setView(center, zoom, { animate: false, reset: true });
}

/** Return the view with the same position and scale on the sky, or null. */
function viewOf(map, before, { crs, wcs }) {
  const center = map.getCenter();
  const kind = before.wcs && (before.wcs.celsys === "pixel");
  if (kind === undefined || kind !== (wcs.celsys === "pixel") || !before.onSky(center)) {
    return null;
  }
  const pixels = [before.wcs, wcs].map((one) => one.pixelOf([center.lng, center.lat]));
  if (!pixels.every(Boolean)) {
    return null;
  }
  const [old, now] = [before.wcs.scaleAt(pixels[0]), wcs.scaleAt(pixels[1])];
  const closer = kind || !(old > 0 && now > 0) ? 0 : Math.log2(now / old);
  const zoom = crs.zoom(before.scale(map.getZoom())) + closer;
  return { center, zoom: Math.round(zoom) };
}

function firstView(map, { crs, wcs, info, options }) {
  const [width, height] = info.size;
  const { center: given } = options;
  const sky = typeof given === "string" ? parsePosition(given) : given;
  const center = sky && isNear(sky, { wcs, info })
    ? L.latLng(sky[1], sky[0])
    : L.latLng(map.options.center ?? crs.unproject(L.point(width / 2, height / 2)));
  const zoom = firstZoom(map, { crs, wcs, info, options }, center);
  return { center, zoom: Number.isFinite(zoom) ? zoom : wholeZoom(map, { crs, info }) };
}

/** Whether a position is one that the image, or what lies around it, can show. */
function isNear(sky, { wcs, info }) {
  const pixel = wcs.pixelOf(sky);
  const away = AROUND * Math.max(...info.size);
  return Boolean(pixel && (wcs.celsys === "pixel" || Math.abs(sky[1]) <= 90)
    && pixel.every((value, axis) => value > -away && value < info.size[axis] + away));
}

function firstZoom(map, { crs, wcs, info, options }, center) {
  const window = map.getSize();
  const pixel = wcs.pixelOf([center.lng, center.lat]);
  if (options.fov && pixel) {
    const pixels = options.fov / (wcs.celsys === "pixel" ? 1 : wcs.scaleAt(pixel));
    return crs.zoom(Math.hypot(window.x, window.y) / pixels);
  }
  if (map.options.zoom !== undefined) {
    return map.options.zoom;
  }
  return wholeZoom(map, { crs, info });
}

function wholeZoom(map, { crs, info }) {
  const window = map.getSize();
  const whole = crs.zoom(Math.min(window.x / info.size[0], window.y / info.size[1]));
  return Math.max(map.getMinZoom(), Math.floor(whole));
}
