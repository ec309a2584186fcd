// The panel of profiles and spectra: pixel values along a line, and in all channels of a pixel.

import L from "leaflet";
import { parseProfile, profileUrl, spectrumUrl } from "../core/iip.js";
import { channelsOf, planLine } from "../core/line.js";
import { hexOf } from "../core/mix.js";
import { askText } from "../core/patience.js";
import { distance, formatAngle } from "../core/units.js";
import { inPixels, latLngOfPixel, pixelAt } from "../leaflet/crsview.js";
import { colorInput, SWATCHES } from "./color.js";
import { button, group, make } from "./dom.js";
import { overlayRows } from "./overlays.js";
import { plotCard } from "./plotcard.js";
import { awaitsImage } from "./viewer.js";

const AT_ONCE = 4; // requests of one line that run together

/** @param {import("./viewer.js").Viewer} viewer @returns {import("./sidebar.js").Panel} */
export function profilePanel(viewer) {
  const colour = colorInput({ label: "Colour of the line", value: "#e69f00", change: () => {} });
  const drawing = lineDrawing(viewer, () => colour.get());
  const start = button("Start at the centre", () => step(), { icon: "profile", class: "iip-main" });
  const cancel = button("Cancel", () => stop(), {});
  const hint = make("p", { class: "iip-hint", role: "status" });
  const rows = overlayRows(viewer, "profile", "No profiles yet.");
  const show = () => {
    start.lastChild.textContent = drawing.active() ? "End at the centre" : "Start at the centre";
    cancel.hidden = !drawing.active();
    hint.textContent = drawing.active() ? "Move the map: the line follows its centre. Then press End."
      : "A profile goes from one centre of the map to the next, at any angle.";
  };
  const stop = () => {
    drawing.stop();
    show();
  };
  const step = async () => {
    const ends = drawing.active() ? drawing.end() : drawing.start();
    show();
    if (ends) {
      await told(viewer, () => showProfile(viewer, ends, colour.get()));
    }
  };
  const spectrum = () => told(viewer, () => showSpectrum(viewer, colour.get()));
  viewer.actions.profile = step;
  viewer.actions.spectrum = spectrum;
  viewer.on("layer", stop);
  show();
  return {
    id: "profile", title: "Profiles and spectra", short: "Profile", icon: "profile",
    element: awaitsImage(viewer, make("div", { class: "iip-part" }, colour.element,
      group("Profile", hint, make("div", { class: "iip-row" }, start, cancel)),
      group("Spectrum", make("p", { class: "iip-hint", text: "The pixel at the centre, in all channels." }),
        make("div", { class: "iip-row" }, button("Show the spectrum", spectrum, { icon: "spectrum", class: "iip-main" }))),
      group("On the map", rows.element))),
    destroy() {
      stop();
      rows.destroy();
      viewer.off("layer", stop);
    },
  };
}

async function told(viewer, work) {
  try {
    await work();
  } catch (error) {
    viewer.complain(`The values cannot be had: ${error.message}`, { key: "values" });
  }
}

/** The line that grows from a place to the centre of the map. */
function lineDrawing(viewer, colour) {
  let line = null;
  const follow = () => line?.setLatLngs([line.getLatLngs()[0], viewer.map.getCenter()]);
  const stop = () => {
    viewer.map.off("move", follow);
    line?.remove();
    line = null;
  };
  return {
    active: () => line !== null,
    stop,
    start() {
      line = L.polyline([viewer.map.getCenter(), viewer.map.getCenter()], {
        color: colour(), weight: 2, dashArray: "6 4", interactive: false,
      }).addTo(viewer.map);
      viewer.map.on("move", follow);
      viewer.announce("The profile starts here. Move the map, then end it.");
    },
    end() {
      const ends = line.getLatLngs();
      stop();
      return ends;
    },
  };
}

/** Return the pixel from 0, downwards, in which a position of the map lies. */
function wirePixel(viewer, latLng) {
  const pixel = pixelAt(viewer.map, latLng);
  return pixel && [Math.round(pixel[0]) - 1, viewer.layer.info.size[1] - Math.round(pixel[1])];
}

const latLngOfWire = (viewer, [x, y]) => latLngOfPixel(viewer.map, [x + 1, viewer.layer.info.size[1] - y]);

const askFor = async (viewer, url) => parseProfile(await askText(url, { patience: viewer.patience, wanted: /json/ }));

/** Ask in order, a few at a time. */
async function askAll(viewer, urls) {
  const answers = new Array(urls.length);
  const queue = urls.entries(); // shared: each takes the next
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const [index, url] of queue) {
      answers[index] = await askFor(viewer, url);
    }
  }));
  return answers;
}

