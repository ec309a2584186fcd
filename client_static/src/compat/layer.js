// L.TileLayer.IIP: our layer under the names of VisiOmatic 2.
//
// Its state lies in plain fields that pages change (iipContrast, iipMinValue[1], iipMix[0][2]…)
// before they call redraw(); our panels change `settings`.  Each follows the other: redraw() reads
// the fields, setSettings() writes them.

import L from "leaflet";

import { changed, defaultSettings, gridSize, levelSize, PLAIN } from "../core/iip.js";
import { mixOf, PALETTES } from "../core/mix.js";
import { parseResolved, resolverUrl } from "../core/resolver.js";
import { convert, parsePosition } from "../core/units.js";
import { IIPLayer } from "../leaflet/tilelayer.js";
import { CRSWCS } from "./crs.js";
import { rgb, RGB } from "./rgb.js";

const FIELDS = [ // field, setting
  ["iipMode", "mode"], ["iipChannel", "channel"], ["iipCMap", "colormap"],
  ["iipInvertCMap", "inverted"], ["iipContrast", "contrast"], ["iipColorSat", "saturation"],
  ["iipGamma", "gamma"], ["iipQuality", "quality"],
];
const SESAME_FORM = "/-oI/A?"; // lines with "%", from all its databases
const MIXED = ["colors", "gamma", "saturation"]; // what the matrix follows from
const CLOSER = 6; // levels beyond the last one for which grid sizes are told

export const TileLayerIIP = IIPLayer.extend({
  options: {
    // @option crs: L.CRS = null; overrides what the header says
    crs: null,
    // @option contrast, colorSat, gamma, quality: Number
    contrast: PLAIN.contrast,
    colorSat: PLAIN.saturation,
    gamma: PLAIN.gamma,
    quality: PLAIN.quality,
    // @option cMap: String = "grey"; "jet", "cold", "hot"
    cMap: PLAIN.colormap,
    invertCMap: PLAIN.inverted,
    // @option mixingMode: String = "color"; "mono"
    mixingMode: PLAIN.mode,
    // @option channelColors: [[r, g, b]…] = built-in ones
    channelColors: [],
    // @option channelLabels, channelUnits: [String]
    channelLabels: [],
    channelUnits: [],
    // @option channelLabelMatch: String = ".*"; which channels have a colour
    channelLabelMatch: ".*",
    // @option minMaxValues: [[low, high]…] = those of the server
    minMaxValues: [],
    // @option defaultChannel: Number = 0
    defaultChannel: PLAIN.channel,
    // @option minZoom: Number = 0; the smallest level
    minZoom: 0,
    // @option sesameURL: String; the resolver of a name in `center`
    sesameURL: "https://cdsweb.u-strasbg.fr/cgi-bin/nph-sesame",
  },

  initialize(url, options = {}) {
    const center = decoded(options.center || null);
    this.iipdefault = freshDefaults();
    const name = typeof center === "string" && /\p{L}/u.test(center) && !parsePosition(center);
    this._wanted = name ? center : "";
    this._center = name ? null : center;
    IIPLayer.prototype.initialize.call(this, url, {
      ...options,
      cMap: options.cMap ?? options.cmap ?? PLAIN.colormap,
      center: null, // found out when the header is known
      fov: options.fov || null,
    });
    this.type = "tilelayer";
    this._url = this.url;
    this._title = this.title;
    this.on("metaload", () => this._resolve());
    this.on("metaerror", ({ error }) => this._map?.fire("trouble", { message: error.message }));
  },

  /** Ask the server about the image (again). */
  getIIPMetaData(url = this.url) {
    this._url = this.url = url.replace(/&.*$/s, "");
    return this._open();
  },

  _know(info) {
    const { options } = this;
    const told = Object.freeze({
      ...info,
      labels: info.labels.map((label, channel) => options.channelLabels[channel] ?? label),
      units: info.units.map((unit, channel) => options.channelUnits[channel] ?? unit),
    });
    options.settings = settingsOf(options);
    IIPLayer.prototype._know.call(this, told);
    this.settings = defaultSettings(told, options.settings);
    this.crs = options.crs ?? new CRSWCS(info.header, {
      nativeCelsys: options.nativeCelsys, nzoom: info.levels, tileSize: info.tile, naxis: info.size,
    });
    this.wcs = this.crs;
    this._setFacts(told);
    this._setFields(this.settings);
    this._mixAll();
    this.settings = this._settingsOfFields();
    this.iipMetaReady = true;
    IIPLayer.prototype.redraw.call(this);
  },

  _enter(map) {
    const center = this._center;
    const own = typeof center === "string" ? this.crs.parseCoords(center) : L.latLng(center);
    const maps = map.options.center && L.latLng(map.options.center);
    const place = own ?? maps ?? placeInside(this.crs, this.info);
    this.options.center = place && [place.lng, place.lat];
    IIPLayer.prototype._enter.call(this, map);
  },

  /** A name in `center` is looked up, as the page's author wants it. */
  async _resolve() {
    const name = this._wanted;
    if (!name || this.crs.pixelFlag) {
      return;
    }
    try {
      const answer = await fetch(resolverUrl(`${this.options.sesameURL}${SESAME_FORM}`, name));
      const found = answer.ok ? parseResolved(await answer.text()) : null;
      const place = found && convert(found, "equatorial", this.crs.celsys);
      if (place && this._map) {
        const latLng = L.latLng(place[1], place[0]);
        const zoom = this.options.fov
          ? this.crs.fovToZoom(this._map, this.options.fov, latLng)
          : this._map.getZoom();
        this._map.setView(latLng, zoom, { animate: false });
      } else if (!place) {
        this._complain(`No place is known for “${name}”: the image is shown from its own centre.`);
      }
    } catch (error) {
      this._complain(`The place of “${name}” cannot be asked for (${error.message}).`);
    }
  },

  _complain(message) {
    this._map?.fire("trouble", { message, key: "center" });
  },

  // ---- fields and settings

  _setFacts(info) {
    const levels = Array.from({ length: info.levels }, (_, level) => level);
    const pair = ([x, y]) => ({ x, y });
    this.iipTileSize = pair(info.tile);
    this.iipImageSize = levels.map((level) => pair(levelSize(info, level)));
    this.iipGridSize = [...levels, ...Array(CLOSER).fill(info.levels - 1)]
      .map((level) => pair(gridSize(info, level)));
    this.iipBPP = info.bits;
    this.iipNChannel = info.channels;
    this.iipMinZoom = this.options.minZoom;
    this.iipMaxZoom = info.levels - 1;
    this.iipChannelLabels = [...info.labels];
    this.iipChannelUnits = [...info.units];
    const match = new RegExp(this.options.channelLabelMatch);
    this.iipChannelFlags = info.labels.map((label) => match.test(label));
    this.iipdefault.minValue = info.cuts.map(([low]) => low);
    this.iipdefault.maxValue = info.cuts.map(([, high]) => high);
  },

  _setFields(settings) {
    for (const [field, setting] of FIELDS) {
      this[field] = settings[setting];
    }
    this.iipMinValue = settings.cuts.map(([low]) => low);
    this.iipMaxValue = settings.cuts.map(([, high]) => high);
    this.iipRGB = settings.colors.map((color) => rgb(color ?? [0, 0, 0]));
  },

  _mixAll() {
    const colors = this.iipRGB.map(({ r, g, b }) => [r, g, b]);
    const [red, green, blue] = mixOf(
      { mode: "color", colors, gamma: this.iipGamma, saturation: this.iipColorSat },
      this.iipNChannel,
    );
    this.iipMix = red.map((part, channel) => [part, green[channel], blue[channel]]);
  },

  _settingsOfFields() {
    const settings = Object.fromEntries(FIELDS.map(([field, setting]) => [setting, this[field]]));
    return Object.freeze({
      ...settings,
      cuts: this.iipMinValue.map((low, channel) => [low, this.iipMaxValue[channel]]),
      colors: this.iipRGB.map((one) => (one?.isOn() ? [one.r, one.g, one.b] : null)),
      mix: this.iipMix.map((row) => [...row]),
    });
  },

  setSettings(changes) {
    this._setFields(changed(this.settings, changes));
    if (MIXED.some((name) => name in changes)) {
      this._mixAll();
    }
    return this.redraw();
  },

  /** Show the image as the fields say. */
  redraw() {
    if (!this.iipMetaReady) {
      return this;
    }
    const before = JSON.stringify(this.settings);
    this.settings = this._settingsOfFields();
    IIPLayer.prototype.redraw.call(this);
    if (JSON.stringify(this.settings) !== before) {
      this.fire("settings", { changes: this.settings });
    }
    return this;
  },

  /** Give a channel a colour, and mix it in; without one, mix the one it has. */
  rgbToMix(channel, color) {
    if (color) {
      this.iipRGB[channel] = color.clone();
    }
    const kept = this.iipMix;
    this._mixAll();
    this.iipMix = kept.map((row, index) => (index === channel ? this.iipMix[channel] : row));
  },

  updateMono() {
    this.iipMode = "mono";
  },

  updateMix() {
    this.iipMode = "color";
    this._mixAll();
  },
});

