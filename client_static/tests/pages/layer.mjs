// A map with one layer, and a record of what it tells.  ?FIF= names the image, ?zoom= the zoom.

import L from "leaflet";

import { Ellipse, EllipseMarker } from "../../src/leaflet/ellipse.js";
import { IIPLayer } from "../../src/leaflet/tilelayer.js";

const EVENTS = [
  "metaload", "metaerror", "loading", "load", "tileload", "tileerror", "tileabort", "trouble",
  "recovered", "settings",
];

const query = new URLSearchParams(location.search);
const zoom = query.get("zoom");
const map = L.map("map", {
  zoomSnap: 0, zoomAnimation: false, fadeAnimation: false, ...(zoom ? { zoom: Number(zoom) } : {}),
});
const layer = new IIPLayer(`/fcgi-bin/iipsrv.fcgi?FIF=${query.get("FIF")}`);
const told = [];
EVENTS.forEach((name) => layer.on(name, ({ message, error }) => {
  told.push({ name, message: message ?? error?.message ?? "" });
}));
layer.addTo(map);
Object.assign(window, { L, map, layer, told, Ellipse, EllipseMarker });
