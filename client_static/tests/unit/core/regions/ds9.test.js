import assert from "node:assert/strict";
import test from "node:test";

import { parse } from "../../../../src/core/regions/ds9.js";

const one = (text) => {
  const { features } = parse(text);
  assert.equal(features.length, 1);
  return features[0];
};

const close = (found, expected) => found.forEach((value, index) =>
  assert.ok(Math.abs(value - expected[index]) < 1e-9, `${found}`));

test("a circle with style and text", () => {
  const { geometry, properties } = one(
    "# Region file format: DS9 version 4.1\n"
    + "global color=green width=1 font=\"helvetica 10\"\nfk5\n"
    + "circle(10:00:27.9,+02:12:35,7.2\") # color=red text={A; star # 1}\n",
  );
  close(geometry.coordinates, [150.11625, 2.2097222222]);
  assert.deepEqual(properties, {
    color: "red", name: "A; star # 1", celsys: "equatorial", shape: "circle", radius: 0.002,
  });
});

test("angles of sky regions become position angles: DS9 counts from the west", () => {
  const { properties } = one("fk5;ellipse(150.1,2.2,36\",18\",30)");
  assert.deepEqual(properties.semi, [0.01, 0.005]);
  assert.equal(properties.angle, 300); // 30° north of west
  assert.equal(one("image;ellipse(150,20,36,18,30)").properties.angle, 30);
});

test("pixels stay pixels", () => {
  const { geometry, properties } = one("image\nbox 100 200 30 40 0");
  assert.deepEqual(geometry.coordinates, [100, 200]);
  assert.deepEqual(properties, { pixel: true, shape: "box", width: [30, 40], angle: 0 });
});

test("a polygon is closed", () => {
  const { geometry } = one("icrs\npolygon(150,2,150.1,2,150.1,2.1)");
  assert.deepEqual(geometry, {
    type: "Polygon", coordinates: [[[150, 2], [150.1, 2], [150.1, 2.1], [150, 2]]],
  });
});

test("lines, vectors, points", () => {
  const line = one("galactic;line(120,30,121,31)");
  assert.deepEqual(line.geometry.coordinates, [[120, 30], [121, 31]]);
  assert.equal(line.properties.celsys, "galactic");
  close(one("fk5;vector(150,2,1',90)").geometry.coordinates[1], [150, 2 + 1 / 60]);
  close(one("image;vector(10,20,5,90)").geometry.coordinates[1], [10, 25]);
  assert.equal(one("fk5;point(1,2) # point=cross text='p'").properties.name, "p");
});

test("an annulus is its circles", () => {
  const radii = parse("fk5;annulus(150,2,1',2',3')").features.map((f) => f.properties.radius * 60);
  assert.deepEqual(radii.map((radius) => Math.round(radius * 1e6) / 1e6), [1, 2, 3]);
});

test("an excluded region is told", () => {
  assert.equal(one("fk5;-circle(1,2,3')").properties.excluded, true);
});

test("what is not known is counted, not read", () => {
  const text = "fk5\ncircle(1,2,3')\npanda(1,2,3,4)\nconstructor(1,2)\ntoString\ncircle(a,b,c)\n"
    + "circle(1,2)\ncircle(1,2,-3)\nfk4\ncircle(1,2,3')\nimage\ncircle(1,2,3')";
  const { features, skipped } = parse(text);
  assert.equal(features.length, 1);
  assert.equal(skipped, 8);
});

test("a colour is a word or a number, nothing else", () => {
  assert.equal(one("fk5;point(1,2) # color=url(x)").properties.color, undefined);
  assert.equal(one("fk5;point(1,2) # color=#12aBc0").properties.color, "#12aBc0");
});

for (const text of ["", "hello", "fk5\n", "{\"a\": 1}"]) {
  test(`no regions: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parse(text), { name: "SyntaxError", message: /no DS9 regions/ });
  });
}
