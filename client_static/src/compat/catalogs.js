// L.Catalog: the table of catalogues as plain objects that pages extend.

import L from "leaflet";

import { CATALOGS, parseCatalog, shapeOf } from "../core/catalogs.js";
import { Ellipse } from "../leaflet/ellipse.js";
import { popupOf } from "../ui/catalogs.js";
import { sanitize } from "../ui/sanitize.js";

const VIZIER = "https://vizier.unistra.fr/viz-bin";

/** What every catalogue has; a page's own may have another of each. */
const BASE = {
  nmax: 10000,
  vizierURL: VIZIER,
  mastURL: "https://archive.stsci.edu",

  /** The answer of the service as GeoJSON, with properties.items. */
  toGeoJSON(text) {
    return parseCatalog(text, this);
  },

  _csvToGeoJSON(text) {
    return parseCatalog(text, this);
  },

  /** A cell: a number, "--" for none. */
  readProperty(cell) {
    const number = Number.parseFloat(cell);
    return Number.isNaN(number) ? "--" : number;
  },

  /** What is told of a source, as HTML; names and units of a page's own may have markup. */
  popup(feature) {
    const { objurl = "", name = "" } = this;
    const [properties, units] = [this.properties ?? [], this.units ?? []]
      .map((texts) => texts.map((text) => sanitize(text ?? "").textContent));
    return popupOf({ ...this, properties, units, objurl, name }, feature).outerHTML;
  },

  draw(feature, latLng) {
    const shape = shapeOf({ magindex: 0, maglim: 21, ...this }, feature);
    return "radius" in shape
      ? L.circleMarker(latLng, { radius: shape.radius })
      : new Ellipse(latLng, {
        majAxis: shape.major, minAxis: shape.minor, posAngle: shape.angle,
      });
  },

  filter() {
    return true;
  },
};

/** Make L.Catalog. */
export function makeCatalogs() {
  const catalogs = L.Util.extend({}, BASE);
  for (const [key, catalog] of Object.entries(CATALOGS)) {
    catalogs[key] = L.Util.extend({}, BASE, catalog, { className: "logo-catalog-vizier" });
  }
  return catalogs;
}
