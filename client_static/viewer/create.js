// A whole viewer in an element of a page: any number of them, each with its own settings.

import L from "leaflet";

import { imageUrl } from "../src/core/iip.js";
import { queryToState } from "../src/core/state.js";
import { SYSTEMS } from "../src/core/systems.js";
import { CoordinateBox } from "../src/leaflet/coordinates.js";
import { lngLatOf } from "../src/leaflet/crsview.js";
import { FullScreen } from "../src/leaflet/fullscreen.js";
import { OverviewMap } from "../src/leaflet/overview.js";
import { resized } from "../src/leaflet/resized.js";
import { Reticle } from "../src/leaflet/reticle.js";
import { ScaleBar } from "../src/leaflet/scale.js";
import { IIPLayer } from "../src/leaflet/tilelayer.js";
import { catalogPanel } from "../src/ui/catalogs.js";
import { channelPanel } from "../src/ui/channels.js";
import { docsPanel } from "../src/ui/docs.js";
import { make } from "../src/ui/dom.js";
import { settingsOf } from "../src/ui/gallery.js";
import { headerPanel } from "../src/ui/header.js";
import { imagePanel } from "../src/ui/image.js";
import { profilePanel } from "../src/ui/profile.js";
import { readout } from "../src/ui/readout.js";
import { regionPanel } from "../src/ui/regions.js";
import { listenToKeys } from "../src/ui/shortcuts.js";
import { sidebar } from "../src/ui/sidebar.js";
import { snapshotPanel } from "../src/ui/snapshot.js";
import { makeViewer, unsnapped } from "../src/ui/viewer.js";
import { makeFrame } from "./frame.js";
import { giveLink, linkOf } from "./link.js";

export { queryToState };

const PANELS = {
  channels: channelPanel, image: imagePanel, catalogs: catalogPanel, regions: regionPanel,
  profile: profilePanel, snapshot: snapshotPanel, header: headerPanel, docs: docsPanel,
};
const ENDPOINT = "/fcgi-bin/iipsrv.fcgi";
const NARROW = 600; // CSS pixels below which a panel would hide a plot
const WIDE = 900; // CSS pixels from which a panel is open at first

/**
 * Fill an element with a viewer.
 *
 * @param {HTMLElement} element
 * @param {object} [config] as in config.json; docs/guide/client.md tells all of it
 * @param {object} [state] as queryToState gives it; above what the configuration says
 * @returns {{viewer: object, link(): string, show(image: object, state?: object): void, destroy(): void}}
 */
export function createViewer(element, config = {}, state = {}) {
  const place = make("div", { class: "iip-map", role: "application", "aria-label": labelOf(config, "Image") });
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(place, {
    zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still, zoomControl: false, attributionControl: false, wheelPxPerZoomLevel: 90,
    preferCanvas: true, boxZoom: true, keyboard: false, maxBoundsViscosity: 0, ...config.map, trackResize: false, // resized() does it
  });
  place.tabIndex = 0;
  const viewer = makeViewer({ root: element, map, config });
  const images = config.images ?? [];
  const app = { viewer, config, images, place, current: null, state, overview: null, controls: [] };
  app.show = (image, next = {}) => showImage(app, image, next);
  app.link = () => linkOf(app);
  app.urlOf = (image) => imageUrl(image.endpoint ?? config.endpoint ?? ENDPOINT, image.name);
  const box = addControls(app);
  const readings = readout(viewer);
  const frame = makeFrame(app, { place, readings, box });
  app.frame = frame;
  const names = config.panels ?? Object.keys(PANELS);
  const panels = names.filter((name) => name in PANELS).map((name) => PANELS[name](viewer));
  const bar = sidebar(panels, levelOf(config) + 1);
  frame.side.append(bar.element);
  const quiet = listenToKeys(viewer);
  const watch = new ResizeObserver(() => resized(map));
  watch.observe(place);
  viewer.on("plot", () => element.clientWidth < NARROW && bar.opened() && bar.close());
  if (element.clientWidth >= WIDE && config.open !== "") {
    bar.open(config.open ?? panels[0]?.id ?? "");
  }
  openFirst(app);
  return {
    viewer, show: app.show, link: app.link,
    destroy() {
      watch.disconnect();
      app.opening?.destroy();
      quiet();
      readings.destroy();
      panels.forEach((panel) => panel.destroy());
      frame.destroy();
      [...app.controls, app.overview].forEach((control) => control?.remove());
      map.remove();
      element.replaceChildren();
    },
  };
}

const levelOf = ({ headingLevel = 1 }) => headingLevel;

const labelOf = ({ mapLabel }, title) => (
  mapLabel ?? `${title}: arrow keys move it, plus and minus zoom, question mark lists all keys`
);

function addControls(app) {
  const { viewer, config } = app;
  const { map } = viewer;
  const wanted = (name) => config[name] !== false;
  const options = (name) => (typeof config[name] === "object" ? config[name] : {});
  const add = (control) => app.controls.push(control.addTo(map));
  add(L.control.zoom({ position: "topleft", zoomInTitle: "Zoom in", zoomOutTitle: "Zoom out" }));
  const full = new FullScreen({ element: viewer.root });
  add(full);
  viewer.actions.fullscreen = () => full.toggle();
  const box = new CoordinateBox({
    systems: config.systems ?? SYSTEMS, link: app.link, ...(config.resolver !== undefined && { resolver: config.resolver }),
    ...options("coordinates"),
  });
  if (wanted("coordinates")) {
    add(box);
    viewer.system = () => box.system();
    viewer.actions.locate = () => box.focus();
  }
  map.on("systemchange", ({ system }) => viewer.grid.setOptions({ celsys: system.celsys === "pixel" ? "native" : system.celsys, decimal: system.units !== "HMS" }));
  map.on("link", ({ link }) => giveLink(app, link));
  for (const [name, Control] of [["reticle", Reticle], ["scale", ScaleBar]]) {
    if (wanted(name)) {
      add(new Control(options(name)));
    }
  }
  return box;
}

