// L.CRS.WCS: the sky of an image as pages of VisiOmatic 2 know it, over our own.
//
// One object serves both: what Leaflet and our controls ask a CRS (leaflet/crs.js), what our
// panels ask a Wcs (core/wcs), and the names of VisiOmatic 2.

import L from "leaflet";

import { numberOf, parseHeader } from "../core/fits.js";
import { convert, distance, parsePosition } from "../core/units.js";
import { wcsOf } from "../core/wcs/index.js";
import { wcsCrs } from "../leaflet/crs.js";
import { headerText } from "./utils.js";

const SESAME = /J\s(\d+\.?\d*)\s*,?\s*\+?(-?\d+\.?\d*)/;
const NUMBERS = /^\s*([-+]?\d+\.?\d*)\s*[\s,]\s*([-+]?\d+\.?\d*)\s*$/;

export const CRSWCS = L.Class.extend({
  options: {
    // @option nzoom: Number = 9; levels of the pyramid
    nzoom: 9,
    // @option tileSize: [Number, Number]
    tileSize: [256, 256],
    // @option nativeCelsys: Boolean = false; stay in the system of the header
    nativeCelsys: false,
  },

  /** @param {string|object} header text of FITS cards, or what parseHeader gives */
  initialize(header, options) {
    L.setOptions(this, options);
    const cards = header?.get ? header : parseHeader(headerText(header ?? ""));
    const size = this.options.naxis ? pairOf(this.options.naxis) : sizeOf(cards);
    const wcs = wcsOf(cards, size, { native: this.options.nativeCelsys });
    const crs = wcsCrs(wcs, size, this.options.nzoom);
    Object.assign(this, crs, withoutProjection(wcs), { wcs, code: `WCS:${wcs.projection}` });
    Object.assign(this, namesOfOld(this, cards));
  },

  /** Degrees per pixel of the image. */
  rawPixelScale(latLng) {
    const pixel = this.wcs.pixelOf([latLng.lng, latLng.lat]);
    return pixel ? this.wcs.scaleAt(pixel) : NaN;
  },

  /** Degrees per pixel of the screen. */
  pixelScale(zoom, latLng) {
    return this.rawPixelScale(latLng) / this.scale(zoom);
  },

  fovToZoom(map, fov, latLng) {
    const pixel = this.rawPixelScale(latLng);
    const { x, y } = map.getSize();
    return fov > 0 ? this.zoom((pixel * Math.hypot(x, y)) / Math.max(fov, pixel)) : this.nzoom - 1;
  },

  zoomToFov(map, zoom, latLng) {
    const { x, y } = map.getSize();
    return (this.rawPixelScale(latLng) * Math.hypot(x, y)) / this.scale(zoom);
  },

  /** Read a position; with `sesame`, from an answer of the name resolver. Undefined for none. */
  parseCoords(text, sesame = false) {
    const found = sesame ? SESAME.exec(text) : this.pixelFlag && NUMBERS.exec(text);
    const lngLat = found ? [Number(found[1]), Number(found[2])] : !sesame && parsePosition(text);
    if (!lngLat) {
      return undefined;
    }
    const own = this.pixelFlag ? null : convert(lngLat, "equatorial", this.celsys);
    const [lng, lat] = own ?? lngLat;
    return L.latLng(lat, lng);
  },

  eqToCelsys(latLng) {
    return converted(latLng, "equatorial", this.own);
  },

  celsysToEq(latLng) {
    return converted(latLng, this.own, "equatorial");
  },
});

export const crsWcs = (header, options) => new CRSWCS(header, options);

function converted({ lat, lng }, from, to) {
  const [newLng, newLat] = convert([lng, lat], from, to) ?? [lng, lat];
  return L.latLng(newLat, newLng);
}

const pairOf = (given) => {
  const { x, y } = L.point(given);
  return [x, y];
};

const sizeOf = (cards) => [numberOf(cards, "NAXIS1", 256), numberOf(cards, "NAXIS2", 256)];

/** `projection` of a CRS is an object, that of a Wcs its code. */
function withoutProjection({ projection, ...rest }) {
  return { ...rest, projection: { code: projection, toString: () => projection } };
}

/** What VisiOmatic 2 has read from a header, under its names. */
function namesOfOld(crs, cards) {
  const { wcs, size, options } = crs;
  const [lng, lat] = wcs.reference;
  const pixel = wcs.celsys === "pixel";
  const number = (keyword, otherwise) => numberOf(cards, keyword, otherwise);
  const rows = [1, 2];
  return {
    nzoom: options.nzoom,
    tileSize: L.point(options.tileSize),
    naxis: L.point(size),
    ctype: { x: String(cards.get("CTYPE1") ?? "PIXEL"), y: String(cards.get("CTYPE2") ?? "PIXEL") },
    pixelFlag: pixel,
    celsyscode: pixel ? undefined : wcs.own,
    forceNativeCelsys: !pixel && wcs.own !== "equatorial" && wcs.celsys === wcs.own,
    transformation: new L.Transformation(1, -0.5, -1, size[1] + 0.5),
    projparam: {
      naxis: L.point(size),
      crpix: L.point(number("CRPIX1", 129), number("CRPIX2", 129)),
      crval: L.latLng(lat, lng),
      cd: rows.map((i) => rows.map((j) => number(`CD${i}_${j}`, i === j ? 1 : 0))),
      pv: rows.map((i) => Array.from({ length: 20 }, (_, m) => number(`PV${i}_${m}`, 0))),
    },
    distance: (one, other) => (pixel
      ? Math.hypot(one.lng - other.lng, one.lat - other.lat)
      : distance([one.lng, one.lat], [other.lng, other.lat])),
  };
}

/** L.Projection.WCS.TAN…: sky ↔ FITS pixels of a header with that projection. */
export function makeProjections() {
  const base = L.Class.extend({
    initialize(header) {
      this.wcs = wcsOf(parseHeader(headerText(header ?? "")), [256, 256]);
    },
    project({ lat, lng }) {
      return L.point(this.wcs.pixelOf([lng, lat]) ?? [NaN, NaN]);
    },
    unproject({ x, y }) {
      const sky = this.wcs.skyOf([x, y]);
      return sky ? L.latLng(sky[1], sky[0]) : undefined;
    },
  });
  for (const code of ["TAN", "ZEA", "CAR", "CEA", "COE", "PIX"]) {
    base[code] = base.extend({ code });
  }
  return base;
}
