// From native to celestial spherical coordinates (paper II, §2.2 to 2.4, §2.5).

const RADIAN = 180 / Math.PI;
const ROUNDING = 1e-10; // degrees

const sine = (degrees) => Math.sin(degrees / RADIAN);
const cosine = (degrees) => Math.cos(degrees / RADIAN);
const arg = (x, y) => Math.atan2(y, x) * RADIAN;
const near = (a, b) => Math.abs(a - b) < ROUNDING;

/**
 * The celestial coordinates of the native pole (paper II, §2.4), in degrees.
 *
 * @param {object} of `reference`: native [φ0, θ0]; `crval`: celestial [α0, δ0] of the same point;
 *     `lonpole`: φp; `latpole`: of two solutions the nearer one is taken.
 * @returns {?[number, number]} [αp, δp]; null where no pole satisfies them.
 */
function poleOf({ reference: [phi0, theta0], crval: [alpha0, delta0], lonpole, latpole }) {
  if (near(theta0, 90)) {
    return [alpha0, delta0];
  }
  const turn = lonpole - phi0;
  const delta = poleLatitude(theta0, delta0, turn, latpole);
  if (delta === null) {
    return null;
  }
  if (near(Math.abs(delta0), 90)) {
    return [alpha0, delta];
  }
  if (near(Math.abs(delta), 90)) {
    return [delta > 0 ? alpha0 + turn - 180 : alpha0 - turn, delta];
  }
  const east = arg(
    (sine(theta0) - sine(delta) * sine(delta0)) / (cosine(delta) * cosine(delta0)),
    (sine(turn) * cosine(theta0)) / cosine(delta0),
  );
  return [alpha0 - east, delta];
}

/** δp: of the solutions on the sphere the one nearest to LATPOLE. */
function poleLatitude(theta0, delta0, turn, latpole) {
  const [x, y] = [cosine(theta0) * cosine(turn), sine(theta0)];
  const radius = Math.hypot(x, y);
  if (radius < ROUNDING) {
    return near(delta0, 0) ? latpole : null; // any pole would do
  }
  const ratio = sine(delta0) / radius;
  if (Math.abs(ratio) > 1 + ROUNDING) {
    return null;
  }
  const middle = arg(x, y);
  const spread = Math.acos(Math.max(-1, Math.min(1, ratio))) * RADIAN;
  const solutions = [middle + spread, middle - spread]
    .map((angle) => (angle > 180 ? angle - 360 : angle < -180 ? angle + 360 : angle))
    .filter((angle) => Math.abs(angle) <= 90 + ROUNDING)
    .map((angle) => Math.max(-90, Math.min(90, angle)))
    .sort((a, b) => Math.abs(a - latpole) - Math.abs(b - latpole));
  return solutions.length ? solutions[0] : null;
}

/**
 * The rotation: rows are the native axes in the celestial system (paper II, §2.3).
 *
 * @returns {?number[][]} Null where LONPOLE and LATPOLE contradict the reference point.
 */
export function rotationOf(settings) {
  const pole = poleOf(settings);
  if (pole === null) {
    return null;
  }
  const [[sa, sd, sp], [ca, cd, cp]] = [sine, cosine].map((f) =>
    [...pole, settings.lonpole].map(f));
  return [
    [-sa * sp - ca * cp * sd, ca * sp - sa * cp * sd, cp * cd],
    [sa * cp - ca * sp * sd, -ca * cp - sa * sp * sd, sp * cd],
    [ca * cd, sa * cd, sd],
  ];
}

/**
 * What the header says about the rotation (paper II, §2.2, 2.5).
 *
 * @param {import("../fits.js").Header} header
 * @param {function(number): (number|undefined)} pv PVi_m of the longitude axis: m = 1 to 4 move the
 *     reference point and the pole.
 * @param {[number, number]} crval
 * @param {number} theta0 Of the projection, in degrees.
 */
export function rotationSettings(header, pv, crval, theta0) {
  const first = (...values) => values.find(Number.isFinite); // text is no angle
  const reference = [first(pv(1), 0), first(pv(2), theta0)];
  const usual = reference[0] + (crval[1] >= reference[1] ? 0 : 180);
  return {
    reference,
    crval,
    lonpole: first(pv(3), header.get("LONPOLE"), usual),
    latpole: first(pv(4), header.get("LATPOLE"), 90),
  };
}
