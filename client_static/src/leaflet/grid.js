// The grid of coordinates: lines of equal longitude and latitude, with their numbers.

import L from "leaflet";
import { gridLines, lineText } from "../core/graticule.js";
import { convert } from "../core/units.js";
import { inPixels, wcsOfMap } from "./crsview.js";

const PROBES = 9; // places along each side of the view where the sky is looked at
const POINTS = 49; // points of a line

export const Grid = L.LayerGroup.extend({
  options: {
    // @option celsys: String = "native"; equatorial, galactic, ecliptic, supergalactic: as core/units.js
    celsys: "native",
    // @option decimal: Boolean = false; degrees with decimals instead of hours and minutes
    decimal: false,
    // @option lines: Number = 5; about so many each way
    lines: 5,
    // @option className: String = "iip-grid"
    className: "iip-grid",
  },

  initialize(options) {
    L.LayerGroup.prototype.initialize.call(this, [], options);
  },

  onAdd(map) {
    this._renderer = L.svg({ padding: 0.3 });
    map.on("moveend resize", this._draw, this);
    this._draw();
  },

  onRemove(map) {
    map.off("moveend resize", this._draw, this);
    this.clearLayers();
  },

  setOptions(options) {
    L.setOptions(this, options);
    return this._map ? this._draw() : this;
  },

  _draw() {
    this.clearLayers();
    const map = this._map;
    const frame = frameOf(map, this.options);
    const seen = frame && probes(map).map(({ lat, lng }) => frame.to([lng, lat])).filter(Boolean);
    if (!seen || seen.length < 4) {
      return this;
    }
    const lines = gridLines(seen, { lines: this.options.lines, hours: frame.hours });
    for (const lng of lines.lngs) {
      const points = along(lines.lat, (lat) => frame.from([lng, lat]));
      this._line(points, lineText(lng, lines.step.lng, { hours: frame.hours, decimal: this.options.decimal }), "lng");
    }
    for (const lat of lines.lats) {
      const points = along(lines.lng, (lng) => frame.from([lng, lat]));
      this._line(points, lineText(lat, lines.step.lat, { sign: true, decimal: this.options.decimal }), "lat");
    }
    return this;
  },

  _line(points, text, axis) {
    const { className } = this.options;
    this.addLayer(L.polyline(points, {
      className: `${className}-line`, interactive: false, renderer: this._renderer, smoothFactor: 0.5, weight: 1,
    }));
    const at = labelPlace(this._map, points, axis);
    if (at) {
      const html = L.DomUtil.create("span", `${className}-text`);
      html.textContent = text;
      const mark = L.divIcon({ className: `${className}-label ${className}-${axis}`, html, iconSize: null });
      this.addLayer(L.marker(at, { icon: mark, interactive: false, keyboard: false, pane: "overlayPane" }));
    }
  },
});

/** Return how positions of the map become those of the grid, and back: null if there is no way. */
function frameOf(map, { celsys, decimal }) {
  if (!wcsOfMap(map) || inPixels(map)) {
    return null;
  }
  const own = wcsOfMap(map).celsys;
  const shown = celsys === "native" ? own : celsys;
  return convert([0, 0], own, shown) && {
    hours: shown === "equatorial" && !decimal,
    to: (lngLat) => (lngLat.every(Number.isFinite) ? convert(lngLat, own, shown) : null),
    from: ([lng, lat]) => {
      const [x, y] = convert([((lng % 360) + 360) % 360, lat], shown, own);
      return wcsOfMap(map).pixelOf([x, y]) && [y, x];
    },
  };
}

function probes(map) {
  const { x, y } = map.getSize();
  const steps = Array.from({ length: PROBES }, (_, index) => index / (PROBES - 1));
  return steps.flatMap((across) => steps.map((down) => map.containerPointToLatLng([across * x, down * y])))
    .filter((place) => place && Number.isFinite(place.lat) && Number.isFinite(place.lng));
}

const along = ([from, to], position) => Array.from({ length: POINTS }, (_, index) => (
  position(from + ((to - from) * index) / (POINTS - 1))
)).filter(Boolean);

/** Where the line comes into the view: from below for longitudes, from the left for latitudes. */
function labelPlace(map, points, axis) {
  const { x, y } = map.getSize();
  const inside = points
    .map((latLng) => ({ latLng, at: map.latLngToContainerPoint(latLng) }))
    .filter(({ at }) => at.x > 60 && at.y > 20 && at.x < x - 60 && at.y < y - 20);
  const nearest = (one, other) => (axis === "lng" ? other.at.y - one.at.y : one.at.x - other.at.x);
  return inside.sort(nearest)[0]?.latLng;
}

export const grid = (options) => new Grid(options);
