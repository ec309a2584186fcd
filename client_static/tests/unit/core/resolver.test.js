// What Sesame is asked, and what it answers.

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseResolved, resolverUrl, SESAME } from "../../../src/core/resolver.js";

test("a name is asked for whole", () => {
  assert.equal(resolverUrl(SESAME, " M 51 "), "https://cdsweb.u-strasbg.fr/cgi-bin/nph-sesame/-oI/A?M%2051");
});

test("the position stands after %J", () => {
  const text = "# M 51\t#Q1\n%@ 1\n%C.0 GiP\n%J 202.46957500 +47.19525833 = 13:29:52.698 +47:11:42.93\n";
  assert.deepEqual(parseResolved(text), [202.469575, 47.19525833]);
  assert.deepEqual(parseResolved("%J 10 -5 = x"), [10, -5]);
});

test("a name that nobody knows has none", () => {
  assert.equal(parseResolved("# xyzzy\t#Q1\n#!Simbad: Nothing found\n"), null);
  assert.equal(parseResolved("<html>%J</html>"), null);
});
