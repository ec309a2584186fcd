import assert from "node:assert/strict";
import test from "node:test";

import { rgb, RGB } from "../../../src/compat/rgb.js";

test("a colour is made of parts, of a list, of a text or of a colour", () => {
  assert.deepEqual({ ...rgb(1, 0.5, 0) }, { r: 1, g: 0.5, b: 0 });
  assert.deepEqual({ ...rgb([0, 1, 0.25]) }, { r: 0, g: 1, b: 0.25 });
  assert.deepEqual({ ...rgb("#ff0000") }, { r: 1, g: 0, b: 0 });
  const color = new RGB(0, 0, 1);
  assert.equal(rgb(color), color);
  assert.equal(rgb(null), null);
  assert.equal(rgb(undefined), undefined);
});

test("a colour is written in hexadecimal, with its parts cut to 0 and 1", () => {
  assert.equal(rgb(1, 0.5, 0).toStr(), "#ff8000");
  assert.equal(rgb(2, -1, 0.2).toStr(), "#ff0033");
});

test("black is off, all else is on", () => {
  assert.equal(rgb(0, 0, 0).isOn(), false);
  assert.equal(rgb(0, 0.001, 0).isOn(), true);
});

test("a clone is another colour", () => {
  const color = rgb(0, 1, 0);
  const clone = color.clone();
  clone.r = 1;
  assert.equal(color.r, 0);
});
