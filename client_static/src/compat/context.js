// What the panels of one map share: made when the first of them comes.

import L from "leaflet";

import { copyText, make } from "../ui/dom.js";
import { makeViewer } from "../ui/viewer.js";

/**
 * Return the context of a map's panels (ui/viewer.js); it is kept with the map.
 *
 * @param {L.Map} map
 * @returns {import("../ui/viewer.js").Viewer}
 */
export function viewerOf(map) {
  map._visiomatic ??= makeContext(map);
  return map._visiomatic;
}

function makeContext(map) {
  const root = map.getContainer();
  const dock = make("div", { class: "iip-dock visiomatic-dock" });
  const viewer = makeViewer({ root, map, dock });
  const shield = make("div", { class: "visiomatic-messages" },
    viewer.messages.element, viewer.messages.live);
  for (const element of [dock, shield]) {
    L.DomEvent.disableClickPropagation(element);
    L.DomEvent.disableScrollPropagation(element);
    root.append(element);
  }
  map.on("layeradd", ({ layer }) => watch(viewer, layer));
  map.on("link", ({ link }) => giveLink(viewer, link));
  map.on("unload", () => { map._visiomatic = null; });
  map.eachLayer((layer) => watch(viewer, layer));
  return viewer;
}

/** Put a link into the address of the page, and on the clipboard if the browser lets us. */
async function giveLink(viewer, link) {
  window.history.pushState({}, "", link);
  const copied = await copyText(link);
  viewer.tell(`The link to this view is in the address of the page${copied ? ", and copied" : ""}.`,
    { key: "link" });
}

/** Panels are about the image that was put on the map last. */
function watch(viewer, layer) {
  if (!layer.iipdefault) {
    return;
  }
  const enter = () => {
    if (viewer.map.hasLayer(layer) && viewer.layer !== layer) {
      viewer.setLayer(layer);
      viewer.map.fire("crschange");
    }
  };
  layer.on("trouble", ({ message }) => viewer.complain(message, { key: "connection" }));
  layer.on("recovered", () => viewer.clear("connection"));
  layer.on("metaerror", ({ error }) => viewer.complain(
    `The image “${layer._title}” cannot be shown. ${error.message}`, { key: "image" },
  ));
  if (layer.iipMetaReady) {
    enter();
  } else {
    layer.once("metaload", enter);
  }
}

/** A context with a configuration of its own, for one panel. */
export const withConfig = (viewer, config) => Object.create(viewer, { config: { value: config } });
