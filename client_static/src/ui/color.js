// A choice of colour: the browser's own, and eight that everybody can tell apart.

import { make } from "./dom.js";

/** Okabe and Ito's colours (2008), the black one lightened to show on a dark sky. */
export const SWATCHES = Object.freeze([
  ["#e69f00", "orange"], ["#56b4e9", "sky blue"], ["#009e73", "green"], ["#f0e442", "yellow"],
  ["#0072b2", "blue"], ["#d55e00", "vermilion"], ["#cc79a7", "purple"], ["#ffffff", "white"],
].map(Object.freeze));

/**
 * Make a colour input.
 *
 * @param {{label: string, value: string, change: (colour: string) => void}} options `#rrggbb`
 * @returns {{element: HTMLElement, get(): string, set(colour: string): void}}
 */
export function colorInput(options) {
  const input = make("input", { type: "color", class: "iip-color", value: options.value,
    onchange: () => put(input.value) });
  const buttons = SWATCHES.map(([colour, name]) => {
    const swatch = make("button", { type: "button", class: "iip-swatch", title: name,
      "aria-label": `${options.label}: ${name}`, onclick: () => put(colour) });
    swatch.style.backgroundColor = colour;
    return swatch;
  });
  const mark = () => buttons.forEach((swatch, index) => {
    swatch.setAttribute("aria-pressed", String(SWATCHES[index][0] === input.value));
  });
  const put = (colour) => {
    input.value = colour;
    mark();
    options.change(colour);
  };
  mark();
  return {
    element: make("div", { class: "iip-colors" },
      make("label", { class: "iip-field iip-inline" },
        make("span", { class: "iip-label", text: options.label }), input),
      make("div", { class: "iip-swatches", role: "group", "aria-label": `${options.label}: colours easy to tell apart` },
        ...buttons)),
    get: () => input.value,
    set(colour) {
      input.value = colour;
      mark();
    },
  };
}

/** A colour by any name of CSS as an input of colours takes it. */
export function hexOfName(name = "orange") {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = name;
  return /^#[0-9a-f]{6}$/.test(context.fillStyle) ? context.fillStyle : "#ffffff";
}
