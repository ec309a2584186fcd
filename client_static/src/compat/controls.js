// The controls on the map under their old names, options and classes.

import L from "leaflet";

import { CoordinateBox } from "../leaflet/coordinates.js";
import { FullScreen } from "../leaflet/fullscreen.js";
import { OverviewMap } from "../leaflet/overview.js";
import { Reticle } from "../leaflet/reticle.js";
import { ScaleBar } from "../leaflet/scale.js";
import { make } from "../ui/dom.js";
import { viewerOf } from "./context.js";

const BOX = "leaflet-control-wcs";
const FAR = -20; // levels below the smallest: an overview may be tiny

/** L.Control.WCS: the coordinate box. */
export const ControlWCS = CoordinateBox.extend({
  options: {
    position: "bottomleft",
    // @option title: String
    title: "Position of the centre, or name of an object: type another to go there",
    // @option coordinates: [{label, units: "HMS" | "deg", nativeCelsys: Boolean}]
    coordinates: [{ label: "RA, Dec", units: "HMS", nativeCelsys: false }],
    // @option sesameURL: String
    sesameURL: "https://cdsweb.u-strasbg.fr/cgi-bin/nph-sesame",
  },

  initialize(options) {
    L.setOptions(this, options);
    const { coordinates, sesameURL, title } = this.options;
    L.setOptions(this, {
      resolver: sesameURL ? `${sesameURL}/-oI/A?` : "",
      placeholder: title,
    });
    this._coordinates = coordinates;
  },

  onAdd(map) {
    viewerOf(map);
    const form = CoordinateBox.prototype.onAdd.call(this, map);
    form.classList.add(`${BOX}-dialog`);
    this._menu.classList.add(`${BOX}-select`);
    this._menu.id ||= document.getElementById("leaflet-coord-select") ? "" : "leaflet-coord-select";
    this._input.classList.add(`${BOX}-input`);
    this._input.title = this.options.title;
    form.querySelector(`.${this.options.className}-copy`).classList.add(`${BOX}-clipboard`);
    this._wcsinput = this._input;
    return form;
  },

  /** The header's own system has its name only when the header is known. */
  _fill() {
    const own = this._map.options.crs.wcs?.own;
    this.options.systems = this._coordinates.map(({ label, units, nativeCelsys }) => (
      { label, units, celsys: nativeCelsys ? own : "equatorial" }
    ));
    CoordinateBox.prototype._fill.call(this);
  },

  /** Go to a position, or to an object by its name. */
  panTo(text) {
    this._input.value = text;
    this._input.form.requestSubmit();
  },
});

/** L.Control.Scale.WCS. */
export const ScaleWCS = ScaleBar.extend({
  onAdd(map) {
    const element = ScaleBar.prototype.onAdd.call(this, map);
    element.classList.add("leaflet-control-scale");
    return element;
  },
});

/** L.Control.ExtraMap: the overview. */
export const ExtraMap = OverviewMap.extend({
  options: {
    width: 150,
    height: 150,
    zoomLevelOffset: -5,
    zoomLevelFixed: false,
    // @option title: String
    title: "Overview: press or drag to go there",
    strings: { hideText: "Hide the overview", showText: "Show the overview" },
  },

  initialize(layer, options) {
    OverviewMap.prototype.initialize.call(this, layer, options);
    layer.options.minZoom = FAR;
    const fixed = this.options.zoomLevelFixed;
    L.setOptions(this, {
      zoomLevelFixed: typeof fixed === "number" ? fixed : null,
      strings: { ...ExtraMap.prototype.options.strings, ...options?.strings },
      aimingRectOptions: { color: "#ffffff", ...options?.aimingRectOptions },
    });
  },

  onAdd(map) {
    const element = OverviewMap.prototype.onAdd.call(this, map);
    element.classList.add("leaflet-control-extramap");
    element.title = this.options.title;
    this._button?.classList.add("leaflet-control-extramap-toggle-display");
    return element;
  },
});

/** L.Control.Reticle. */
export const ControlReticle = Reticle.extend({
  onAdd(map) {
    const place = Reticle.prototype.onAdd.call(this, map);
    this._cross.classList.add("leaflet-reticle");
    return place;
  },
});

/** L.Control.FullScreen: its button is in the bar of the zoom buttons, if there is one. */
export const ControlFullScreen = FullScreen.extend({
  options: {
    // @option forceSeparateButton: Boolean = false
    forceSeparateButton: false,
  },

  onAdd(map) {
    const bar = FullScreen.prototype.onAdd.call(this, map);
    this._button.classList.add("leaflet-control-zoom-fullscreen");
    const zoom = this.options.forceSeparateButton ? null : map.zoomControl?.getContainer();
    if (!zoom) {
      return bar;
    }
    zoom.append(this._button);
    return make("div", { class: "visiomatic-place" });
  },

  onRemove(map) {
    this._button.remove();
    FullScreen.prototype.onRemove.call(this, map);
  },
});

/** L.Control.Layers.IIP: Leaflet's list; files are not opened from here any more. */
export const LayersIIP = L.Control.Layers.extend({
  options: { title: "Layers", fileMenu: false },

  onAdd(map) {
    const element = L.Control.Layers.prototype.onAdd.call(this, map);
    if (this.options.fileMenu) {
      viewerOf(map).tell("Files are not converted from this menu any more: the server opens FITS"
        + " images by their names.", { key: "filemenu" });
    }
    return element;
  },
});
