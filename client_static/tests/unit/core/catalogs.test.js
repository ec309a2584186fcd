import assert from "node:assert/strict";
import test from "node:test";

import {
  CATALOGS, catalogUrl, DEFAULT_KEYS, objectUrl, ownCatalog, parseCatalog, shapeOf, template,
} from "../../../src/core/catalogs.js";

// as VizieR answers asu-tsv with -mime=csv and -out.meta=
const ANSWER = `#
#   VizieR Astronomical Server vizier.cds.unistra.fr
2MASS;RAJ2000;DEJ2000;Jmag;Hmag;Kmag
;deg;deg;mag;mag;mag
----------------;----------;----------;------;------;------
10002789+0212350;150.116232;+02.209722;15.123;14.5;--
10002790--212350;150.116532;+02.219722; ;14.6;13.9

`;

test("all catalogues of VisiOmatic 2 are there", () => {
  assert.deepEqual(Object.keys(CATALOGS), [
    "2MASS", "SDSS", "PanSTARRS1", "PPMXL", "Abell", "NVSS", "FIRST", "AllWISE", "GALEX_AIS",
    "GAIA_DR1", "GAIA_DR2", "URAT_1", "GLEAM", "TGSS",
  ]);
  assert.deepEqual(DEFAULT_KEYS, ["GAIA_DR2", "2MASS", "SDSS", "PPMXL", "Abell"]);
});

for (const [key, catalog] of Object.entries(CATALOGS)) {
  test(`${key} asks for as many columns as it names, and has a page for a source`, () => {
    const columns = catalog.url.match(/-out=([^&]*)/)[1].split(",");
    assert.equal(columns.length, 3 + catalog.properties.length);
    assert.equal(catalog.units.length, catalog.properties.length);
    assert.equal(catalog.objurl.match(/-source=/g).length, 1);
    assert.ok(catalog.url.includes("&-sort="));
  });
}

test("the address of a query is that of VisiOmatic 2", () => {
  assert.equal(
    catalogUrl(CATALOGS["2MASS"], [150.1163221, 2.2097337], [0.25, 0.2]),
    "https://vizier.unistra.fr/viz-bin/asu-tsv?&-mime=csv&-source=II/246"
    + "&-out=2MASS,RAJ2000,DEJ2000,Jmag,Hmag,Kmag&-out.meta=&-c.eq=J2000.0"
    + "&-c=150.116322,2.209734&-c.bd=0.2500,0.2000&-out.max=10001&-sort=Jmag",
  );
});

test("other systems and tiny fields have their places in the address", () => {
  const url = catalogUrl(CATALOGS.Abell, [120, 30], [1e-6, 0], { celsys: "galactic" });
  assert.match(url, /-c\.eq=G&-c=120\.000000,30\.000000&-c\.bd=0\.0001,0\.0001&/);
});

test("a page's own catalogue may ask for a cone", () => {
  const own = ownCatalog({ name: "Own", url: "x?r={dr}&m={drm}&n={ nmax }&{other}", nmax: 5 });
  assert.equal(catalogUrl(own, [1, 2], [0.3, 0.4]), "x?r=0.2500&m=15.0000&n=6&{other}");
  const wider = catalogUrl(own, [1, 2], [0.3, 0.4], { radius: 1 });
  assert.equal(wider, "x?r=1.0000&m=60.0000&n=6&{other}");
  assert.throws(() => ownCatalog({ name: "no address" }), /needs a name and a url/);
});

test("words of a template that every object has stay", () => {
  assert.equal(template("{constructor}{a}", { a: 1 }), "{constructor}1");
});

test("an answer is read: no line is lost for an empty cell or two dashes", () => {
  const { features, truncated } = parseCatalog(ANSWER, CATALOGS["2MASS"]);
  assert.equal(truncated, false);
  assert.deepEqual(features.map(({ id }) => id), ["10002789+0212350", "10002790--212350"]);
  assert.deepEqual(features[0].properties.items, [15.123, 14.5, "--"]);
  assert.deepEqual(features[1].properties.items, ["--", 14.6, 13.9]);
  assert.deepEqual(features[0].geometry, { type: "Point", coordinates: [150.116232, 2.209722] });
});

for (const [mark, name] of [[",", "commas"], ["\t", "tabulators"], [";", "semicolons"]]) {
  test(`cells may be parted by ${name}`, () => {
    const line = ["a", "10", "-20", "3.5", "text"].join(mark);
    const [feature] = parseCatalog(line, ownCatalog({ name: "o", url: "u" })).features;
    assert.deepEqual(feature.properties.items, [3.5, "text"]);
    assert.deepEqual(feature.geometry.coordinates, [10, -20]);
  });
}

test("more sources than are shown are told", () => {
  const own = ownCatalog({ name: "o", url: "u", nmax: 2 });
  const { features, truncated } = parseCatalog("a,1,1\nb,2,2\nc,3,3", own);
  assert.equal(features.length, 2);
  assert.equal(truncated, true);
});

for (const text of ["", "<html>\n<p>a;b;c</p></html>", "****No Object found"]) {
  test(`an answer without sources: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseCatalog(text, CATALOGS.SDSS).features, []);
  });
}

const source = (...items) => ({
  id: "a b", properties: { items }, geometry: { type: "Point", coordinates: [1.23456789, -2] },
});

test("a star's radius is the limit plus 5 minus its magnitude, within bounds", () => {
  assert.deepEqual(shapeOf(CATALOGS["2MASS"], source(15, 14)), { radius: 7 });
  assert.deepEqual(shapeOf(CATALOGS["2MASS"], source("--", 14)), { radius: 8 });
  assert.deepEqual(shapeOf(CATALOGS["2MASS"], source(30)), { radius: 2 });
  assert.deepEqual(shapeOf(CATALOGS["2MASS"], source(-50)), { radius: 40 });
  const own = ownCatalog({ name: "o", url: "u", magindex: 1, maglim: 20 });
  assert.deepEqual(shapeOf(own, source(15, 14)), { radius: 11 });
});

test("a radio source is an ellipse of half axes", () => {
  assert.deepEqual(shapeOf(CATALOGS.NVSS, source(3, 72, 36, 20)),
    { major: 0.01, minor: 0.005, angle: 20 });
  assert.deepEqual(shapeOf(CATALOGS.GLEAM, source(3, 36, 36, "--")),
    { major: 0.01, minor: 0.01, angle: 0 });
});

test("the page of a source is at its position", () => {
  const own = ownCatalog({ name: "o", url: "u", objurl: "p?{id}&{ra},{dec}" });
  assert.equal(objectUrl(own, source()), "p?a%20b&1.234568,-2.000000");
});
