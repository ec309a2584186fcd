// What the map's CRS says about the view: where its centre is, how large its pixels are.

/** @typedef {import("../core/wcs/index.js").Wcs} Wcs */

const FAR = -1e6; // pixels: what the CRS gives for positions that the image cannot show

/** Return the WCS of a map; undefined before it shows an image. */
export const wcsOfMap = (map) => map.options.crs.wcs;

/** Whether positions of a map are pixels. */
export const inPixels = (map) => (wcsOfMap(map)?.celsys ?? "pixel") === "pixel";

/** Whether a position of the map is on the sky (or among pixels, without a sky). */
export const onSky = (map, latLng) => map.options.crs.onSky?.(latLng) ?? true;

/** Return the longitude and latitude of a position of the map; null off the sky. */
export const lngLatOf = (map, latLng) => (onSky(map, latLng) ? [latLng.lng, latLng.lat] : null);

/** Return the FITS pixel (from 1, upwards) of a position of the map, or null. */
export function pixelAt(map, latLng) {
  const { crs } = map.options;
  const { x, y } = crs.project(latLng);
  return x > FAR && crs.size ? [x + 0.5, crs.size[1] + 0.5 - y] : null;
}

/** Return the position of a FITS pixel. */
export function latLngOfPixel(map, [x, y]) {
  const { crs } = map.options;
  return crs.unproject({ x: x - 0.5, y: crs.size[1] + 0.5 - y });
}

/** CSS pixels per pixel of the image. */
export const magnification = (map, zoom = map.getZoom()) => map.options.crs.scale(zoom);

/**
 * Degrees per CSS pixel at the centre of the map.
 *
 * @returns {number} NaN where the centre is off the sky, or the map has no sky
 */
export function degreesPerPixel(map) {
  const centre = map.getCenter();
  const pixel = inPixels(map) || !onSky(map, centre) ? null : pixelAt(map, centre);
  return pixel ? wcsOfMap(map).scaleAt(pixel) / magnification(map) : NaN;
}

/** Return the degrees (pixels, without a sky) across the diagonal of the map: its field of view. */
export function fieldOf(map) {
  const { x, y } = map.getSize();
  return Math.hypot(x, y) * (inPixels(map) ? 1 / magnification(map) : degreesPerPixel(map));
}
