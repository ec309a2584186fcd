import assert from "node:assert/strict";
import test from "node:test";

import { parse } from "../../../../src/core/regions/geojson.js";

const point = { type: "Point", coordinates: [1, 2] };

test("a collection, a feature and a geometry are read", () => {
  const feature = { type: "Feature", properties: { name: "a" }, geometry: point };
  for (const value of [{ type: "FeatureCollection", features: [feature] }, feature]) {
    assert.deepEqual(parse(JSON.stringify(value)).features, [feature]);
  }
  assert.deepEqual(parse(JSON.stringify(point)).features,
    [{ type: "Feature", properties: {}, geometry: point }]);
});

test("a collection of geometries becomes features with the same properties", () => {
  const { features } = parse(JSON.stringify({
    type: "Feature", id: 7, properties: { a: 1 },
    geometry: { type: "GeometryCollection", geometries: [point, point] },
  }));
  assert.deepEqual(features.map(({ id, properties }) => [id, properties]),
    [[7, { a: 1 }], [7, { a: 1 }]]);
});

test("broken features are counted and left out", () => {
  const bad = [
    null, { type: "Point", coordinates: [1] }, { type: "Point", coordinates: ["1", 2] },
    { type: "Point", coordinates: [[1, 2]] }, { type: "Polygon", coordinates: [[1, 2]] },
    { type: "Polygon", coordinates: [] }, { type: "Blob", coordinates: [1, 2] },
  ].map((geometry) => ({ type: "Feature", properties: null, geometry }));
  const good = { type: "Feature", properties: null, geometry: point };
  const result = parse(JSON.stringify({ type: "FeatureCollection", features: [...bad, good, 3] }));
  assert.equal(result.features.length, 1);
  assert.deepEqual(result.features[0].properties, {});
  assert.equal(result.skipped, bad.length);
});

for (const geometries of [{ a: 1 }, "ab", 3, null, undefined]) {
  test(`a collection of geometries that is no list is left out alone: ${geometries}`, () => {
    const odd = { type: "Feature", properties: {}, geometry: { type: "GeometryCollection", geometries } };
    const good = { type: "Feature", properties: {}, geometry: point };
    const result = parse(JSON.stringify({ type: "FeatureCollection", features: [odd, good] }));
    assert.deepEqual([result.features, result.skipped], [[good], 1]);
  });
}

test("names of properties reach no other object", () => {
  const own = '{"__proto__": {"spoilt": 1}, "constructor": {"prototype": {"spoilt": 1}}}';
  const { features } = parse(`{"type": "Feature", "properties": ${own}, "__proto__": {"spoilt": 1},
    "geometry": {"type": "Point", "coordinates": [1, 2]}, "iipastro": {"frame": "__proto__"}}`);
  assert.equal(features.length, 1);
  assert.deepEqual([{}.spoilt, features[0].spoilt, features[0].properties.spoilt], [undefined, undefined, undefined]);
  assert.ok(!Object.hasOwn(features[0].properties, "__proto__"));
});

for (const name of ["toString", "valueOf", "to\\u0053tring"]) {
  test(`a property is always something that can be compared and written: ${name}`, () => {
    const { features } = parse(`{"type": "Feature", "properties": {"radius": {"${name}": 1}},
      "geometry": {"type": "Point", "coordinates": [1, 2]}}`);
    assert.equal(features[0].properties.radius > 0, false);
    assert.equal(String(features[0].properties.radius), "[object Object]");
  });
}

for (const text of ["", "{\"a\":", "<html>"]) {
  test(`no JSON: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parse(text), { name: "SyntaxError", message: /^This is no JSON: / });
  });
}

for (const text of ["3", "null", "[]", "{}", "{\"type\": \"FeatureCollection\"}"]) {
  test(`no GeoJSON: ${text}`, () => {
    assert.throws(() => parse(text), { name: "SyntaxError", message: /no GeoJSON/ });
  });
}

test("deep nesting is no position", () => {
  const deep = `${"[".repeat(3000)}1,2${"]".repeat(3000)}`;
  const { features, skipped } = parse(`{"type": "Polygon", "coordinates": ${deep}}`);
  assert.deepEqual([features.length, skipped], [0, 1]);
});

test("the frame that `iipastro regions` writes holds for each feature", () => {
  const own = (frame) => parse(JSON.stringify({
    type: "FeatureCollection", iipastro: { frame }, features: [
      { type: "Feature", properties: { name: "a" }, geometry: point },
    ],
  })).features[0].properties;
  assert.deepEqual(own("pixel"), { pixel: true, name: "a" });
  assert.deepEqual(own("galactic"), { celsys: "galactic", name: "a" });
  assert.deepEqual(own("icrs"), { name: "a" });
});