/** The image of the address, else the first of the configuration. */
function openFirst(app) {
  const { images, state, viewer } = app;
  const named = images.find(({ name }) => name === state.image);
  const first = state.image ? named ?? { name: state.image } : images[0];
  if (first) {
    app.show(first, state);
  } else {
    viewer.complain("No image is named. Put ?FIF=name after the address of this page, or list images in config.json.", { key: "image" });
  }
}

function showImage(app, image, state) {
  const { viewer, config } = app;
  app.opening?.destroy();
  viewer.clear("image");
  viewer.announce(`Opening ${image.title ?? image.name}.`);
  app.frame.busy(true);
  const layer = new IIPLayer(app.urlOf(image), {
    title: image.title ?? "", nativeCelsys: image.nativeCelsys ?? config.nativeCelsys ?? false,
    settings: settingsOf(config, image), info: app.frame.infoOf(image), center: state.center ?? image.center ?? null,
    fov: state.fov ?? image.fov ?? null, ...image.options,
  });
  app.opening = layer;
  layer.on("trouble", ({ message }) => viewer.complain(message, { key: "connection" }));
  layer.on("recovered", () => viewer.clear("connection"));
  layer.on("tileerror", ({ error }) => viewer.complain(`Parts of the image are missing. ${error?.message ?? ""} Reload the page to ask again.`, { key: "tiles" }));
  layer.on("loading", () => app.frame.busy(true)).on("load", () => app.frame.busy(false));
  layer.on("metaerror", ({ error }) => {
    app.frame.busy(false);
    viewer.complain(`The image “${image.name}” cannot be shown. ${error.message} ${advice(app)}`, { key: "image" });
  });
  if (layer.info) {
    tryEnter(app, image, layer, state);
  } else {
    layer.once("metaload", () => tryEnter(app, image, layer, state));
  }
}

function tryEnter(app, image, layer, state) {
  try {
    enter(app, image, layer, state);
  } catch (error) { // whatever it is: a reader sees the words, the console has the place
    app.frame.busy(false);
    app.viewer.complain(`The image “${image.name}” cannot be shown. ${error.message}`, { key: "image" });
    console.error(error);
  }
}

const advice = ({ images }) => (images.length > 1 ? "Choose another image above, or check the name in the address."
  : "Check the name in the address (?FIF=name), and the endpoint in config.json.");

/** Put an image that the server has told of in the place of the one before. */
function enter(app, image, layer, state) {
  const { viewer } = app;
  const { map } = viewer;
  const centred = Boolean(state.center || state.fov || image.center || image.fov);
  const kept = !centred && viewer.layer && sameSky(viewer, layer);
  if (!kept) {
    viewer.overlays.clear();
    map.options.crs = L.CRS.Simple; // so that the view of the last image is not carried over
  }
  const before = viewer.layer;
  [app.opening, app.current] = [null, image];
  unsnapped(map, () => layer.addTo(map)); // a link may come from a view between two levels
  settle(map);
  before?.destroy();
  if (!kept && !centred) {
    viewer.home();
  }
  viewer.state = state;
  viewer.setLayer(layer, state.settings);
  changeOverview(app, layer);
  map.fire("crschange");
  app.place.setAttribute("aria-label", labelOf(app.config, app.frame.named(image, layer)));
  if (layer.wcs.note && layer.wcs.celsys === "pixel") {
    viewer.tell(layer.wcs.note, { key: "wcs" });
  }
  restore(app, state);
}

/** A field of view has few digits: its zoom is next to a level, not at it. */
function settle(map) {
  const level = Math.round(map.getZoom());
  if (Math.abs(level - map.getZoom()) < 0.001) {
    map.setView(map.getCenter(), level, { animate: false, reset: true });
  }
}

/** Whether another image shows the place that is looked at, so that the view can stay. */
function sameSky({ map, layer }, next) {
  const centre = lngLatOf(map, map.getCenter());
  const pixel = layer.wcs.celsys === next.wcs.celsys && centre && next.wcs.pixelOf(centre);
  return Boolean(pixel && layer.wcs.celsys !== "pixel"
    && pixel.every((value, axis) => value > 0 && value <= next.info.size[axis]));
}

function changeOverview(app, layer) {
  const { viewer, config } = app;
  if (config.overview === false) {
    return;
  }
  const small = new IIPLayer(layer.url, { info: layer.info, settings: layer.settings, detectRetina: false, minZoom: -20,
    nativeCelsys: layer.options.nativeCelsys });
  layer.on("settings", () => small.setSettings(layer.settings));
  if (app.overview) {
    app.overview.changeLayer(small);
  } else {
    app.overview = new OverviewMap(small, { minimized: viewer.root.clientWidth < 600, ...config.overview });
    app.overview.addTo(viewer.map);
  }
}

/** Bring back what a link says of overlays. */
function restore(app, { catalogs = [], regions = [], grid, celsys }) {
  const { viewer } = app;
  if (grid ?? (app.config.grid?.shown && !viewer.map.hasLayer(viewer.grid))) {
    viewer.toggleGrid(true);
  }
  if (celsys) {
    app.frame.box.choose(celsys);
  }
  regions.forEach((name) => viewer.actions.region?.(name));
  if (catalogs.length) { // whoever opens a link has not asked for them: a press does
    viewer.complain(`This link shows ${catalogs.join(", ")} over the image.`, { key: "catalogs",
      action: { label: "Ask for them", press: () => catalogs.forEach((key) => viewer.actions.catalog?.(key)) } });
  }
}
