// What lies over the image: catalogues, regions, profiles, each with a line in a list.

import { button, make, refill } from "./dom.js";

/**
 * @typedef {object} Overlay
 * @property {string} kind "catalog", "region" or "profile"
 * @property {string} key the same one is not loaded twice; also in the permalink
 * @property {string} title
 * @property {string} color
 * @property {object} layer of Leaflet
 * @property {() => void} [open] what its name does: go there, show its plot
 */

/** @param {() => object} map of the viewer; it may change @param {() => void} changed */
export function overlayList(map, changed) {
  const overlays = new Map();
  const nameOf = ({ kind, key }) => `${kind} ${key}`;
  const remove = (overlay) => {
    overlay.layer.remove();
    overlays.delete(nameOf(overlay));
    changed();
  };
  return {
    all: (kind) => [...overlays.values()].filter((overlay) => !kind || overlay.kind === kind),
    shown: (overlay) => map().hasLayer(overlay.layer),
    add(overlay) {
      overlays.get(nameOf(overlay))?.layer.remove();
      overlays.set(nameOf(overlay), overlay);
      overlay.layer.addTo(map());
      changed();
    },
    toggle(overlay, on) {
      on ? overlay.layer.addTo(map()) : overlay.layer.remove();
      changed();
    },
    remove,
    clear: () => [...overlays.values()].forEach(remove),
  };
}

/** Make the list of the overlays of a kind, with a box to hide each and a bin. */
export function overlayRows(viewer, kind, hint) {
  const list = make("ul", { class: "iip-list" });
  const show = () => {
    const rows = viewer.overlays.all(kind).map((overlay) => rowOf(viewer, overlay));
    refill(list, rows.length ? rows : [make("li", { class: "iip-hint", text: hint })]);
  };
  viewer.on("overlays", show);
  show();
  return { element: list, destroy: () => viewer.off("overlays", show) };
}

function rowOf(viewer, overlay) {
  const box = make("input", { type: "checkbox", class: "iip-check", "aria-label": `Show ${overlay.title}`,
    onchange: () => viewer.overlays.toggle(overlay, box.checked) });
  box.checked = viewer.overlays.shown(overlay);
  const dot = make("span", { class: "iip-dot", "aria-hidden": "true" });
  dot.style.backgroundColor = overlay.color;
  const name = overlay.open
    ? make("button", { type: "button", class: "iip-item-name", onclick: overlay.open }, dot, make("span", { text: overlay.title }))
    : make("span", { class: "iip-item-name" }, dot, make("span", { text: overlay.title }));
  return make("li", { class: "iip-item" }, box, name,
    button(`Remove ${overlay.title}`, () => viewer.overlays.remove(overlay), { icon: "bin", bare: true }));
}
