// A plot on a card over the lower edge of the map.

import { csvOf, linePlot } from "../plots/plot.js";
import { button, download, make } from "./dom.js";

const NARROW = 600; // CSS pixels: telephones
const LOW = 150; // CSS pixels: what leaves the centre of the map free there

/**
 * Make a card; `open` shows it or brings it back, `close` takes it away.
 *
 * @param {import("./viewer.js").Viewer} viewer `dock` is where cards lie
 * @param {{title: string, note: string, plot: object, gone: () => void}} options
 */
export function plotCard(viewer, { title, note, plot, gone }) {
  const { headingLevel = 1 } = viewer.config;
  let [card, drawn] = [null, null];
  const close = () => {
    drawn?.destroy();
    card?.remove();
    [card, drawn] = [null, null];
    gone();
  };
  const save = () => download(new Blob([csvOf(plot)], { type: "text/csv" }), `${title.replace(/[^\w.+-]+/g, "_")}.csv`);
  const open = async () => {
    if (card) {
      card.scrollIntoView({ block: "nearest", inline: "nearest" });
      return;
    }
    const area = make("div", { class: "iip-plot", role: "img", "aria-label": describe(title, plot) });
    card = make("section", { class: "iip-plot-card", "aria-label": title },
      make("header", { class: "iip-plot-head" }, make("h3", { text: title, "aria-level": headingLevel === 1 ? null : headingLevel + 2 }),
        button("Save as CSV", save, { icon: "pdf", bare: true }),
        button("Close the plot", close, { icon: "close", bare: true })),
      note && make("p", { class: "iip-hint", text: note }), area);
    viewer.dock.append(card);
    viewer.fire("plot");
    const low = viewer.root.clientWidth < NARROW && { height: LOW };
    const shown = await linePlot(area, { ...plot, ...low });
    if (card?.contains(area)) {
      drawn = shown;
    } else {
      shown.destroy(); // closed while it was loading
    }
  };
  return { open, close };
}

/** What readers of the screen are told of a plot. */
function describe(title, { lines }) {
  const parts = lines.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    const [low, high] = known.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
    return known.length ? `${label} from ${Number(low.toPrecision(4))} to ${Number(high.toPrecision(4))}` : `${label}: no values`;
  });
  return `${title}: ${parts.join("; ")}`;
}