/** Read the values along a line, and show them with the line on the map. */
export async function showProfile(viewer, ends, colour) {
  const { layer } = viewer;
  const pixels = ends.map((end) => wirePixel(viewer, end));
  const plan = pixels.every(Boolean) && planLine(...pixels, layer.info);
  if (!plan) {
    throw new Error("the line lies outside the image. Draw one over it.");
  }
  const urls = plan.pieces.map(({ from, to }) => profileUrl(layer.url, plan.level, from, to));
  const values = channelsOf(await askAll(viewer, urls), layer.info.channels, plan.reversed);
  const places = [plan.from, plan.to].map((pixel) => latLngOfWire(viewer, pixel));
  const { length, unit, text } = lengthOf(viewer, places, plan);
  const x = Array.from({ length: plan.count }, (_, index) => (index * length) / Math.max(1, plan.count - 1));
  const title = `Profile of ${text}`;
  const averaged = layer.info.levels - 1 - plan.level;
  present(viewer, {
    title, colour, x, values,
    note: averaged ? `Averages of ${2 ** averaged} × ${2 ** averaged} pixels: the line is long and oblique.` : "",
    xLabel: `Distance (${unit})`,
    shape: L.polyline(places, { color: colour, weight: 2.5 }),
    place: (index) => latLngOfWire(viewer, between(plan, index)),
  });
}

const between = ({ from, to, count }, index) => from.map((value, axis) => (
  value + ((to[axis] - value) * index) / Math.max(1, count - 1)
));

/** The length of a line, in the unit of its axis. */
function lengthOf(viewer, [from, to], plan) {
  const pixels = Math.hypot(plan.to[0] - plan.from[0], plan.to[1] - plan.from[1]);
  if (inPixels(viewer.map) || !from || !to) {
    return { length: pixels, unit: "pixels", text: `${Math.round(pixels)} pixels` };
  }
  const degrees = distance([from.lng, from.lat], [to.lng, to.lat]);
  const [scale, unit] = degrees > 1 ? [1, "degrees"] : degrees > 1 / 60 ? [60, "arcmin"] : [3600, "arcsec"];
  return { length: degrees * scale, unit, text: formatAngle(degrees) };
}

/** Read the values of the pixel at the centre, and show them with a mark on the map. */
export async function showSpectrum(viewer, colour) {
  const { layer, map } = viewer;
  const pixel = wirePixel(viewer, map.getCenter());
  const [width, height] = layer.info.size;
  if (!pixel || pixel[0] < 0 || pixel[1] < 0 || pixel[0] >= width || pixel[1] >= height) {
    throw new Error("the centre of the map lies outside the image. Move the map.");
  }
  const values = await askFor(viewer, spectrumUrl(layer.url, layer.info.levels - 1, pixel));
  const title = `Spectrum at ${pixel[0] + 1}, ${height - pixel[1]}`;
  const plot = {
    x: values.map((_, channel) => channel), ticks: layer.info.labels, xLabel: "Channel",
    yLabel: layer.info.units[0] ?? "", lines: [{ label: "Value", color: colour, values }],
  };
  const shape = L.circleMarker(latLngOfWire(viewer, pixel), { color: colour, radius: 6, weight: 2 });
  plotOverlay(viewer, { title, colour, plot, shape });
}

function present(viewer, { title, note, colour, x, values, xLabel, shape, place }) {
  const { info, settings } = viewer.layer;
  const lines = values.map((list, channel) => ({
    label: info.labels[channel], color: lineColour(settings, channel, info.channels, colour), values: list,
  }));
  const dot = L.circleMarker([0, 0], { radius: 5, color: "#ffffff", fillColor: colour, fillOpacity: 1, weight: 2, interactive: false });
  const hover = (index) => {
    const at = index === null ? null : place(index);
    at ? dot.setLatLng(at).addTo(viewer.map) : dot.remove();
  };
  const plot = { x, lines, xLabel, yLabel: info.units[0] ?? "", hover };
  plotOverlay(viewer, { title, note, colour, plot, shape, gone: () => dot.remove() });
}

/** The colour of a channel's line: its own in the mix where it is bright enough to see. */
function lineColour({ colors }, channel, channels, colour) {
  const own = colors[channel];
  if (channels === 1) {
    return colour;
  }
  return own && Math.max(...own) > 0.3 ? hexOf(own) : SWATCHES[channel % (SWATCHES.length - 1)][0];
}

function plotOverlay(viewer, { title, note = "", colour, plot, shape, gone = () => {} }) {
  const key = `${title} ${Date.now()}`;
  const card = plotCard(viewer, { title, note, plot, gone });
  shape.on("click", card.open);
  shape.on("remove", card.close);
  viewer.overlays.add({ kind: "profile", key, title, color: colour, layer: shape, open: card.open });
  card.open();
}
