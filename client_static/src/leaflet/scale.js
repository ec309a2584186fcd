// The scale bar: angles, pixels, lengths on a planet, or a unit of the page.

import L from "leaflet";
import { degreesPerPixel, inPixels, magnification } from "./crsview.js";

const FEET = 3.2808399; // to the metre

// What a bar may say: at least so many of the base unit, how many of them make one, unit.
const ANGLES = [[1, 1, "°"], [1 / 60, 1 / 60, "′"], [1 / 3600, 1 / 3600, "″"], [0, 1 / 3.6e6, " mas"]];
const PIXELS = [[1e6, 1e6, " Mpx"], [1e3, 1e3, " kpx"], [0, 1, " px"]];
const METRES = [[1000, 1000, " km"], [0, 1, " m"]];
const FEETS = [[5280, 5280, " mi"], [0, 1, " ft"]];

/**
 * Return the roundest length (1, 2, 3, 5 times a power of ten of a unit) below the longest.
 *
 * @param {number} longest in the base unit
 * @param {[number, number, string][]} units
 * @returns {{length: number, text: string}} length in the base unit
 */
export function roundLength(longest, units) {
  const [, size, unit] = units.find(([least]) => longest >= least) ?? units.at(-1);
  const power = 10 ** Math.floor(Math.log10(longest / size));
  const digit = [5, 3, 2, 1].find((step) => (longest / size) / power >= step) ?? 1;
  const count = Number((digit * power).toPrecision(2));
  return { length: count * size, text: `${count}${unit}` };
}

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
