// The scale bar: angles, pixels, lengths on a planet, or a unit of the page.

import L from "leaflet";
import { ANGLES, FEETS, METRES, PIXELS, roundLength } from "../core/lengths.js";
import { degreesPerPixel, inPixels, magnification, wcsOfMap } from "./crsview.js";

const FEET = 3.2808399; // to the metre

export const ScaleBar = L.Control.extend({
  options: {
    // @option position: String = "bottomleft"
    position: "bottomleft",
    // @option maxWidth: Number = 128; CSS pixels
    maxWidth: 128,
    // @option degrees: Boolean = true; angles on the sky
    degrees: true,
    // @option pixels: Boolean = true; pixels of the image
    pixels: true,
    // @option custom: Boolean = false; a unit of the page's own
    custom: false,
    // @option customScale: Number = 1; units of the page per degree (per pixel without a sky)
    customScale: 1,
    // @option customUnits: String = ""
    customUnits: "",
    // @option metric: Boolean = false; metres on a planet
    metric: false,
    // @option imperial: Boolean = false; feet and miles on a planet
    imperial: false,
    // @option planetRadius: Number = 6378137; metres
    planetRadius: 6378137,
    // @option className: String = "iip-scale"
    className: "iip-scale",
  },

  onAdd(map) {
    this._element = L.DomUtil.create("div", this.options.className);
    this._element.setAttribute("role", "img");
    map.on("move zoomend resize viewreset", this._update, this);
    map.whenReady(this._update, this);
    return this._element;
  },

  onRemove(map) {
    map.off("move zoomend resize viewreset", this._update, this);
  },

  _update() {
    if (!wcsOfMap(this._map)) {
      return; // no image yet
    }
    const bars = barsOf(this._map, this.options).filter(({ length }) => Number.isFinite(length));
    this._element.replaceChildren(...bars.map(({ length, perPixel, text }) => {
      const bar = L.DomUtil.create("div", `${this.options.className}-bar`);
      bar.textContent = text;
      bar.style.width = `${Math.round(length / perPixel)}px`;
      return bar;
    }));
    this._element.setAttribute("aria-label", `Scale: ${bars.map(({ text }) => text).join(", ")}`);
  },
});

/** Return what each bar says, for a map at its centre. */
function barsOf(map, options) {
  const image = 1 / magnification(map);
  const degrees = degreesPerPixel(map);
  const metres = (degrees * Math.PI * options.planetRadius) / 180;
  const custom = (inPixels(map) ? image : degrees) * options.customScale;
  const rows = [
    [options.degrees, degrees, ANGLES],
    [options.pixels, image, PIXELS],
    [options.custom, custom, [[0, 1, ` ${options.customUnits}`]]],
    [options.metric, metres, METRES],
    [options.imperial, metres * FEET, FEETS],
  ];
  return rows.filter(([wanted]) => wanted).map(([, perPixel, units]) => ({
    perPixel, ...roundLength(perPixel * options.maxWidth, units),
  }));
}

export const scaleBar = (options) => new ScaleBar(options);
