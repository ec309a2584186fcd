// The sphere: unit vectors, rotations, distances.  Degrees throughout.

/** @typedef {[number, number]} LngLat Longitude (right ascension) and latitude (declination). */

export const RADIAN = 180 / Math.PI; // degrees

/** The unit vector towards a position. */
export function vectorOf([lng, lat]) {
  const across = Math.cos(lat / RADIAN);
  return [
    across * Math.cos(lng / RADIAN), across * Math.sin(lng / RADIAN), Math.sin(lat / RADIAN),
  ];
}

/** The position that a vector points to; longitudes from 0 to below 360. */
export function lngLatOf([x, y, z]) {
  const lng = Math.atan2(y, x) * RADIAN;
  return [wrap(lng), Math.atan2(z, Math.hypot(x, y)) * RADIAN];
}

/** An angle from 0 to below 360. */
export function wrap(angle) {
  const turned = angle % 360;
  const positive = turned < 0 ? turned + 360 : turned;
  return positive === 360 || positive === 0 ? 0 : positive; // -1e-20 + 360 is 360; no -0
}

/** Matrix times vector. */
export function rotate(matrix, vector) {
  return matrix.map((row) => dot(row, vector));
}

/** Transposed matrix times vector: the way back. */
export function rotateBack(matrix, [x, y, z]) {
  const [a, b, c] = matrix;
  return [
    a[0] * x + b[0] * y + c[0] * z, a[1] * x + b[1] * y + c[1] * z, a[2] * x + b[2] * y + c[2] * z,
  ];
}

/** Scalar product. */
export function dot(a, b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Vector product. */
export function cross(a, b) {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** The product of two matrices. */
export function multiply(a, b) {
  return a.map((row) => rotateBack(b, row));
}

/** The axes of a system whose pole and zero of longitude are given, as rows. */
export function frameOf(pole, zero) {
  const [z, x] = [vectorOf(pole), vectorOf(zero)];
  return [x, cross(z, x), z];
}

/** The angle between two positions along the great circle. */
export function distance(from, to) {
  const [a, b] = [vectorOf(from), vectorOf(to)];
  return Math.atan2(Math.hypot(...cross(a, b)), dot(a, b)) * RADIAN;
}

/** The direction from one position to another, from north through east, 0 to below 360. */
export function positionAngle([lng1, lat1], [lng2, lat2]) {
  const [turn, south, north] = [(lng2 - lng1) / RADIAN, lat1 / RADIAN, lat2 / RADIAN];
  const east = Math.sin(turn) * Math.cos(north);
  const up = Math.cos(south) * Math.sin(north) - Math.sin(south) * Math.cos(north) * Math.cos(turn);
  return wrap(Math.atan2(east, up) * RADIAN);
}

/** The position at some distance from another one, in the direction of a position angle. */
export function offset([lng, lat], angle, length) {
  const [turn, south, arc] = [angle / RADIAN, lat / RADIAN, length / RADIAN];
  const height = Math.sin(south) * Math.cos(arc)
    + Math.cos(south) * Math.sin(arc) * Math.cos(turn);
  const east = Math.sin(arc) * Math.sin(turn);
  const north = Math.cos(south) * Math.cos(arc)
    - Math.sin(south) * Math.sin(arc) * Math.cos(turn);
  return [
    wrap(lng + Math.atan2(east, north) * RADIAN),
    Math.atan2(height, Math.hypot(east, north)) * RADIAN,
  ];
}
