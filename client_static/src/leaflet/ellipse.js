// Ellipses on a map.

import L from "leaflet";

import { planeRing, skyRing } from "../core/ellipse.js";

/** An ellipse of the sky: half axes in degrees, angle from north to east; pixels without a sky. */
export const Ellipse = L.Polygon.extend({
  options: {
    // @option majAxis: Number = 0; half of the major axis
    majAxis: 0,
    // @option minAxis: Number = 0; half of the minor axis
    minAxis: 0,
    // @option posAngle: Number = 0; degrees
    posAngle: 0,
  },

  initialize(latLng, options) {
    L.Util.setOptions(this, options);
    this.setLatLng(latLng);
  },

  getLatLng() {
    return this._latLng;
  },

  setLatLng(latLng) {
    this._latLng = L.latLng(latLng);
    const { lat, lng } = this._latLng;
    const ring = this._map?.options.crs.wcs?.celsys === "pixel" ? planeRing : skyRing;
    return this.setLatLngs(ring([lng, lat], this.options).map(([x, y]) => [y, x]));
  },

  onAdd(map) {
    this._map = map; // says whether there is a sky
    this.setLatLng(this._latLng);
    L.Polygon.prototype.onAdd.call(this, map);
  },

  redraw() {
    return this._map && this._renderer && this._path !== undefined
      ? L.Polygon.prototype.redraw.call(this) : this;
  },
});

/** An ellipse on the screen: half axes in pixels, angle from the right against the clock. */
export const EllipseMarker = L.Polygon.extend({
  options: {
    // @option majAxis: Number = 10; half of the major axis
    majAxis: 10,
    // @option minAxis: Number = 10; half of the minor axis
    minAxis: 10,
    // @option posAngle: Number = 0; degrees
    posAngle: 0,
  },

  initialize(latLng, options) {
    this._latLng = L.latLng(latLng);
    L.Polygon.prototype.initialize.call(this, [this._latLng], options);
  },

  getLatLng() {
    return this._latLng;
  },

  setLatLng(latLng) {
    this._latLng = L.latLng(latLng);
    return this.setLatLngs([this._latLng]);
  },

  /** Leaflet's hook: fills `rings` with points of the screen, and `bounds`. */
  _projectLatlngs(_, rings, bounds) {
    const { majAxis, minAxis, posAngle } = this.options;
    const { x, y } = this._map.latLngToLayerPoint(this._latLng);
    const shape = { majAxis, minAxis, posAngle: posAngle - 90 };
    const ring = planeRing([x, -y], shape).map(([right, up]) => L.point(right, -up));
    ring.forEach((point) => bounds.extend(point));
    rings.push(ring);
  },
});
