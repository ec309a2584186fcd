// Rings of ellipses.

import assert from "node:assert/strict";
import { test } from "node:test";

import { planeRing, skyRing } from "../../src/core/ellipse.js";
import { distance } from "../../src/core/units.js";

const near = (one, other, within) => one.forEach((part, axis) => (
  assert.ok(Math.abs(part - other[axis]) < within, `${one} is not ${other}`)
));

test("the angle turns the major axis from y against the clock", () => {
  near(planeRing([10, 20], { majAxis: 4, minAxis: 1, posAngle: 0 })[0], [10, 24], 1e-12);
  near(planeRing([10, 20], { majAxis: 4, minAxis: 1, posAngle: 90 })[0], [6, 20], 1e-12);
});

test("on the sky it turns from north to east, where longitudes grow", () => {
  near(skyRing([150, 0], { majAxis: 1, minAxis: 0.5, posAngle: 0 })[0], [150, 1], 1e-12);
  near(skyRing([150, 0], { majAxis: 1, minAxis: 0.5, posAngle: 90 })[0], [151, 0], 1e-12);
});

test("a circle is as far from its centre everywhere, near a pole as well", () => {
  for (const center of [[150, 2], [0, 89.9], [359.99, -60]]) {
    for (const corner of skyRing(center, { majAxis: 0.5, minAxis: 0.5, posAngle: 30 })) {
      assert.ok(Math.abs(distance(center, corner) - 0.5) < 1e-9);
    }
  }
});
