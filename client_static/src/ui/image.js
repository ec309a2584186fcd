// The panel of preferences: invert, contrast, saturation, gamma, quality.

import { button, make } from "./dom.js";
import { spinBox } from "./spinbox.js";
import { awaitsImage } from "./viewer.js";

const ROWS = [ // setting, label, least, greatest, step
  ["contrast", "Contrast", 0, 10, 0.05],
  ["saturation", "Colour saturation", 0, 5, 0.05],
  ["gamma", "Gamma", 0.5, 5, 0.05],
  ["quality", "JPEG quality (%)", 1, 100, 1],
];

/** @param {import("./viewer.js").Viewer} viewer @returns {import("./sidebar.js").Panel} */
export function imagePanel(viewer) {
  const invert = make("input", { type: "checkbox", role: "switch", class: "iip-switch",
    onchange: () => viewer.setSettings({ inverted: invert.checked }) });
  const boxes = ROWS.map(([name, label, min, max, step]) => ({
    name, ...spinBox({ label, min, max, step, value: min, slider: true, change: (value) => viewer.setSettings({ [name]: value }) }),
  }));
  const show = () => {
    const settings = viewer.settings();
    if (settings) {
      invert.checked = settings.inverted;
      boxes.forEach((box) => box.set(settings[box.name]));
    }
  };
  const reset = () => {
    const { contrast, saturation, gamma, quality, inverted } = viewer.defaults();
    viewer.setSettings({ contrast, saturation, gamma, quality, inverted });
  };
  viewer.on("settings", show);
  viewer.on("layer", show);
  show();
  return {
    id: "image", title: "Image preferences", short: "Image", icon: "image",
    element: awaitsImage(viewer, make("div", { class: "iip-part" },
      make("label", { class: "iip-field iip-inline" }, make("span", { class: "iip-label", text: "Invert" }), invert),
      ...boxes.map(({ element }) => element),
      make("div", { class: "iip-row" }, button("Reset", reset, { icon: "reset" })))),
    destroy() {
      viewer.off("settings", show);
      viewer.off("layer", show);
    },
  };
}
