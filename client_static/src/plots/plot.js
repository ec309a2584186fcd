// Plots of lines.  uPlot comes with the first one, so pages without plots do not load it.

const HEIGHT = 220; // CSS pixels
const GRID = "rgba(128, 140, 160, 0.25)";

/**
 * Draw lines.
 *
 * @param {HTMLElement} element is filled; its width is taken, and followed
 * @param {{x: number[], lines: {label: string, color: string, values: (number|null)[]}[],
 *     xLabel: string, yLabel: string, ticks?: string[], hover?: (index: ?number) => void,
 *     height?: number}} plot `ticks` name the points of x; `hover` is told which is pointed at
 * @returns {Promise<{destroy(): void}>}
 */
export async function linePlot(element, plot) {
  const { default: UPlot } = await import("uplot");
  const look = getComputedStyle(element);
  const ink = look.color;
  element.style.setProperty("--iip-plot-ground", look.getPropertyValue("--iip-surface")); // on paper too
  const data = [plot.x, ...plot.lines.map(({ values }) => values)];
  const shown = new UPlot({
    width: Math.max(200, element.clientWidth),
    height: plot.height ?? HEIGHT,
    scales: { x: { time: false } },
    series: [{ label: plot.xLabel, value: (_, value) => valueText(value) }, ...plot.lines.map((line) => seriesOf(line, plot))],
    axes: [axisOf(plot.xLabel, ink, plot.ticks), { ...axisOf(plot.yLabel, ink), size: 64 }],
    legend: { live: true },
    cursor: { drag: { x: true, y: false } }, // dragging zooms, a double click shows all again
    hooks: { setCursor: [({ cursor }) => plot.hover?.(cursor.idx ?? null)] },
  }, data, element);
  const follow = new ResizeObserver(() => {
    shown.setSize({ width: Math.max(200, element.clientWidth), height: plot.height ?? HEIGHT });
  });
  follow.observe(element);
  return {
    destroy() {
      follow.disconnect();
      shown.destroy();
    },
  };
}

function seriesOf({ label, color, values }, { ticks }) {
  return {
    label,
    stroke: color,
    width: 1.5,
    spanGaps: false, // where there is no value there is no line
    points: { show: Boolean(ticks) || values.length < 40 },
    value: (_, value) => valueText(value),
  };
}

function axisOf(label, ink, ticks) {
  return {
    label,
    labelSize: 20,
    labelFont: "12px system-ui, sans-serif",
    font: "11px system-ui, sans-serif",
    stroke: ink,
    grid: { stroke: GRID, width: 1 },
    ticks: { stroke: GRID, width: 1 },
    ...(ticks && {
      splits: () => ticks.map((_, index) => index),
      values: (_, splits) => splits.map((at) => ticks[at] ?? ""),
    }),
  };
}

const valueText = (value) => (value === null || value === undefined ? "–" : String(Number(value.toPrecision(6))));

/**
 * Write a plot as comma-separated values: a column of x, one per line.
 *
 * @param {{x: number[], ticks?: string[], xLabel: string, lines: {label: string, values: (number|null)[]}[]}} plot
 */
export function csvOf({ x, ticks, xLabel, lines }) {
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const head = [xLabel, ...lines.map(({ label }) => label)].map(quoted);
  const rows = x.map((value, index) => [ticks ? quoted(ticks[index]) : value, ...lines.map(({ values }) => values[index] ?? "")]);
  return [head, ...rows].map((row) => row.join(",")).join("\n").concat("\n");
}
