// Where the cursor is, and the values of the pixel under it; without a cursor, the centre.

import { parseProfile, spectrumUrl } from "../core/iip.js";
import { hexOf } from "../core/mix.js";
import { positionText } from "../core/systems.js";
import { lngLatOf, magnification, pixelAt } from "../leaflet/crsview.js";
import { make } from "./dom.js";

const REST = 120; // ms at a pixel until its values are asked for
const QUIET = 1000; // ms at a place until readers of the screen are told
const MOST = 5; // channels whose values are shown at once

/** @param {import("./viewer.js").Viewer} viewer @returns {{element: HTMLElement, destroy(): void}} */
export function readout(viewer) {
  const { map } = viewer;
  const parts = Object.fromEntries(["place", "sky", "pixel", "values", "zoom"].map((name) => (
    [name, make("span", { class: `iip-readout-${name}` })]
  )));
  const element = make("div", { class: "iip-readout" }, ...Object.values(parts));
  const values = valueReader(viewer, (list) => parts.values.replaceChildren(...list));
  let cursor = null;
  let timer = 0;
  const show = () => {
    if (!viewer.layer) {
      return;
    }
    const latLng = cursor ? map.mouseEventToLatLng(cursor) : map.getCenter();
    const pixel = pixelAt(map, latLng);
    const sky = lngLatOf(map, latLng);
    parts.place.textContent = cursor ? "Cursor" : "Centre";
    parts.sky.textContent = viewer.layer.wcs.celsys !== "pixel" && sky
      ? positionText(sky, viewer.layer.wcs, viewer.system?.() ?? { units: "HMS", celsys: "native" }) : "";
    parts.pixel.textContent = pixel ? `x ${pixel[0].toFixed(1)}  y ${pixel[1].toFixed(1)}` : "";
    parts.zoom.textContent = zoomText(magnification(map));
    values.at(pixel);
    clearTimeout(timer);
    timer = setTimeout(() => viewer.announce(spoken(parts)), QUIET);
  };
  const listeners = {
    mousemove: ({ originalEvent }) => { cursor = originalEvent; show(); },
    mouseout: () => { cursor = null; show(); },
    move: show, zoomend: show, systemchange: show,
  };
  map.on(listeners);
  viewer.on("layer", show);
  return {
    element,
    destroy() {
      clearTimeout(timer);
      values.stop();
      map.off(listeners);
      viewer.off("layer", show);
    },
  };
}

const spoken = ({ place, sky, pixel, values }) => (
  [place, sky, pixel, values].map(({ textContent }) => textContent).filter(Boolean).join(", ")
);

/** "1:4" where four pixels of the image are one of the screen, "4:1" the other way round. */
function zoomText(scale) {
  const ratio = scale < 1 ? 1 / scale : scale;
  const text = String(Number(ratio.toPrecision(3)));
  return scale < 1 ? `1:${text}` : `${text}:1`;
}

/** Asks for the values of a pixel when it has been pointed at for a moment. */
function valueReader(viewer, show) {
  let [timer, asked, shown] = [0, null, ""];
  const stop = () => {
    clearTimeout(timer);
    asked?.abort();
  };
  const ask = async (wire) => {
    asked = new AbortController();
    try {
      const { url, info } = viewer.layer;
      const response = await fetch(spectrumUrl(url, info.levels - 1, wire), { signal: asked.signal });
      show(response.ok ? valueParts(viewer, parseProfile(await response.text())) : []);
    } catch (error) {
      if (error.name !== "AbortError") {
        show(["no values"]); // the connection; tiles tell of it
      }
    }
  };
  return {
    stop,
    at(pixel) {
      const { info } = viewer.layer;
      const wire = pixel && [Math.round(pixel[0]) - 1, info.size[1] - Math.round(pixel[1])];
      const inside = wire?.every((value, axis) => value >= 0 && value < info.size[axis]);
      const key = inside ? `${viewer.layer.url} ${wire}` : "";
      if (key !== shown) {
        shown = key;
        stop();
        show([]);
        timer = inside && viewer.config.values !== false ? setTimeout(ask, REST, wire) : 0;
      }
    },
  };
}

function valueParts({ layer }, values) {
  const { mode, channel, colors } = layer.settings;
  const wanted = values.length > MOST || mode === "mono" ? [channel] : values.map((_, index) => index);
  return wanted.map((index) => {
    const dot = make("span", { class: "iip-dot", "aria-hidden": "true" });
    dot.style.backgroundColor = mode === "mono" ? "currentColor" : hexOf(colors[index] ?? [0.5, 0.5, 0.5]);
    const value = values[index];
    return make("span", { class: "iip-readout-value", title: `${layer.info.labels[index]} (${layer.info.units[index]})` },
      values.length > 1 && dot, value === null || value === undefined ? "blank" : String(Number(value.toPrecision(5))));
  });
}
