// Circles, ellipses and boxes, which GeoJSON lacks, as rings of positions.

import { planeRing, skyRing } from "./ellipse.js";
import { offset } from "./sphere.js";

const DEGREE = Math.PI / 180;

/**
 * Return the ring of a shape.
 *
 * @param {[number, number]} centre degrees, or pixels
 * @param {{shape: string, radius?: number, semi?: [number, number], width?: [number, number],
 *     angle?: number, pixel?: boolean}} properties sizes in degrees, or in pixels; `angle` of the
 *     first axis from north through east, or in pixels from x towards y
 * @returns {?[number, number][]} null for what is no such shape
 */
export function ringOf(centre, { shape, radius, semi, width, angle = 0, pixel = false }) {
  const axes = { __proto__: null, circle: [radius, radius], ellipse: semi, box: width }[shape];
  if (!Array.isArray(axes) || !axes.every((axis) => axis > 0)) {
    return null;
  }
  if (shape === "box") {
    return cornersOf(axes).map((corner) => (pixel ? turned(centre, corner, angle) : onSky(centre, corner, angle)));
  }
  const ellipse = { majAxis: axes[0], minAxis: axes[1], posAngle: pixel ? angle - 90 : angle };
  return pixel ? planeRing(centre, ellipse) : skyRing(centre, ellipse);
}

const cornersOf = ([width, height]) => (
  [[1, 1], [-1, 1], [-1, -1], [1, -1]].map(([along, across]) => [(along * width) / 2, (across * height) / 2])
);

function turned([x, y], [along, across], angle) {
  const [sine, cosine] = [Math.sin(angle * DEGREE), Math.cos(angle * DEGREE)];
  return [x + along * cosine - across * sine, y + along * sine + across * cosine];
}

function onSky(centre, [along, across], angle) {
  return offset(centre, angle + Math.atan2(-across, along) / DEGREE, Math.hypot(along, across));
}
