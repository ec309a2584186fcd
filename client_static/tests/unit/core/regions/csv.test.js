import assert from "node:assert/strict";
import test from "node:test";

import { parse } from "../../../../src/core/regions/csv.js";

test("columns are found by their names", () => {
  const { features, skipped } = parse(
    "# made by hand\nname,RA,Dec,mag\r\n\"A, \"\"b\"\"\",150.1,2.2,17.5\n"
    + "B,10:00:00,+02:12:00,18\nC,,,3\n",
  );
  assert.equal(skipped, 1);
  const places = features.map(({ geometry }) => geometry.coordinates);
  assert.deepEqual(places, [[150.1, 2.2], [150, 2.2]]);
  assert.equal(features[0].properties.name, "A, \"b\"");
  assert.equal(features[0].properties.celsys, "equatorial");
  assert.deepEqual(features[1].properties.table,
    { name: "B", RA: "10:00:00", Dec: "+02:12:00", mag: "18" });
});

for (const [names, own] of [
  ["_RAJ2000;_DEJ2000", { celsys: "equatorial" }], ["glon;glat", { celsys: "galactic" }],
  ["X_IMAGE;Y_IMAGE", { pixel: true }], ["elon;elat", { celsys: "ecliptic" }],
]) {
  test(`${names} are known`, () => {
    const { features: [{ properties: { table, ...rest } }] } = parse(`${names}\n1;2`);
    assert.deepEqual(rest, own);
  });
}

test("without names the first two numbers are the position", () => {
  const { features } = parse("star,150.1,2.2\ngalaxy,150.2,2.3");
  assert.deepEqual(features.map(({ properties }) => properties.name), ["star", "galaxy"]);
  assert.deepEqual(features[1].geometry.coordinates, [150.2, 2.3]);
});

for (const text of ["", "a,b\n1,x", "ra,dec\n", "ra,dec\n1,95", "hello"]) {
  test(`no positions: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parse(text), { name: "SyntaxError", message: /no positions/ });
  });
}
