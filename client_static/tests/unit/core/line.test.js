// The pixels along a line, as requests.

import assert from "node:assert/strict";
import { test } from "node:test";

import { channelsOf, clippedLine, planLine } from "../../../src/core/line.js";

const INFO = { size: [1000, 800], levels: 4 };

test("a row is one request, its last pixel included", () => {
  const plan = planLine([10, 20], [30, 20], INFO);
  assert.deepEqual(plan.pieces, [{ from: [10, 20], to: [31, 20] }]);
  assert.deepEqual([plan.level, plan.count, plan.reversed], [3, 21, false]);
});

test("a column upwards is asked downwards, and turned round", () => {
  const plan = planLine([5, 40], [5, 10], INFO);
  assert.deepEqual(plan.pieces, [{ from: [5, 10], to: [5, 41] }]);
  assert.deepEqual([plan.count, plan.reversed], [31, true]);
});

test("an oblique line goes through every column once, a piece per row", () => {
  const { pieces, count } = planLine([0, 0], [9, 3], INFO);
  assert.deepEqual(pieces, [
    { from: [0, 0], to: [2, 0] }, { from: [2, 1], to: [5, 1] }, { from: [5, 2], to: [8, 2] }, { from: [8, 3], to: [10, 3] },
  ]);
  assert.equal(count, 10);
});

test("a pixel is a line of one", () => {
  assert.deepEqual(planLine([7, 8], [7, 8], INFO).pieces, [{ from: [7, 8], to: [8, 8] }]);
});

test("a long oblique line is read on a lower level, a straight one is not", () => {
  const plan = planLine([0, 0], [799, 799], INFO);
  assert.equal(plan.level, 0); // 799 / 192 = 4.2: three levels down
  assert.deepEqual([plan.count, plan.pieces.length], [100, 100]);
  assert.equal(planLine([0, 5], [999, 5], INFO).level, 3);
});

test("a line is cut to the image, and one beside it is none", () => {
  assert.deepEqual(clippedLine([-100, 50], [1100, 50], [1000, 800]), [[0, 50], [999, 50]]);
  assert.deepEqual(clippedLine([-10, -10], [20, 20], [1000, 800]), [[0, 0], [20, 20]]);
  assert.equal(clippedLine([-10, 5], [-3, 700], [1000, 800]), null);
  assert.equal(clippedLine([-5, 0], [0, -5], [1000, 800]), null);
  assert.equal(planLine([2000, 0], [2000, 10], INFO), null);
});

test("channels are parted, in the order of the line", () => {
  assert.deepEqual(channelsOf([[1, 10, 2, 20], [3, null]], 2, false), [[1, 2, 3], [10, 20, null]]);
  assert.deepEqual(channelsOf([[1, 10, 2, 20], [3, null]], 2, true), [[3, 2, 1], [null, 20, 10]]);
});
