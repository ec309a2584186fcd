// A number with buttons that repeat, and faster and faster, while they are pressed.

import { icon, make } from "./dom.js";

const WAIT = 150; // ms without a change until it is told
const FIRST = 400; // ms until a pressed button repeats
const NEXT = 60; // ms from repeat to repeat
const FASTER = 20; // repeats until steps are ten times as long

/**
 * Make a spin box.  The change is told when the number has rested, or on Enter.
 *
 * @param {{label: string, value: number, step: number, min?: number, max?: number, slider?: boolean,
 *     change: (value: number) => void}} options
 * @returns {{element: HTMLElement, set(value: number, step?: number): void, get(): number}}
 */
export function spinBox(options) {
  const state = { value: options.value, step: options.step, timer: 0 };
  const input = make("input", { type: "text", inputmode: "decimal", class: "iip-number",
    role: "spinbutton", autocomplete: "off", spellcheck: "false", "aria-label": options.label });
  const slider = options.slider && make("input", { type: "range", class: "iip-range", tabindex: "-1",
    "aria-hidden": "true", min: options.min, max: options.max, step: options.step });
  const show = () => {
    input.value = format(state.value, state.step);
    input.setAttribute("aria-valuenow", input.value);
    if (slider) {
      slider.value = state.value;
    }
  };
  const tell = () => {
    clearTimeout(state.timer);
    state.timer = 0;
    options.change(state.value);
  };
  const put = (value, wait = WAIT) => {
    const next = clamp(value, options);
    if (!Number.isFinite(next) || next === state.value) {
      show();
      return;
    }
    state.value = next;
    show();
    clearTimeout(state.timer);
    state.timer = setTimeout(tell, wait);
  };
  const by = (steps) => put(snap(state.value + steps * state.step));
  for (const [name, end] of [["min", options.min], ["max", options.max]]) {
    if (end !== undefined) {
      input.setAttribute(`aria-value${name}`, end);
    }
  }
  input.addEventListener("change", () => put(Number(input.value.replace(",", ".")), 0));
  input.addEventListener("keydown", (event) => onKey(event, by));
  slider && slider.addEventListener("input", () => put(Number(slider.value)));
  show();
  const element = make("div", { class: slider ? "iip-spin iip-slid" : "iip-spin" },
    make("span", { class: "iip-label", text: options.label, "aria-hidden": "true" }),
    slider,
    make("span", { class: "iip-stepper" }, stepper("minus", -1, by), input, stepper("plus", 1, by)));
  return {
    element,
    get: () => state.value,
    set(value, step = state.step) {
      if (!state.timer) { // what is being typed is not taken away
        Object.assign(state, { value, step });
        show();
      }
    },
  };
}

const STEPS = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

function onKey(event, by) {
  if (event.key in STEPS) {
    event.preventDefault();
    by(STEPS[event.key]);
  }
}

const clamp = (value, { min = -Infinity, max = Infinity }) => Math.min(max, Math.max(min, value));

/** Round away what sums of steps leave behind: 0.30000000000000004. */
const snap = (value) => Number(value.toPrecision(12));

function format(value, step) {
  const digits = Math.max(0, Math.ceil(-Math.log10(Math.abs(step) || 1)));
  const text = Math.abs(value) >= 1e6 || digits > 6 ? value.toPrecision(6) : value.toFixed(Math.min(digits, 6));
  return String(Number(text));
}

/** A button of the box: keys have no need of it, so Tab passes over it. */
function stepper(name, sign, by) {
  const part = make("button", { type: "button", class: "iip-step", tabindex: "-1", "aria-hidden": "true" }, icon(name));
  let timer = 0;
  const repeat = (count) => {
    by(sign * 10 ** Math.floor(count / FASTER));
    timer = setTimeout(repeat, count ? NEXT : FIRST, count + 1);
  };
  const stop = () => clearTimeout(timer);
  // Pointer events alone: browsers also send mouse events, and a press would count twice.
  part.addEventListener("pointerdown", (event) => {
    if (event.button === 0) {
      event.preventDefault();
      part.setPointerCapture?.(event.pointerId);
      stop();
      repeat(0);
    }
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    part.addEventListener(name, stop);
  }
  return part;
}
