// Shows one pyramid of an IIP server in Leaflet.  Levels are numbered as on the wire: 0 is the
// smallest; the map's zoom is the level, and a map unit is a pixel of the full image.

import * as L from "./node_modules/leaflet/dist/leaflet-src.esm.js";

const GAMMA = 2.2; // of the display, for images of 32 bits
const SATURATION = 1.3; // of colours: 0 is grey, 1 leaves them as they are
const CLOSER = 3; // how many times the last level may be doubled

const QUESTIONS = [
  "IIP,1.0", "max-size", "tile-size", "resolution-number", "bits-per-channel",
  "min-max-sample-values", "subject",
];

const byId = (id) => document.getElementById(id);

/** Ask the server about an image, and return what a viewer has to know. */
async function readImage(url) {
  const response = await fetch(url + QUESTIONS.map((name) => `&obj=${name}`).join(""));
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`The server answers ${response.status}: ${text.trim().slice(0, 200)}`);
  }
  return parseImage(text);
}

/** Read the answer to QUESTIONS. */
export function parseImage(text) {
  const numbers = (name) => {
    const line = text.match(new RegExp(`${name}:(.*)`));
    if (!line) {
      throw new Error(`The server does not tell ${name}.`);
    }
    return line[1].trim().split(/\s+/).map(Number);
  };
  const object = text.match(/OBJECT {2}= *'([^']*?) *'/);
  const levels = numbers("Resolution-number")[0];
  return {
    title: object ? object[1] : "",
    levels,
    sizes: levelSizes(numbers("Max-size"), levels),
    tile: numbers("Tile-size"),
    bits: numbers("Bits-per-channel")[0],
    channels: numbers("Min-Max-sample-values").length / 2,
  };
}

/** Return the width and height of each level, smallest first: halved, with floor. */
export function levelSizes([width, height], levels) {
  const shrinks = Array.from({ length: levels }, (_, level) => 2 ** (levels - 1 - level));
  return shrinks.map((shrink) => [Math.floor(width / shrink), Math.floor(height / shrink)]);
}

/** Return CTW: rows of red, green and blue, a column per channel: bands go from blue to red. */
export function mixing({ channels, bits }) {
  const redFirst = channels === 3 && bits < 32; // a picture, not bands
  const colours = Array.from({ length: channels }, (_, channel) => {
    const step = (2 * channel) / (channels - 1) - 1;
    const at = redFirst ? -step : step; // -1 blue, 0 green, 1 red
    return channels > 1 ? [Math.max(0, at), 1 - Math.abs(at), Math.max(0, -at)] : [1, 1, 1];
  });
  // A row adds up to 1, so that what is white in all channels is white on the screen.
  const sums = [0, 1, 2].map((row) => colours.reduce((sum, colour) => sum + colour[row], 0));
  const weights = colours.map((colour) => colour.map(
    (part, row) => (sums[row] ? part / sums[row] : 1 / channels),
  ));
  const rows = [0, 1, 2].map((row) => weights.map((weight) => {
    const luminance = (weight[0] + weight[1] + weight[2]) / 3;
    return luminance + SATURATION * (weight[row] - luminance);
  }));
  return rows.map((row) => row.map((part) => part.toFixed(4)).join(",")).join(";");
}

/** A Leaflet layer of JTL tiles; those of the right and lower edges have their true size. */
const PyramidLayer = L.GridLayer.extend({
  initialize(url, image, options) {
    this.image = image;
    const gamma = image.bits >= 32 ? `&GAM=${(1 / GAMMA).toFixed(4)}` : "";
    this.url = `${url}${gamma}&CTW=${mixing(image)}`;
    L.GridLayer.prototype.initialize.call(this, options);
  },

  createTile({ x, y, z }, done) {
    const [size, tile] = [this.image.sizes[z], this.image.tile];
    const frame = L.DomUtil.create("div", "tile");
    if (x * tile[0] >= size[0] || y * tile[1] >= size[1]) {
      // Leaflet reckons with exact halves: a level of odd size may end a tile earlier.
      setTimeout(done, 0, null, frame);
      return frame;
    }
    const picture = L.DomUtil.create("img", "", frame);
    picture.alt = "";
    picture.width = Math.min(tile[0], size[0] - x * tile[0]);
    picture.height = Math.min(tile[1], size[1] - y * tile[1]);
    picture.onload = () => done(null, frame);
    picture.onerror = () => done(new Error(`tile ${x}, ${y} of level ${z}`), frame);
    picture.src = `${this.url}&JTL=${z},${x + y * Math.ceil(size[0] / tile[0])}`;
    return frame;
  },
});

function showMap(url, image) {
  const last = image.levels - 1;
  const [width, height] = image.sizes[last];
  const shrink = 2 ** last;
  // At zoom z a pixel of the full image is 2^(z - last) pixels wide; rows count downwards.
  const crs = L.extend({}, L.CRS.Simple, {
    transformation: new L.Transformation(1 / shrink, 0, 1 / shrink, 0),
  });
  const bounds = L.latLngBounds([0, 0], [height, width]);
  const map = L.map("map", {
    crs, minZoom: -1, maxZoom: last + CLOSER, maxBounds: bounds.pad(0.5), attributionControl: false,
  });
  L.control.attribution({ prefix: '<a href="https://leafletjs.com">Leaflet</a>' }).addTo(map);
  map.on("zoomend", () => showLevel(map, last));
  map.on("mousemove", (event) => showPosition(event.latlng, width, height));
  map.on("mouseout", () => { byId("position").textContent = ""; });
  map.setView(bounds.getCenter(), Math.min(last, map.getBoundsZoom(bounds, true)));
  const layer = new PyramidLayer(url, image, {
    tileSize: L.point(image.tile), minNativeZoom: 0, maxNativeZoom: last, minZoom: -1,
    maxZoom: last + CLOSER, noWrap: true, keepBuffer: 3, bounds,
  });
  layer.on("tileerror", (event) => showMessage(`The server does not give ${event.error.message}.`));
  layer.addTo(map);
}

function showLevel(map, last) {
  const zoom = map.getZoom();
  const scale = zoom > last ? `${2 ** (zoom - last)} : 1` : `1 : ${2 ** (last - zoom)}`;
  const level = Math.max(0, Math.min(zoom, last));
  byId("level").textContent = `level ${level} of 0–${last} · ${scale}`;
  byId("map").classList.toggle("sharp", zoom > last);
}

function showPosition({ lng, lat }, width, height) {
  const [column, row] = [Math.floor(lng), Math.floor(lat)];
  const inside = column >= 0 && row >= 0 && column < width && row < height;
  byId("position").textContent = inside ? `column ${column}, row ${row}` : "";
}

function showMessage(text) {
  byId("message").textContent = text;
  byId("message").hidden = false;
}

async function start() {
  const { server, image: shown } = byId("map").dataset;
  const name = new URLSearchParams(location.search).get("FIF") || shown;
  const url = `${server}?FIF=${encodeURIComponent(name).replaceAll("%2F", "/")}`;
  const image = await readImage(url);
  const [width, height] = image.sizes[image.levels - 1];
  byId("title").textContent = image.title || name;
  byId("facts").textContent = `${name} · ${width} × ${height} pixels · ${image.channels}`
    + (image.channels > 1 ? " channels" : " channel");
  document.title = `${image.title || name} – iipastro`;
  showMap(url, image);
}

start().catch((error) => showMessage(error.message));
