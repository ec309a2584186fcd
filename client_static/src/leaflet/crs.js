// The sky as a Leaflet CRS: latitudes and longitudes are those of the WCS, points are pixels.

import L from "leaflet";

import { distance } from "../core/units.js";

/**
 * Where there is no sky (the corners of an all-sky map), Leaflet still wants positions it can go
 * back from: pixels, far above any latitude.
 */
const OFF_SKY = 1e9;
const NOWHERE = -1e7; // pixels: positions that the image's projection cannot show

/**
 * Make the CRS of an image.  At the zoom of the last level a point is a pixel: FITS counts pixels
 * upwards and from 1 at the middle of the first, Leaflet from the upper left corner.
 * @param {import("../core/wcs/index.js").Wcs} wcs
 * @param {[number, number]} size of the image
 * @param {number} levels of its pyramid
 * @returns {L.CRS} with `wcs`, `size` and `onSky(latLng)` besides
 */
export function wcsCrs(wcs, size, levels) {
  const scale = (zoom) => 2 ** (zoom - levels + 1);
  return L.Util.extend({}, L.CRS, {
    code: wcs.projection,
    wcs,
    size,
    infinite: true,
    scale,
    zoom: (value) => Math.log2(value) + levels - 1,
    project: (latLng) => L.point(pointOf(wcs, size, L.latLng(latLng))),
    unproject: ({ x, y }) => latLngOf(wcs, size, [x, y]),
    latLngToPoint: (latLng, zoom) => L.point(pointOf(wcs, size, latLng)).multiplyBy(scale(zoom)),
    pointToLatLng: ({ x, y }, zoom) => latLngOf(wcs, size, [x / scale(zoom), y / scale(zoom)]),
    distance: (one, other) => apart(wcs, one, other),
    onSky,
  });
}

/** Whether a position of the map is one of the sky (or of the pixels, without a sky). */
function onSky({ lat }) {
  return lat < OFF_SKY / 2;
}

function pointOf(wcs, [, height], latLng) {
  if (!onSky(latLng)) {
    return [latLng.lng - OFF_SKY, latLng.lat - OFF_SKY];
  }
  const pixel = wcs.pixelOf([latLng.lng, latLng.lat]);
  return pixel ? [pixel[0] - 0.5, height + 0.5 - pixel[1]] : [NOWHERE, NOWHERE];
}

function latLngOf(wcs, [, height], [x, y]) {
  const sky = wcs.skyOf([x + 0.5, height + 0.5 - y]);
  return sky ? L.latLng(sky[1], sky[0]) : L.latLng(y + OFF_SKY, x + OFF_SKY);
}

/** Degrees of a great circle, or pixels. */
function apart(wcs, one, other) {
  return wcs.celsys === "pixel"
    ? Math.hypot(one.lng - other.lng, one.lat - other.lat)
    : distance([one.lng, one.lat], [other.lng, other.lat]);
}
