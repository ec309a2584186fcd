// The panel of pictures: what is on the screen as a JPEG of the server, and on paper.

import { snapshotUrl } from "../core/iip.js";
import { formatSky } from "../core/units.js";
import { lngLatOf, magnification, wcsOfMap } from "../leaflet/crsview.js";
import { button, download, field, make, menu } from "./dom.js";
import { awaitsImage } from "./viewer.js";

const SIZES = [
  { value: "screen", label: "Screen pixels" },
  { value: "native", label: "Native pixels" },
];

/** @param {import("./viewer.js").Viewer} viewer @returns {import("./sidebar.js").Panel} */
export function snapshotPanel(viewer) {
  const size = menu(SIZES, "screen", () => show());
  const hint = make("p", { class: "iip-hint" });
  const show = () => {
    if (viewer.layer) {
      const { width, height } = pictureOf(viewer, size.value);
      hint.textContent = `${width} × ${height} pixels, as far as the server allows.`;
    }
  };
  const take = () => takeSnapshot(viewer, size.value);
  viewer.actions.snapshot = take;
  viewer.on("view", show);
  show();
  return {
    id: "snapshot", title: "Snapshot and print", short: "Picture", icon: "snapshot",
    element: awaitsImage(viewer, make("div", { class: "iip-part" }, field("Size", size), hint,
      make("div", { class: "iip-row" },
        button("Take a picture", take, { icon: "snapshot", class: "iip-main" }),
        button("Print", () => window.print(), { icon: "print" })))),
    destroy: () => viewer.off("view", show),
  };
}

/** Return the part of the image that the view shows, cut to the image, and its size as a picture. */
function pictureOf(viewer, kind) {
  const { map, layer } = viewer;
  const scale = magnification(map);
  const { min, max } = map.getPixelBounds();
  const [start, end] = [[min.x, min.y], [max.x, max.y]].map((corner) => corner.map((value, axis) => (
    Math.min(layer.info.size[axis], Math.max(0, value / scale))
  )));
  const sides = [0, 1].map((axis) => Math.max(1, end[axis] - start[axis]));
  const grown = kind === "native" ? 1 : scale;
  return {
    region: [...start, ...sides].map((value, index) => value / layer.info.size[index % 2]),
    width: Math.max(1, Math.round(sides[0] * grown)),
    height: Math.max(1, Math.round(sides[1] * grown)),
  };
}

export async function takeSnapshot(viewer, kind) {
  const { layer } = viewer;
  try {
    const response = await fetch(snapshotUrl(layer.url, layer.info, viewer.settings(), pictureOf(viewer, kind)));
    if (!response.ok) {
      throw new Error(`the server answers ${response.status} ${(await response.text()).trim().slice(0, 120)}`);
    }
    download(await response.blob(), pictureName(viewer));
    viewer.announce("The picture is saved.");
  } catch (error) {
    viewer.complain(`There is no picture: ${error.message}`, { key: "snapshot" });
  }
}

/** A name that tells the image and the centre of the view. */
function pictureName(viewer) {
  const centre = lngLatOf(viewer.map, viewer.map.getCenter()) ?? [0, 0];
  const place = formatSky(centre, { units: "HMS", celsys: wcsOfMap(viewer.map).celsys });
  return `${viewer.layer.title}_${place}.jpg`.replace(/[^\w.+-]+/g, "_");
}
