// What panels and keys know of a viewer: its map and layer, settings, overlays and messages.

import { applied } from "../core/state.js";
import { positionText } from "../core/systems.js";
import { makePatience } from "../core/patience.js";
import { lngLatOf } from "../leaflet/crsview.js";
import { openNearest } from "../leaflet/features.js";
import { Grid } from "../leaflet/grid.js";
import { copyText, make } from "./dom.js";
import { messageArea } from "./messages.js";
import { overlayList } from "./overlays.js";

/**
 * @typedef {object} Viewer
 * @property {HTMLElement} root all of it: several may be in one page
 * @property {HTMLElement} dock where plots lie
 * @property {L.Map} map
 * @property {?object} layer the image that is shown; null until the server has told of it
 * @property {object[]} layers
 * @property {object} config
 * @property {object} overlays see overlays.js
 * @property {Object<string, Function>} actions what keys start, by name
 * @property {() => object} settings of the layer; null without one
 * @property {() => object} defaults of the layer
 * @property {(changes: object) => void} setSettings
 * @property {(text: string) => void} announce to readers of the screen
 * @property {(text: string) => void} tell news, for a while
 * @property {(text: string, options?: object) => void} complain until it is dismissed
 * @property {(name: string, heard: Function) => void} on "settings", "layer", "view", "overlays"
 * @property {(name: string, heard: Function) => void} off
 */

/**
 * Make the context of panels.
 *
 * @param {{root: HTMLElement, map: L.Map, config?: object, dock?: HTMLElement}} parts
 * @returns {Viewer}
 */
export function makeViewer({ root, map, config = {}, dock = make("div", { class: "iip-dock" }) }) {
  const messages = messageArea();
  const events = eventTable();
  const viewer = {
    root, dock, map, config, messages, actions: {}, layer: null, layers: [], shownDefaults: null,
    ...events,
    announce: messages.announce, tell: messages.tell, complain: messages.complain, clear: messages.clear,
    settings: () => viewer.layer?.settings ?? null,
    defaults: () => viewer.shownDefaults,
    setSettings: (changes) => viewer.layer?.setSettings(changes),
    toggleGrid: (on) => toggleGrid(viewer, on),
    copyPosition: () => copyPosition(viewer),
    openNearest: () => openNearest(map) || viewer.announce("Nothing to open at the centre."),
    home: () => home(viewer),
    setLayer: (layer, changes) => setLayer(viewer, layer, changes),
  };
  viewer.patience = makePatience({
    trouble: (message) => viewer.complain(message, { key: "connection" }),
    recovered: () => viewer.clear("connection"),
  });
  viewer.overlays = overlayList(() => map, () => events.fire("overlays"));
  viewer.grid = new Grid(config.grid);
  map.on("moveend zoomend resize", () => viewer.layer && events.fire("view"));
  map.whenReady(() => tellSize(viewer)).on("resize", () => tellSize(viewer));
  map.on("trouble", ({ message, key }) => viewer.complain(message, { key }));
  return viewer;
}

/**
 * Leave a panel without use until there is an image.
 *
 * @param {Viewer} viewer
 * @param {HTMLElement} element the body of the panel
 * @returns {HTMLElement} the same
 */
export function awaitsImage(viewer, element) {
  const ready = () => {
    element.inert = false;
    viewer.off("layer", ready);
  };
  element.inert = viewer.layer === null;
  viewer.on("layer", ready);
  return element;
}

/** Tell the style sheet how large the map is: it fits it to paper. */
function tellSize({ root, map }) {
  const { x, y } = map.getSize();
  root.style.setProperty("--iip-map-width", `${x}px`);
  root.style.setProperty("--iip-map-height", `${y}px`);
}

function eventTable() {
  const heard = new Map();
  return {
    on: (name, run) => heard.set(name, [...(heard.get(name) ?? []), run]),
    off: (name, run) => heard.set(name, (heard.get(name) ?? []).filter((one) => one !== run)),
    fire: (name, ...values) => (heard.get(name) ?? []).forEach((run) => run(...values)),
  };
}

/** Make a layer that is on the map, and knows its image, the one that panels are about. */
function setLayer(viewer, layer, changes = {}) {
  viewer.layer?.off("settings", viewer.heard);
  viewer.layer = layer;
  viewer.layers = [layer];
  viewer.shownDefaults = layer.settings;
  viewer.heard = () => viewer.fire("settings");
  layer.on("settings", viewer.heard);
  if (Object.keys(changes).length) {
    layer.setSettings(applied(layer.settings, changes));
  }
  viewer.fire("layer");
  viewer.fire("settings");
}

function toggleGrid({ map, grid, announce, fire }, on = !map.hasLayer(grid)) {
  on ? grid.addTo(map) : grid.remove();
  announce(on ? "The grid is shown." : "The grid is hidden.");
  fire("view");
}

async function copyPosition(viewer) {
  const { map, layer } = viewer;
  const centre = lngLatOf(map, map.getCenter());
  const text = centre && positionText(centre, layer.wcs, viewer.system?.() ?? { units: "HMS", celsys: "native" });
  if (text) {
    viewer.tell(await copyText(text) ? `Copied: ${text}` : `The browser does not let the page copy: ${text}`, { key: "copied" });
  }
}

/** Show all of the image, as large as it goes: between two levels, which other zooms are not. */
function home({ map }) {
  const { crs } = map.options;
  const [width, height] = crs.size;
  const { x, y } = map.getSize();
  const scale = Math.min(x / width, y / height);
  const zoom = scale < 1 ? crs.zoom(scale) : Math.floor(crs.zoom(scale)); // pixels stay square
  unsnapped(map, () => map.setView(
    crs.unproject({ x: width / 2, y: height / 2 }), Math.max(map.getMinZoom(), zoom), { animate: false, reset: true },
  ));
}

/** Run something while zooms may lie between levels. */
export function unsnapped(map, run) {
  const { zoomSnap } = map.options;
  map.options.zoomSnap = 0;
  run();
  map.options.zoomSnap = zoomSnap;
}
