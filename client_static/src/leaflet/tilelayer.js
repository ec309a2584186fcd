// The tiles of an image: a Leaflet layer that knows what its server told, and waits for it.

import L from "leaflet";

import {
  changed, defaultSettings, endpointOf, gridSize, openingUrl, parseInfo, tileQuery, tileSize,
} from "../core/iip.js";
import { askText, makePatience } from "../core/patience.js";
import { wcsOf } from "../core/wcs/index.js";
import { wcsCrs } from "./crs.js";
import { loadPicture } from "./picture.js";
import { successors } from "./successors.js";
import { showImage } from "./view.js";

const CLOSER = 6; // how many times the last level may be doubled
const OVERLAP = 1; // pixel of the screen between levels: tiles end within one, and leave a seam
const SMALLEST = 240; // pixels: an image may be shrunk to this

/**
 * A layer of tiles.  `url` holds the name of the image (`…?FIF=name`); what follows is left out.
 *
 * Properties, from 'metaload' on: `info`, `settings`, `wcs`, `crs`.  Events besides Leaflet's:
 * 'metaload'; 'metaerror' {error}: the image cannot be shown; 'settings' {changes};
 * 'trouble' {message}: answers do not come, and are asked for again; 'recovered'.
 */
export const IIPLayer = L.TileLayer.extend({
  includes: successors,

  options: {
    // @option title: String = ''; without it, the name of the image without folder and suffix
    title: "",
    // @option info: Info = null; what the server told of the image, if that is known already
    info: null,
    // @option settings: Object = {}; how it is shown at first, above the defaults
    settings: {},
    // @option nativeCelsys: Boolean = false; whether positions are those of the header's system
    nativeCelsys: false,
    // @option center: String|LngLat = null; what is in the middle at first; null: its centre
    center: null,
    // @option fov: Number = null; degrees across the diagonal of the map; null: all of the image
    fov: null,
    // @option detectRetina: Boolean = true; whether fine screens get a level more
    detectRetina: true,
    // @option credentials: Boolean = false; whether questions to other servers carry cookies
    credentials: false,
    minZoom: undefined,
    maxZoom: undefined,
    keepBuffer: 1,
    noWrap: true,
  },

  initialize(url, options) {
    this.url = endpointOf(url);
    L.Util.setOptions(this, options);
    this.title = this.options.title || titleOf(this.url);
    this._loads = new Map(); // element → what cancels it
    this._urls = new WeakMap(); // element → the address it shows, or waits for
    this._patience = makePatience({
      trouble: (message) => this.fire("trouble", { message }),
      recovered: () => this.fire("recovered"),
    });
    if (this.options.info) {
      this._know(this.options.info);
    } else {
      this._open();
    }
  },

  /** Change how the image is shown; each tile stays until its successor is there. */
  setSettings(changes) {
    this.settings = changed(this.settings, changes);
    this.fire("settings", { changes });
    return this.redraw();
  },

  redraw() {
    this._query = tileQuery(this.info, this.settings);
    if (this._map && this._visible && this._tileZoom !== undefined) {
      this._replaceTiles();
    }
    return this;
  },

  getTileUrl({ x, y, z }) {
    return `${this.url}${this._query}${z},${x + y * gridSize(this.info, z)[0]}`;
  },

  // ---- what the server tells

  async _open() {
    this._asking = new AbortController();
    const { signal } = this._asking;
    const { credentials } = this.options;
    let info;
    try {
      const options = { patience: this._patience, signal, credentials };
      info = parseInfo(await askText(openingUrl(this.url), options));
    } catch (error) {
      if (!signal.aborted) {
        this.fire("metaerror", { error });
      }
      return;
    }
    this._know(info);
    this.fire("metaload");
  },

  _know(info) {
    const { options } = this;
    this.info = info;
    this.settings = defaultSettings(info, options.settings);
    this.wcs = wcsOf(info.header, info.size, { native: options.nativeCelsys });
    this.crs = wcsCrs(this.wcs, info.size, info.levels);
    this._query = tileQuery(info, this.settings);
    options.tileSize = L.point(info.tile);
    options.maxNativeZoom = info.levels - 1;
    options.maxZoom ??= options.maxNativeZoom + CLOSER;
    const smallest = Math.max(...info.size) / 2 ** options.maxNativeZoom;
    options.minZoom ??= Math.min(0, Math.floor(Math.log2(SMALLEST / smallest)));
  },

  // ---- being on a map

  beforeAdd(map) {
    if (this.info) {
      this._enter(map);
    } else {
      this.once("metaload", () => map.hasLayer(this) && this._enter(map));
    }
  },

  _enter(map) {
    L.TileLayer.prototype.beforeAdd.call(this, map);
    showImage(map, this);
    if (this._map) {
      this._resetView();
    }
  },

  onAdd(map) {
    L.TileLayer.prototype.onAdd.call(this, map);
    this._hurry = () => this._patience.hurry();
    L.DomEvent.on(window, "online", this._hurry);
  },

  onRemove(map) {
    L.DomEvent.off(window, "online", this._hurry);
    L.TileLayer.prototype.onRemove.call(this, map);
  },

  /** Stop asking about the image: for a layer that is not wanted any more. */
  destroy() {
    this._asking?.abort();
    return this.remove();
  },

  // ---- tiles; zooms of tiles are levels of the pyramid

  _clampZoom(zoom) {
    const fine = this.options.detectRetina && window.devicePixelRatio >= 1.5;
    const level = Math.round(zoom) + (fine ? 1 : 0);
    return Math.min(Math.max(0, level), this.options.maxNativeZoom);
  },

  _setView(...view) {
    if (this.info) {
      L.TileLayer.prototype._setView.apply(this, view);
    }
  },

  _setZoomTransform(level, center, zoom) {
    L.TileLayer.prototype._setZoomTransform.call(this, level, center, zoom);
    const scale = this._map.getZoomScale(zoom, level.zoom);
    level.el.style.imageRendering = scale > 1 ? "pixelated" : "";
    const whole = Number.isInteger(Math.log2(scale));
    level.el.style.setProperty("--iip-overlap", whole ? "0px" : `${OVERLAP / scale}px`);
  },

  _isValidTile({ x, y, z }) {
    const [columns, rows] = gridSize(this.info, z);
    return x >= 0 && y >= 0 && x < columns && y < rows;
  },

  createTile(coords, done) {
    const tile = this._picture(coords);
    this._load(tile, coords, (error) => done(error, tile));
    return tile;
  },

  _initTile(tile) {
    const { width, height } = tile; // smaller at the edges than Leaflet thinks
    L.TileLayer.prototype._initTile.call(this, tile);
    tile.style.width = `calc(${width}px + var(--iip-overlap, 0px))`;
    tile.style.height = `calc(${height}px + var(--iip-overlap, 0px))`;
  },

  _picture(coords) {
    const tile = document.createElement("img");
    tile.alt = "";
    if (this.options.crossOrigin) {
      tile.crossOrigin = this.options.crossOrigin === true ? "" : this.options.crossOrigin;
    }
    [tile.width, tile.height] = tileSize(this.info, coords);
    return tile;
  },

  _load(tile, coords, done) {
    const url = this.getTileUrl(coords);
    this._urls.set(tile, url);
    this._loads.set(tile, loadPicture(tile, url, this._patience, (error) => {
      this._loads.delete(tile);
      done(error);
    }));
  },

  _cancel(tile) {
    this._loads.get(tile)?.();
    this._loads.delete(tile);
  },

  _update(center) {
    L.TileLayer.prototype._update.call(this, center);
    if (this._map && this._tileZoom !== undefined) {
      const bounds = this._getTiledPixelBounds(center ?? this._map.getCenter());
      this._visible = this._pxBoundsToTileRange(bounds);
      this._leaveQueue();
      this._replaceTiles();
    }
  },

  /** Give up what is not there yet and has left the view. */
  _leaveQueue() {
    for (const [key, tile] of Object.entries(this._tiles)) {
      const seen = tile.coords.z === this._tileZoom && this._visible.contains(tile.coords);
      if (!seen && !tile.loaded) {
        this._abortTile(key);
      } else if (!seen) {
        this._dropSuccessor(tile);
      }
    }
  },

  _abortLoading() {
    for (const [key, tile] of Object.entries(this._tiles)) {
      if (!tile.loaded && tile.coords.z !== this._tileZoom) {
        this._abortTile(key);
      }
    }
  },

  _abortTile(key) {
    const { el, coords } = this._tiles[key];
    this._cancel(el);
    el.remove();
    delete this._tiles[key];
    this.fire("tileabort", { tile: el, coords });
  },

  _removeTile(key) {
    const tile = this._tiles[key];
    if (tile) {
      this._cancel(tile.el);
      this._dropSuccessor(tile);
      L.GridLayer.prototype._removeTile.call(this, key);
    }
  },
});

/** Return the name of an image without folder and suffix. */
function titleOf(url) {
  const name = new URLSearchParams(url.replace(/^[^?]*/, "")).get("FIF") ?? "";
  return name.replace(/^.*\//, "").replace(/\.[^.]*$/, "") || name;
}
