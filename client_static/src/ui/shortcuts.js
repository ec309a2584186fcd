// Keys: a table of what they do, and the card that shows it.

import { button, make } from "./dom.js";

/** @typedef {[keys: string[], text: string, run: (viewer: object) => void]} Shortcut */

const HELP = "?"; // works without an image
const PAN = 80; // CSS pixels

/** @type {readonly Shortcut[]} keys as KeyboardEvent.key has them; the map itself zooms */
export const SHORTCUTS = Object.freeze([
  [["+", "="], "Zoom in", (viewer) => viewer.map.zoomIn()],
  [["-"], "Zoom out", (viewer) => viewer.map.zoomOut()],
  [["ArrowLeft"], "Move left", (viewer) => pan(viewer, -1, 0)],
  [["ArrowRight"], "Move right", (viewer) => pan(viewer, 1, 0)],
  [["ArrowUp"], "Move up", (viewer) => pan(viewer, 0, -1)],
  [["ArrowDown"], "Move down", (viewer) => pan(viewer, 0, 1)],
  [["0"], "Show all of the image", (viewer) => viewer.home()],
  [["["], "Channel before", (viewer) => channel(viewer, -1)],
  [["]"], "Next channel", (viewer) => channel(viewer, 1)],
  [["i"], "Invert", (viewer) => viewer.setSettings({ inverted: !viewer.settings().inverted })],
  [["g"], "Grid of coordinates", (viewer) => viewer.toggleGrid()],
  [["c"], "Copy the position of the centre", (viewer) => viewer.copyPosition()],
  [["p"], "Start a profile, and end it", (viewer) => viewer.actions.profile?.()],
  [["s"], "Take a picture", (viewer) => viewer.actions.snapshot?.()],
  [["f"], "Full screen", (viewer) => viewer.actions.fullscreen?.()],
  [["/"], "Type a position or a name", (viewer) => viewer.actions.locate?.()],
  [["Enter"], "Open what is at the centre", (viewer) => viewer.openNearest()],
  [[HELP], "This card", (viewer) => viewer.actions.help?.()],
]);

function pan({ map }, across, down) {
  map.panBy([across * PAN, down * PAN]);
}

/** Move by a pixel of the image, whatever the zoom. */
function step({ map }, across, down) {
  const size = map.options.crs.scale(map.getZoom());
  const point = map.project(map.getCenter()).add([across * size, down * size]);
  map.setView(map.unproject(point), map.getZoom(), { reset: true });
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function channel(viewer, by) {
  const { info } = viewer.layer;
  const next = (viewer.settings().channel + by + info.channels) % info.channels;
  viewer.setSettings({ mode: "mono", channel: next });
  viewer.announce(`Channel ${info.labels[next]}`);
}

/**
 * Listen to the keys of a viewer.
 *
 * @param {import("./viewer.js").Viewer} viewer
 * @returns {() => void} stops it
 */
export function listenToKeys(viewer) {
  const heard = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || (!viewer.layer && event.key !== HELP)
      || isTaken(event, viewer)) {
      return;
    }
    const single = event.shiftKey && STEPS[event.key];
    const found = SHORTCUTS.find(([keys]) => keys.includes(event.key));
    if (single || found) {
      event.preventDefault();
      event.stopPropagation();
      single ? step(viewer, ...single) : found[2](viewer);
    }
  };
  viewer.root.addEventListener("keydown", heard);
  return () => viewer.root.removeEventListener("keydown", heard);
}

const TYPED = "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, dialog";
const MOVED = "[role=tablist], [type=radio], .iip-cards, .iip-panel-body";

/** Whether a key belongs to what has the focus: text that is typed, a menu, a button for Enter. */
function isTaken({ key, target }, viewer) {
  const onMap = target === viewer.map.getContainer();
  return target.closest?.(TYPED)
    || (key.startsWith("Arrow") && target.closest?.(MOVED))
    || (key === "Enter" && !onMap);
}

const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };

/** Make the card: a dialog of the page. */
export function helpCard() {
  const rows = [...SHORTCUTS, [["Shift + arrows"], "Move by one pixel of the image"], [["Esc"], "Close the panel, the card or the popup"]];
  const card = make("dialog", { class: "iip-dialog iip-help", "aria-label": "Keyboard shortcuts" },
    make("header", { class: "iip-panel-head" }, make("h2", { text: "Keyboard shortcuts" }),
      button("Close", () => card.close(), { icon: "close", bare: true })),
    make("dl", { class: "iip-keys" }, ...rows.flatMap(([keys, text]) => [
      make("dt", {}, ...keys.map((key) => make("kbd", { text: NAMES[key] ?? key }))), make("dd", { text }),
    ])));
  card.addEventListener("click", (event) => event.target === card && card.close());
  return card;
}
