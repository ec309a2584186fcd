// L.RGB: a colour of three parts from 0 to 1.

import { colorOf, hexOf } from "../core/mix.js";

export class RGB {
  constructor(r, g, b) {
    this.r = r;
    this.g = g;
    this.b = b;
  }

  clone() {
    return new RGB(this.r, this.g, this.b);
  }

  /** "#rrggbb". */
  toStr() {
    return hexOf([this.r, this.g, this.b]);
  }

  /** Whether it is not black. */
  isOn() {
    return this.r > 0 || this.g > 0 || this.b > 0;
  }
}

/** L.rgb(r, g, b), L.rgb([r, g, b]), L.rgb("#rrggbb"), L.rgb(rgb); undefined and null stay. */
export function rgb(r, g, b) {
  if (r instanceof RGB || r === undefined || r === null) {
    return r;
  }
  if (typeof r === "string") {
    return new RGB(...(colorOf(r) ?? [0, 0, 0]));
  }
  return Array.isArray(r) ? new RGB(r[0], r[1], r[2]) : new RGB(r, g, b);
}
