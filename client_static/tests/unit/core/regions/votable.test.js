import assert from "node:assert/strict";
import test from "node:test";

import { parse } from "../../../../src/core/regions/votable.js";

const table = (fields, rows) => `<?xml version="1.0"?><!-- <TD>no</TD> -->
<v:VOTABLE version="1.4" xmlns:v="x"><v:RESOURCE><v:TABLE>${fields}<v:DATA><v:TABLEDATA>
${rows}</v:TABLEDATA></v:DATA></v:TABLE></v:RESOURCE></v:VOTABLE>`;

test("positions are found by their UCDs, the main ones first", () => {
  const { features, skipped } = parse(table(
    `<v:FIELD name="ra" ucd="pos.eq.ra"/><FIELD name='a' ucd='pos.eq.ra;meta.main' unit="deg"/>
     <FIELD ID="d" ucd="pos.eq.dec;meta.main"/><FIELD name="Source"/>`,
    `<TR><TD>9</TD><TD> 150.1</TD><TD>2.2</TD><TD>x &lt;&#121;&#x3e; <![CDATA[<b>]]></TD></TR>
     <TR><TD/><TD/><TD>3</TD><TD>no place</TD></TR>`,
  ));
  assert.equal(skipped, 1);
  assert.deepEqual(features[0].geometry.coordinates, [150.1, 2.2]);
  assert.equal(features[0].properties.name, "x <y> <b>");
  assert.deepEqual(features[0].properties.table,
    { ra: "9", a: "150.1", d: "2.2", Source: "x <y> <b>" });
});

test("without UCDs names will do", () => {
  const fields = "<FIELD name=\"RAJ2000\"/><FIELD name=\"DEJ2000\"/>";
  const { features } = parse(table(fields, "<TR><TD>1</TD><TD>-2</TD></TR>"));
  assert.deepEqual(features[0].geometry.coordinates, [1, -2]);
});

test("binary rows are refused with advice", () => {
  assert.throws(() => parse("<VOTABLE><TABLE><DATA><BINARY2><STREAM/></BINARY2></DATA></TABLE>"),
    { name: "SyntaxError", message: /save it as TABLEDATA or CSV/ });
});

for (const text of [
  "", "<html><toString>x</toString></html>", "<TR><TD>1</TD></TR>", "<".repeat(999),
]) {
  test(`no VOTable: ${JSON.stringify(text.slice(0, 20))}`, () => {
    assert.throws(() => parse(text), { name: "SyntaxError", message: /no VOTable/ });
  });
}