export const tileLayerIip = (url, options) => new TileLayerIIP(url, options);

/** A word of an address, as pages hand it on: "10:00:26.4%20+02:12:18", "150.1+%2B2.2". */
function decoded(text) {
  return typeof text === "string" && /%[0-9a-f]{2}/i.test(text)
    ? decodeURIComponent(text.replace(/\+(?=%2B|%2D|-)/gi, " "))
    : text;
}

function freshDefaults() {
  return {
    contrast: PLAIN.contrast, gamma: PLAIN.gamma, cMap: PLAIN.colormap, invertCMap: PLAIN.inverted,
    minValue: [], maxValue: [], quality: PLAIN.quality,
    channelColors: PALETTES.map((palette) => (palette.length ? [...palette] : [""])),
  };
}

/** The options of a page as settings; colours may be L.RGB. */
function settingsOf(options) {
  return {
    mode: options.mixingMode, channel: options.defaultChannel, colormap: options.cMap,
    inverted: options.invertCMap, contrast: options.contrast, saturation: options.colorSat,
    gamma: options.gamma, quality: options.quality, labelMatch: options.channelLabelMatch,
    cuts: options.minMaxValues,
    colors: Array.from(options.channelColors, (color) =>
      (color instanceof RGB ? [color.r, color.g, color.b] : color)),
  };
}

/** The reference point, where pages of VisiOmatic 2 begin, if it is on the image. */
function placeInside(crs, { size: [width, height] }) {
  const { reference, pixelOf } = crs.wcs ?? {};
  const pixel = reference && pixelOf(reference);
  const inside = pixel && pixel[0] > 0 && pixel[1] > 0 && pixel[0] <= width && pixel[1] <= height;
  return inside ? L.latLng(reference[1], reference[0]) : null;
}
