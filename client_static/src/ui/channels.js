// The panel that mixes channels: one in greys or a colour map, or all of them in colours.

import { colorOf, defaultColors, hexOf } from "../core/mix.js";
import { colorInput } from "./color.js";
import { button, field, group, icon, make, menu, newId, refill } from "./dom.js";
import { spinBox } from "./spinbox.js";
import { awaitsImage } from "./viewer.js";

const MAPS = [["grey", "Grey"], ["jet", "Jet"], ["cold", "Cold"], ["hot", "Hot"]];
const HUNDREDTH = 0.01; // of the range: a step of the cuts

/** @param {import("./viewer.js").Viewer} viewer @returns {import("./sidebar.js").Panel} */
export function channelPanel(viewer) {
  const element = awaitsImage(viewer, make("div", { class: "iip-channels" }));
  const memory = { channel: 0 }; // which one the colour controls are about
  const parts = [modes(viewer), monoPart(viewer), colorPart(viewer, memory)];
  element.append(...parts.map((part) => part.element));
  const show = () => {
    const settings = viewer.settings();
    if (settings) {
      parts.forEach((part) => part.show(settings));
      const several = viewer.layer.info.channels > 1;
      parts[0].element.hidden = !several && settings.mode === "mono";
    }
  };
  const restart = () => {
    memory.channel = 0;
    parts.forEach((part) => part.restart?.());
    show();
  };
  viewer.on("settings", show);
  viewer.on("layer", restart);
  restart();
  return {
    id: "channels", title: "Channel mixing", short: "Channels", icon: "channels", element,
    destroy() {
      viewer.off("settings", show);
      viewer.off("layer", restart);
    },
  };
}

function modes(viewer) {
  const name = newId("iip-mode");
  const choices = [["color", "Colour", "channels"], ["mono", "Single channel", "image"]].map(([mode, label, sign]) => {
    const input = make("input", { type: "radio", name, value: mode, onchange: () => viewer.setSettings({ mode }) });
    return { input, label: make("label", { class: "iip-choice" }, input, icon(sign), make("span", { text: label })) };
  });
  return {
    element: make("div", { class: "iip-segments", role: "radiogroup", "aria-label": "Mode" },
      ...choices.map(({ label }) => label)),
    show: ({ mode }) => choices.forEach(({ input }) => { input.checked = input.value === mode; }),
  };
}

function monoPart(viewer) {
  const channels = menu([], "", (value) => viewer.setSettings({ channel: Number(value) }));
  const name = newId("iip-map");
  const maps = MAPS.map(([colormap, label]) => {
    const input = make("input", { type: "radio", name, value: colormap, onchange: () => viewer.setSettings({ colormap }) });
    return { input, label: make("label", { class: `iip-map-${colormap}` }, input,
      make("span", { class: "iip-ramp", "aria-hidden": "true" }), make("span", { text: label })) };
  });
  const cuts = cutBoxes(viewer, () => viewer.settings().channel);
  const element = make("div", { class: "iip-part" }, field("Channel", channels),
    group("Colour map", make("div", { class: "iip-maps" }, ...maps.map(({ label }) => label))), cuts.element);
  return {
    element,
    restart: () => fillChannels(viewer, channels),
    show(settings) {
      element.hidden = settings.mode !== "mono";
      channels.value = String(settings.channel);
      maps.forEach(({ input }) => { input.checked = input.value === settings.colormap; });
      cuts.show(settings);
    },
  };
}

function colorPart(viewer, memory) {
  const channels = menu([], "", (value) => {
    memory.channel = Number(value);
    show(viewer.settings());
  });
  const recolour = (channel, colour) => viewer.setSettings({
    colors: viewer.settings().colors.map((old, index) => (index === channel ? colour : old)),
  });
  const colour = colorInput({ label: "Colour of the channel", value: "#ffffff",
    change: (value) => recolour(memory.channel, colorOf(value)) });
  const cuts = cutBoxes(viewer, () => memory.channel);
  const list = make("ul", { class: "iip-list", "aria-label": "Channels in the mix" });
  const choose = (channel) => {
    memory.channel = channel;
    channels.value = String(channel);
    show(viewer.settings());
  };
  const show = (settings) => {
    element.hidden = settings.mode !== "color";
    channels.value = String(memory.channel);
    colour.set(hexOf(settings.colors[memory.channel] ?? [0, 0, 0]));
    cuts.show(settings);
    const rows = settings.colors.map((value, channel) => value && mixedRow({
      name: viewer.layer.info.labels[channel], colour: value, chosen: channel === memory.channel,
      choose: () => choose(channel), drop: () => recolour(channel, null),
    })).filter(Boolean);
    refill(list, rows.length ? rows : [make("li", { class: "iip-hint",
      text: "No channel is mixed in: the picture is black. Give one a colour." })]);
  };
  const element = make("div", { class: "iip-part" }, field("Channel", channels), colour.element, cuts.element,
    group("In the mix", list, make("div", { class: "iip-row" },
      button("Reset the mix", () => viewer.setSettings(defaultsOf(viewer)), { icon: "reset" }),
      button("Recolour", () => viewer.setSettings({ colors: spread(viewer.settings().colors) }), { icon: "palette" }))));
  return { element, show, restart: () => fillChannels(viewer, channels) };
}

/** Give the channels that are in the mix the colours of a palette of so many. */
function spread(colors) {
  const active = colors.filter(Boolean);
  const palette = defaultColors(active.map(() => "x"));
  let next = 0;
  return colors.map((old) => (old ? palette[next++] ?? old : null));
}

const defaultsOf = (viewer) => {
  const { colors, cuts } = viewer.defaults();
  return { colors, cuts };
};

function mixedRow({ name, colour, chosen, choose, drop }) {
  const mark = make("span", { class: "iip-dot", "aria-hidden": "true" });
  mark.style.backgroundColor = hexOf(colour);
  return make("li", { class: chosen ? "iip-item iip-chosen" : "iip-item" },
    make("button", { type: "button", class: "iip-item-name", "aria-pressed": String(chosen), onclick: choose }, mark,
      make("span", { text: name })),
    button(`Take ${name} out of the mix`, drop, { icon: "bin", bare: true }));
}

/** Boxes for the low and high cut of a channel, steps of a hundredth of the range. */
function cutBoxes(viewer, channel) {
  const put = (end) => (value) => viewer.setSettings({
    cuts: viewer.settings().cuts.map((pair, index) => (
      index === channel() ? pair.map((old, side) => (side === end ? value : old)) : pair
    )),
  });
  const boxes = ["Low", "High"].map((label, end) => spinBox({ label, value: 0, step: 1, change: put(end) }));
  const unit = make("span", { class: "iip-unit" });
  return {
    element: make("fieldset", { class: "iip-group" },
      make("legend", { class: "iip-legend" }, "Cuts ", unit),
      make("div", { class: "iip-pair" }, ...boxes.map((box) => box.element))),
    show({ cuts }) {
      const [low, high] = cuts[channel()] ?? [0, 1];
      const [first, last] = viewer.layer.info.cuts[channel()] ?? [0, 1];
      const step = Math.abs(last - first) * HUNDREDTH || HUNDREDTH;
      boxes.forEach((box, end) => box.set([low, high][end], step));
      unit.textContent = viewer.layer.info.units[channel()] ?? "";
    },
  };
}

function fillChannels(viewer, select) {
  const labels = viewer.layer?.info?.labels ?? [];
  select.replaceChildren(...labels.map((label, channel) => make("option", { value: String(channel), text: label })));
}
