// The panel of catalogues: the sources of the field, from a service that is asked on a press.

import { CATALOGS, catalogUrl, DEFAULT_KEYS, objectUrl, ownCatalog, parseCatalog, shapeOf } from "../core/catalogs.js";
import { convert } from "../core/units.js";
import { degreesPerPixel, inPixels, lngLatOf, wcsOfMap } from "../leaflet/crsview.js";
import { drawFeatures, drawSource } from "../leaflet/features.js";
import { askService } from "../leaflet/service.js";
import { colorInput, hexOfName } from "./color.js";
import { button, field, group, make, menu } from "./dom.js";
import { overlayRows } from "./overlays.js";
import { awaitsImage } from "./viewer.js";

const VIZIER = "https://vizier.unistra.fr/viz-bin";
const PATIENCE = 60_000; // ms

/** The catalogues of a configuration: keys of the table, or entries of its own. */
export function catalogsOf({ catalogs = DEFAULT_KEYS, vizier = VIZIER }) {
  const all = catalogs.map((entry) => (typeof entry === "string" ? CATALOGS[entry] : ownCatalog(entry)));
  return all.filter(Boolean).map((catalog) => ({ ...catalog, url: catalog.url.replace(VIZIER, vizier) }));
}

/** @param {import("./viewer.js").Viewer} viewer @returns {import("./sidebar.js").Panel} */
export function catalogPanel(viewer) {
  const catalogs = catalogsOf(viewer.config);
  const colour = colorInput({ label: "Colour", value: hexOfName(catalogs[0]?.color), change: () => {} });
  const choice = menu(catalogs.map(({ key, name }) => ({ value: key, label: name })), catalogs[0]?.key, (key) => show(key));
  const source = make("p", { class: "iip-hint" });
  const chosen = (key = choice.value) => catalogs.find((catalog) => catalog.key === key);
  const show = (key) => {
    const { color, attribution, service } = chosen(key) ?? {};
    colour.set(hexOfName(color));
    source.textContent = [attribution, service && `Asks ${service}.`].filter(Boolean).join(". ");
  };
  const go = button("Show", async () => {
    go.setAttribute("aria-busy", "true");
    await loadCatalog(viewer, { ...chosen(), color: colour.get() });
    go.removeAttribute("aria-busy");
  }, { class: "iip-main" });
  const rows = overlayRows(viewer, "catalog", "No catalogues are shown.");
  viewer.actions.catalog = (key) => chosen(key) && loadCatalog(viewer, { ...chosen(key), color: hexOfName(chosen(key).color) });
  if (catalogs.length) {
    show(choice.value);
  }
  return {
    id: "catalog", title: "Catalogue overlays", short: "Catalogues", icon: "catalog",
    element: awaitsImage(viewer, make("div", { class: "iip-part" }, colour.element, field("Catalogue", choice), source,
      make("div", { class: "iip-row" }, go), group("On the map", rows.element))),
    destroy: rows.destroy,
  };
}

/**
 * Ask for the sources of the field, and show them.
 *
 * @param {import("./viewer.js").Viewer} viewer
 * @param {import("../core/catalogs.js").Catalog} catalog with hooks of a page, if it has them:
 *     toGeoJSON(text), draw(feature, latLng), popup(feature), filter(feature)
 */
export async function loadCatalog(viewer, catalog) {
  const { map } = viewer;
  const centre = lngLatOf(map, map.getCenter());
  if (inPixels(map) || !centre) {
    viewer.complain("Catalogues need an image with coordinates of the sky, and its sky at the centre of the map.", { key: "sky" });
    return;
  }
  viewer.announce(`Asking for ${catalog.name}.`);
  try {
    const text = await askFor(fieldUrl(map, catalog, centre), catalog);
    const collection = catalog.toGeoJSON ? catalog.toGeoJSON(text) : parseCatalog(text, catalog);
    const { layer, drawn } = drawFeatures(map, kept(collection, catalog), {
      color: catalog.color,
      drawPoint: (feature, latLng) => catalog.draw?.(feature, latLng) ?? drawSource(latLng, shapeOf(catalog, feature), {
        color: catalog.color, weight: 1.5, fillOpacity: 0.08,
      }),
      popup: (feature) => catalog.popup?.(feature) ?? popupOf(catalog, feature),
    });
    viewer.overlays.add({ kind: "catalog", key: catalog.key, title: `${catalog.name} (${drawn})`, color: catalog.color, layer });
    viewer.tell(drawn ? `${drawn} sources of ${catalog.name} are shown.` : `${catalog.name} has no sources in this field.`, { key: "catalog" });
    if (collection.truncated) {
      viewer.complain(`${catalog.name} has more than ${catalog.nmax} sources here: only the first are shown. Zoom in and ask again.`);
    }
  } catch (error) {
    viewer.complain(`${catalog.name} cannot be had from ${catalog.service}: ${error.message}. Try again later, or another catalogue.`);
  }
}

const kept = (collection, { filter }) => (
  filter ? { ...collection, features: collection.features.filter((feature) => filter(feature)) } : collection
);

function fieldUrl(map, catalog, centre) {
  const { x, y } = map.getSize();
  const scale = degreesPerPixel(map);
  const { celsys } = wcsOfMap(map);
  const place = convert(centre, celsys, "equatorial") ?? centre;
  return catalogUrl(catalog, place, [x * scale, y * scale], { celsys: "equatorial" });
}

async function askFor(url, { authenticate }) {
  const token = authenticate && document.cookie.split("; ").find((part) => part.startsWith(`${authenticate}=`));
  const headers = token ? { "X-CSRFToken": decodeURIComponent(token.slice(authenticate.length + 1)) } : {};
  const response = await askService(url, { headers, signal: AbortSignal.timeout(PATIENCE) });
  if (!response.ok) {
    throw new Error(`it answers ${response.status}`);
  }
  return response.text();
}

/** A table of what the catalogue says of a source. */
export function popupOf(catalog, feature) {
  const { items } = feature.properties;
  const url = safeUrl(objectUrl(catalog, feature));
  const name = url
    ? make("a", { href: url, target: "_blank", rel: "noopener noreferrer", text: String(feature.id) })
    : make("span", { text: String(feature.id) });
  const rows = catalog.properties.map((property, index) => (
    (catalog.propertyMask?.[index] ?? true) && items[index] !== undefined && make("tr", {},
      make("th", { scope: "row", text: property }),
      make("td", { text: [items[index], items[index] === "--" ? "" : catalog.units[index]].join(" ").trim() }))
  ));
  return make("div", { class: "iip-source" }, make("p", { class: "iip-source-name" }, name),
    make("table", {}, make("tbody", {}, ...rows)), make("p", { class: "iip-hint", text: catalog.name }));
}

const safeUrl = (url) => (/^https?:/.test(url) ? url : "");
