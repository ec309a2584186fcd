// Asked by the integration test: reads [{header, size, points: [[x, y, lng, lat] …]} …] on standard
// input and writes, for each, the sky of x, y and the pixel of lng, lat (null where there is none).

import fs from "node:fs";

import { parseHeader } from "../../../../src/core/fits.js";
import { wcsOf } from "../../../../src/core/wcs/index.js";

const cases = JSON.parse(fs.readFileSync(0, "utf8"));
const answers = cases.map(({ header, size, points }) => {
  const wcs = wcsOf(parseHeader(header), size, { native: true });
  return {
    projection: wcs.projection,
    sky: points.map(([x, y]) => wcs.skyOf([x, y])),
    pixels: points.map(([, , lng, lat]) => (lng === null ? null : wcs.pixelOf([lng, lat]))),
  };
});
process.stdout.write(JSON.stringify(answers));
