// Buttons on the map, in the shape of Leaflet's own; they are real buttons.

import L from "leaflet";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make a button of a bar.
 *
 * @param {string} label
 * @param {string} path of its picture, on a square of 24
 * @param {string} name class
 * @param {() => void} press
 */
export function barButton(label, path, name, press) {
  const button = L.DomUtil.create("button", `iip-bar-button ${name}`);
  button.type = "button";
  button.append(picture(path));
  setLabel(button, label);
  L.DomEvent.disableClickPropagation(button);
  button.addEventListener("click", press);
  return button;
}

export function setLabel(button, label) {
  button.title = label;
  button.setAttribute("aria-label", label);
}

export function picture(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "iip-icon");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** Return the bar of the zoom buttons, if the map has one, else a bar of its own. */
export function barOf(map) {
  return map.zoomControl?.getContainer?.() ?? null;
}
