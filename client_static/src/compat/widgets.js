// L.SpinBox and L.FlipSwitch: the two widgets that pages may use in panels of their own.

import L from "leaflet";

import { make } from "../ui/dom.js";

const DELAY = 500; // ms before a pressed button repeats
const PACES = [[80, 10, 10000], [60, 10, 1000], [40, 10, 100], [20, 50, 10], [0, 150, 1]];

export const SpinBox = L.Evented.extend({
  options: {
    // @option step, dmin, dmax, initValue: Number
    step: 1,
    dmin: -Number.MAX_VALUE,
    dmax: Number.MAX_VALUE,
    initValue: undefined,
    // @option title: String
    title: "",
    // @option disabled: Boolean = false
    disabled: false,
    // @option instantUpdate: Boolean = false; 'change' while a button is pressed, not after it
    instantUpdate: false,
  },

  initialize(parent, options) {
    L.setOptions(this, options);
    const { title, step, dmin, dmax, initValue } = this.options;
    this._input = make("input", { type: "text", inputmode: "decimal",
      class: "leaflet-spinbox-input", title, "aria-label": title || "Number",
      onchange: () => this.fire("change") });
    this._down = this._button("leaflet-spinbox-down", `Less by ${step}`, -1);
    this._up = this._button("leaflet-spinbox-up", `More by ${step}`, 1);
    this._wrap = make("div", { class: "leaflet-spinbox" }, this._input, this._down, this._up);
    L.DomEvent.disableClickPropagation(this._wrap);
    L.DomEvent.disableScrollPropagation(this._wrap);
    parent?.append(this._wrap);
    this.value(initValue ?? (dmin + dmax) / 2);
    if (this.options.disabled) {
      this.disable();
    }
  },

  /** Without a number, the value; with one, set it. */
  value(number) {
    if (number === undefined) {
      return Number.parseFloat(this._input.value);
    }
    this._input.value = String(number);
    return this;
  },

  step(number) {
    if (number === undefined) {
      return this.options.step;
    }
    this.options.step = number;
    return this;
  },

  disable() {
    return this._able(false);
  },

  enable() {
    return this._able(true);
  },

  _able(able) {
    for (const control of [this._input, this._down, this._up]) {
      control.disabled = !able;
      control.classList.toggle("disabled", !able);
    }
    this._wrap.classList.toggle("disabled", !able);
    this.options.disabled = !able;
    return this;
  },

  /** One event for each press, whether by mouse, finger, pen or key. */
  _button(name, label, sign) {
    let [timer, count] = [0, 0];
    const repeat = () => {
      const [, pause, factor] = PACES.find(([least]) => count >= least);
      this._move(sign * factor);
      count += 1;
      timer = setTimeout(repeat, pause);
    };
    const end = () => {
      if (timer) {
        clearTimeout(timer);
        [timer, count] = [0, 0];
        if (!this.options.instantUpdate) {
          this.fire("change");
        }
      }
    };
    return make("button", { type: "button", class: name, title: label, "aria-label": label,
      onpointerdown(event) {
        event.target.setPointerCapture?.(event.pointerId);
        timer = setTimeout(repeat, DELAY);
      },
      onpointerup: () => { this._press(sign, count, timer); end(); },
      onpointercancel: end,
      onclick: (event) => event.detail === 0 && this._pressKey(sign) });
  },

  _press(sign, count, timer) {
    if (timer && count === 0) {
      this._move(sign);
    }
  },

  _pressKey(sign) {
    this._move(sign);
    if (!this.options.instantUpdate) {
      this.fire("change");
    }
  },

  _move(steps) {
    const { step, dmin, dmax, instantUpdate } = this.options;
    const digits = Math.max(0, Math.ceil(-Math.log10(Math.abs(step) || 1)));
    const next = Number((this.value() + steps * step).toFixed(digits + 2));
    if (next >= dmin && next <= dmax) {
      this.value(next);
      if (instantUpdate) {
        this.fire("change");
      }
    }
  },
});

export const FlipSwitch = L.Evented.extend({
  options: {
    // @option checked: Boolean = false
    checked: false,
    // @option id, title: String
    id: "",
    title: "",
  },

  initialize(parent, options) {
    L.setOptions(this, options);
    const { checked, id, title } = this.options;
    const label = title || "Switch";
    this._input = make("input", { type: "checkbox", role: "switch", class: "leaflet-flipswitch",
      id: id || null, title, "aria-label": label, onchange: () => this.fire("change") });
    this._input.checked = checked;
    parent?.append(make("div", { class: "leaflet-flipswitch" }, this._input));
  },

  value(on) {
    if (on === undefined) {
      return this._input.checked;
    }
    this._input.checked = Boolean(on);
    return this;
  },
});

export const spinbox = (parent, options) => new SpinBox(parent, options);
export const flipswitch = (parent, options) => new FlipSwitch(parent, options);
