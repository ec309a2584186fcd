import assert from "node:assert/strict";
import test from "node:test";

import {
  distance, lngLatOf, offset, positionAngle, vectorOf, wrap,
} from "../../../src/core/sphere.js";

test("distances hold for tiny and for huge angles", () => {
  assert.ok(Math.abs(distance([10, 20], [10, 20 + 1e-9]) - 1e-9) < 1e-14);
  assert.equal(distance([0, 90], [77, -90]), 180);
  assert.ok(Math.abs(distance([359.5, 0], [0.5, 0]) - 1) < 1e-12);
});

test("position angles go from north through east", () => {
  assert.ok(Math.abs(positionAngle([10, 0], [10, 1])) < 1e-12);
  assert.ok(Math.abs(positionAngle([10, 0], [11, 0]) - 90) < 1e-12);
  assert.ok(Math.abs(positionAngle([10, 0], [10, -1]) - 180) < 1e-12);
});

test("an offset is at its distance and position angle", () => {
  for (const [angle, length] of [[0, 1], [33, 0.001], [200, 40], [359, 170]]) {
    const to = offset([150, 2], angle, length);
    assert.ok(Math.abs(distance([150, 2], to) - length) < 1e-9);
    assert.ok(Math.abs(positionAngle([150, 2], to) - angle) < 1e-9);
  }
});

test("a vector leads back to its position", () => {
  for (const at of [[0, 0], [359.9, -89.9], [180, 45]]) {
    assert.ok(distance(lngLatOf(vectorOf(at)), at) < 1e-12);
  }
});

test("angles are turned into 0 to below 360", () => {
  assert.deepEqual([-1, 0, 360, 725, -1e-20].map(wrap), [359, 0, 0, 5, 0]);
});
