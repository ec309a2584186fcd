// The lines of the grid.

import assert from "node:assert/strict";
import { test } from "node:test";

import { gridLines, lineText } from "../../../src/core/graticule.js";

const round = (values) => values.map((value) => Number(value.toFixed(6)));

test("lines are at round degrees, about as many as are wanted", () => {
  const { lngs, lats } = gridLines([[10.2, -1.3], [14.8, 3.1]]);
  assert.deepEqual(round(lngs), [11, 12, 13, 14]);
  assert.deepEqual(round(lats), [-1, 0, 1, 2, 3]);
});

test("hours are round in time", () => {
  const { lngs } = gridLines([[150, 2], [150.1, 2.1]], { hours: true });
  assert.deepEqual(round(lngs), round([150, 150 + 1 / 48, 150 + 2 / 48, 150 + 3 / 48, 150 + 4 / 48]));
});

test("a view across zero goes on below it", () => {
  const { lngs, lng } = gridLines([[359, 0], [1, 1], [0.5, 0]]);
  assert.deepEqual(lng, [359, 361]);
  assert.deepEqual(round(lngs), [359, 359.5, 360, 360.5, 361]);
});

test("a view of a pole has meridians all around, each once", () => {
  const { lngs, step } = gridLines([[0, 89.95], [90, 80], [180, 80], [270, 80]]);
  assert.equal(step.lng, 90);
  assert.deepEqual(lngs, [0, 90, 180, 270]);
});

test("numbers have no more parts than their step needs", () => {
  assert.equal(lineText(150, 15, { hours: true }), "10h");
  assert.equal(lineText(150.25, 0.25, { hours: true }), "10h 1m");
  assert.equal(lineText(150 + 1 / 480, 1 / 480, { hours: true }), "10h 0m 0.5s");
  assert.equal(lineText(-2.5, 0.5, { sign: true }), "−2° 30′");
  assert.equal(lineText(360.5, 0.5), "0° 30′");
  assert.equal(lineText(-0.25, 0.25, { sign: true, decimal: true }), "−0.25°");
});
