// Shapes as rings.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ringOf } from "../../../src/core/shapes.js";

const near = (one, other, least = 1e-6) => one.every((value, axis) => Math.abs(value - other[axis]) < least);

test("a box of pixels is turned from x towards y", () => {
  const ring = ringOf([10, 20], { shape: "box", width: [4, 2], angle: 90, pixel: true });
  assert.ok(near(ring[0], [9, 22]) && near(ring[1], [9, 18]) && near(ring[2], [11, 18]) && near(ring[3], [11, 22]));
});

test("the first axis of an ellipse of pixels points along its angle", () => {
  const ring = ringOf([0, 0], { shape: "ellipse", semi: [5, 1], angle: 0, pixel: true });
  assert.equal(Math.max(...ring.map(([x]) => x)).toFixed(6), "5.000000");
  assert.equal(Math.max(...ring.map(([, y]) => y)).toFixed(6), "1.000000");
});

test("on the sky an angle goes from north through east", () => {
  const ring = ringOf([100, 0], { shape: "box", width: [2, 0.2], angle: 0 });
  assert.ok(Math.abs(Math.max(...ring.map(([, lat]) => lat)) - 1) < 1e-3); // the first axis to the north
  const east = ringOf([100, 0], { shape: "box", width: [2, 0.2], angle: 90 });
  assert.ok(Math.abs(Math.max(...east.map(([lng]) => lng)) - 101) < 1e-3);
});

test("a circle is one on the sky", () => {
  const ring = ringOf([0, 60], { shape: "circle", radius: 0.1 });
  assert.ok(Math.abs(Math.max(...ring.map(([lng]) => lng)) - 0.2) < 1e-3); // cos 60° = 1/2
});

test("what is no shape has no ring", () => {
  assert.equal(ringOf([0, 0], { shape: "circle" }), null);
  assert.equal(ringOf([0, 0], { shape: "circle", radius: -1 }), null);
  assert.equal(ringOf([0, 0], { shape: "constructor", radius: 1 }), null);
});
