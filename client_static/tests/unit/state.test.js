// The state of a page in its address.

import assert from "node:assert/strict";
import { test } from "node:test";

import { applied, differences, queryToState, stateInQuery, stateToQuery } from "../../src/core/state.js";

const WHOLE = {
  image: "a b/c&d+%.ptif",
  center: [210.8025, -54.3489],
  fov: 0.25,
  settings: {
    mode: "mono", channel: 1, colormap: "jet", inverted: true, contrast: 1.5, saturation: 2,
    gamma: 2.2, quality: 80, cuts: [[85.5, 188]], colors: [[1, 0, 0], null],
  },
  catalogs: ["2MASS", "A,B"],
  regions: ["My regions"],
  grid: true,
  celsys: "galactic",
};

test("a state is written as words that people can read", () => {
  assert.equal(
    stateToQuery(WHOLE),
    "FIF=a%20b/c%26d%2B%25.ptif&center=210.8025,-54.3489&fov=0.25&mode=mono&channel=2&cmap=jet"
    + "&inv=1&cnt=1.5&sat=2&gam=2.2&qlt=80&cuts=1:85.5,188&colors=1:ff0000;2:"
    + "&cat=2MASS,A%2CB&reg=My%20regions&grid=1&celsys=galactic",
  );
});

test("what is written is read back", () => {
  assert.deepEqual(queryToState(`?${stateToQuery(WHOLE)}`), WHOLE);
});

test("holes in lists stay holes", () => {
  const state = { settings: { cuts: [, [1, 2]] } }; // eslint-disable-line no-sparse-arrays
  assert.equal(stateToQuery(state), "cuts=2:1,2");
  const { cuts } = queryToState("cuts=2:1,2").settings;
  assert.ok(!(0 in cuts));
  assert.deepEqual(cuts[1], [1, 2]);
});

test("an empty query is the default state", () => {
  assert.deepEqual(queryToState(""), {});
  assert.equal(stateToQuery({}), "");
});

test("words of the page stay as they are, before those of the state", () => {
  const query = "?id=7&tab=a%20b&FIF=old.ptif&flag&center=1,2&id=8";
  assert.equal(stateInQuery(query, { image: "new.ptif" }), "id=7&tab=a%20b&flag&id=8&FIF=new.ptif");
  assert.equal(stateInQuery("", {}), "");
});

test("every word of a state is taken out before it is written anew", () => {
  const words = stateToQuery(WHOLE);
  assert.equal(stateInQuery(words, WHOLE), words);
});

test("degrees are written to 0.4 milliarcseconds", () => {
  assert.equal(stateToQuery({ center: [1 / 3, -1e-9] }), "center=0.3333333,0");
});

for (const query of [
  "center=1", "center=a,b", "center=,", "fov=0", "fov=-1", "mode=x", "channel=0", "channel=1.5",
  "cmap=J%26", "inv=2", "gam=0", "qlt=101", "cnt=NaN", "cuts=0:1,2", "cuts=1:1", "cuts=x",
  "center=1e308,1e308", "center=1e8,0", "fov=1e-300", "fov=1e30", "fov=1e-9",
  "colors=1:zz", "FIF=%zz", "grid=yes", "cat=", "unknown=1", "&&=&",
]) {
  test(`${query} cannot be read, and is left out`, () => {
    assert.deepEqual(queryToState(query), {});
  });
}

test("only what differs from the defaults is in a state, and comes back", () => {
  const defaults = { mode: "color", gamma: 2.2, cuts: [[0, 1], [0, 2]], colors: [[1, 1, 1], null] };
  assert.equal(differences(defaults, defaults), undefined);
  const now = { ...defaults, gamma: 1, cuts: [[0, 1], [3, 4]], colors: [null, null] };
  const changes = differences(now, defaults);
  assert.deepEqual(changes, { gamma: 1, cuts: [undefined, [3, 4]], colors: [null, undefined] });
  assert.deepEqual(applied(defaults, changes), now);
  const there = queryToState(stateToQuery({ settings: changes })).settings;
  assert.deepEqual(applied(defaults, there), now);
});
