// Ellipses as rings of positions.

const DEGREE = Math.PI / 180;
const CORNERS = 64;

/**
 * Return the ring of an ellipse in a plane whose y goes up.
 * @param {[number, number]} center
 * @param {{majAxis: number, minAxis: number, posAngle: number}} shape half axes, and the degrees
 *   from y to the major axis, against the clock
 * @returns {[number, number][]}
 */
export function planeRing([x, y], shape) {
  return cornersOf(shape).map(([east, north]) => [x - east, y + north]);
}

/**
 * Return the ring of an ellipse on the sky; distances are kept from the centre.
 * @param {[number, number]} center longitude and latitude in degrees
 * @param {{majAxis: number, minAxis: number, posAngle: number}} shape half axes in degrees, and
 *   the degrees from north to the major axis, eastwards
 * @returns {[number, number][]}
 */
export function skyRing(center, shape) {
  return cornersOf(shape).map(([east, north]) => (
    moved(center, Math.hypot(east, north) * DEGREE, Math.atan2(east, north))
  ));
}

/** Return the corners as offsets to the east and to the north, which has east on its left. */
function cornersOf({ majAxis, minAxis, posAngle }) {
  const [sine, cosine] = [Math.sin(posAngle * DEGREE), Math.cos(posAngle * DEGREE)];
  return Array.from({ length: CORNERS }, (_, corner) => {
    const angle = (2 * Math.PI * corner) / CORNERS;
    const [along, across] = [majAxis * Math.cos(angle), minAxis * Math.sin(angle)];
    return [along * sine + across * cosine, along * cosine - across * sine];
  });
}

function moved([lng, lat], distance, bearing) {
  const [sine, cosine] = [Math.sin(lat * DEGREE), Math.cos(lat * DEGREE)];
  const up = sine * Math.cos(distance) + cosine * Math.sin(distance) * Math.cos(bearing);
  const turned = Math.atan2(
    Math.sin(bearing) * Math.sin(distance) * cosine, Math.cos(distance) - sine * up,
  );
  return [lng + turned / DEGREE, Math.asin(Math.min(1, Math.max(-1, up))) / DEGREE];
}
