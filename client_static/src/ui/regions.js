// The panel of regions: files of the configuration, or of the reader's own disk.

import * as csv from "../core/regions/csv.js";
import * as ds9 from "../core/regions/ds9.js";
import * as geojson from "../core/regions/geojson.js";
import * as votable from "../core/regions/votable.js";
import { drawFeatures } from "../leaflet/features.js";
import { colorInput, hexOfName } from "./color.js";
import { button, field, group, make, menu } from "./dom.js";
import { overlayRows } from "./overlays.js";
import { sanitize } from "./sanitize.js";
import { awaitsImage } from "./viewer.js";

const READERS = [ // suffix, how the text begins, reader
  [/\.(?:geojson|json)$/i, /^\s*\{/, geojson],
  [/\.(?:vot|votable|xml)$/i, /^\s*</, votable],
  [/\.reg$/i, /^\s*(?:#\s*Region file|global |fk5|icrs|image|galactic)/i, ds9],
  [/\.(?:csv|tsv|txt|cat)$/i, /./, csv],
];
const WIDEST = 20; // CSS pixels of a line, whatever a file says

/**
 * Read a file of regions: what it is, its suffix says, else how it begins.
 *
 * @throws {Error} if it is none of them
 */
export function parseRegions(name, text) {
  const reader = READERS.find(([suffix]) => suffix.test(name)) ?? READERS.find(([, start]) => start.test(text));
  if (!reader) {
    throw new Error("it is empty");
  }
  return reader[2].parse(text);
}

/** @param {import("./viewer.js").Viewer} viewer @returns {import("./sidebar.js").Panel} */
export function regionPanel(viewer) {
  const entries = viewer.config.regions ?? [];
  const colourOf = ({ color = "#56b4e9" } = {}) => hexOfName(color);
  const colour = colorInput({ label: "Colour", value: colourOf(entries[0]), change: () => {} });
  const choice = menu(entries.map(({ name, url }, index) => ({ value: String(index), label: name ?? url })), "0",
    (index) => colour.set(colourOf(entries[index])));
  const load = (entry) => loadRegions(viewer, { color: colour.get(), ...entry });
  const file = make("input", { type: "file", class: "iip-offscreen", tabindex: "-1", multiple: true,
    "aria-label": "Region files", accept: ".geojson,.json,.reg,.csv,.tsv,.txt,.cat,.vot,.votable,.xml" });
  file.addEventListener("change", async () => {
    await Promise.all([...file.files].map((part) => load({ name: part.name, file: part })));
    file.value = "";
  });
  const rows = overlayRows(viewer, "region", "No regions are shown.");
  const restart = () => entries.filter((entry) => entry.load && !viewer.state?.regions).forEach(load);
  const named = (name) => entries.filter((entry) => (entry.name ?? entry.url) === name).forEach(load);
  viewer.actions.region = named;
  viewer.on("layer", restart);
  return {
    id: "region", title: "Region overlays", short: "Regions", icon: "region",
    element: awaitsImage(viewer, make("div", { class: "iip-part" }, colour.element,
      entries.length > 0 && field("Regions", choice),
      make("div", { class: "iip-row" },
        entries.length > 0 && button("Show", () => load({ ...entries[choice.value], color: colour.get() }), { class: "iip-main" }),
        button("Open a file…", () => file.click(), { icon: "region" }), file),
      make("p", { class: "iip-hint", text: "GeoJSON, DS9 regions, CSV and VOTable. Files stay on this machine." }),
      group("On the map", rows.element))),
    destroy() {
      rows.destroy();
      viewer.off("layer", restart);
    },
  };
}

/**
 * Load regions and show them.
 *
 * @param {import("./viewer.js").Viewer} viewer
 * @param {{name?: string, url?: string, file?: File, color: string, label?: string|boolean, style?: object,
 *     drawPoint?: function}} entry `label`: the property that is written beside each
 */
export async function loadRegions(viewer, entry) {
  const name = entry.name ?? entry.url;
  viewer.announce(`Loading ${name}.`);
  try {
    const text = entry.file ? await entry.file.text() : await textOf(entry.url);
    const collection = parseRegions(entry.file?.name ?? entry.url, text);
    const { layer, drawn, left } = drawFeatures(viewer.map, collection, {
      color: entry.color, popup: popupOf, label: labelled(entry.label), drawPoint: entry.drawPoint, celsys: entry.celsys,
      style: (feature) => ({ ...ownStyle(feature.properties), ...entry.style }),
    });
    viewer.overlays.add({ kind: "region", key: name, title: `${name} (${drawn})`, color: entry.color, layer, entry });
    viewer.announce(`${drawn} regions of ${name} are shown.`);
    const lost = left + (collection.skipped ?? 0);
    if (lost) {
      viewer.complain(`${lost} of the ${lost + drawn} regions of ${name} have no usable coordinates and are left out.`);
    }
  } catch (error) {
    viewer.complain(`The regions of ${name} cannot be shown: ${error.message}. Check the file, or choose another.`);
  }
}

async function textOf(url) {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`the server answers ${response.status}`);
  }
  return response.text();
}

/** What a feature says of its own look: ds9's colour and width, where the page has not chosen one. */
function ownStyle({ color, linewidth } = {}) {
  const weight = Math.min(Number(linewidth), WIDEST);
  return { ...(/^(?:#[0-9a-f]{3,8}|[a-z]+)$/i.test(color ?? "") && { color }), ...(weight > 0 && { weight }) };
}

const labelled = (label) => label && ((feature) => feature.properties[label === true ? "label" : label]);

function popupOf({ properties }) {
  const text = properties.label ?? properties.name;
  if (!properties.description && !text) {
    return null;
  }
  const element = make("div", { class: "iip-description" });
  element.append(properties.description ? sanitize(properties.description) : String(text));
  return element;
}
