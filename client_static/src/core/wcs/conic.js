// Conic projections (paper II, §5.4): as in zenithal.js; θa = PV2_1, η = PV2_2, in degrees.

const QUARTER = Math.PI / 2;
const ROUNDING = 1e-12;

/**
 * A conic projection.
 *
 * `shape(a, eta)` gives the cone's constant C, the radius of the reference parallel Y0, and the
 * functions radius(θ) and latitude(R), null outside; a is θa.
 */
const conic = (shape) => (pv) => {
  const a = (pv(1) * Math.PI) / 180;
  const { cone, origin, radius, latitude } = shape(a, (pv(2) * Math.PI) / 180);
  return {
    theta0: a,
    plane(phi, theta) {
      const r = radius(theta);
      return r === null ? null : [r * Math.sin(cone * phi), origin - r * Math.cos(cone * phi)];
    },
    sphere(x, y) {
      const side = Math.sign(a);
      const r = side * Math.hypot(x, origin - y);
      const phi = r === 0 ? 0 : Math.atan2(side * x, side * (origin - y)) / cone;
      const theta = latitude(r);
      return theta === null || !onSphere(phi, theta) ? null : [phi, theta];
    },
  };
};

const onSphere = (phi, theta) =>
  Math.abs(phi) <= Math.PI + ROUNDING && Math.abs(theta) <= QUARTER + ROUNDING;

/** Perspective, §5.4.1. */
export const cop = conic((a, eta) => {
  const cot = 1 / Math.tan(a);
  return {
    cone: Math.sin(a),
    origin: Math.cos(eta) * cot,
    radius: (theta) => (
      Math.abs(theta - a) < QUARTER ? Math.cos(eta) * (cot - Math.tan(theta - a)) : null
    ),
    latitude: (r) => a + Math.atan(cot - r / Math.cos(eta)),
  };
});

/** Equidistant, §5.4.3; with η = 0 the limit for one standard parallel. */
export const cod = conic((a, eta) => {
  const [ratio, spread] = eta === 0 ? [1, 1] : [Math.sin(eta) / eta, eta / Math.tan(eta)];
  const origin = spread / Math.tan(a);
  return {
    cone: Math.sin(a) * ratio,
    origin,
    radius: (theta) => a - theta + origin,
    latitude: (r) => a + origin - r,
  };
});

/** Equal area, §5.4.2. */
export const coe = conic((a, eta) => {
  const [sine1, sine2] = [Math.sin(a - eta), Math.sin(a + eta)];
  const gamma = sine1 + sine2;
  const radius = (theta) =>
    (2 / gamma) * Math.sqrt(Math.max(0, 1 + sine1 * sine2 - gamma * Math.sin(theta)));
  return {
    cone: gamma / 2,
    origin: radius(a),
    radius,
    latitude(r) {
      const sine = (1 + sine1 * sine2) / gamma - gamma * (r / 2) ** 2;
      return Math.abs(sine) <= 1 + ROUNDING ? Math.asin(Math.max(-1, Math.min(1, sine))) : null;
    },
  };
});

/** Orthomorphic, §5.4.4. */
export const coo = conic((a, eta) => {
  const [theta1, theta2] = [a - eta, a + eta];
  const half = (theta) => Math.tan((QUARTER - theta) / 2);
  const cone = eta === 0
    ? Math.sin(a)
    : Math.log(Math.cos(theta2) / Math.cos(theta1)) / Math.log(half(theta2) / half(theta1));
  const psi = Math.cos(theta1) / (cone * half(theta1) ** cone);
  const radius = (theta) => {
    const r = psi * half(theta) ** cone;
    return Number.isFinite(r) ? r : null;
  };
  return {
    cone,
    origin: radius(a),
    radius,
    latitude: (r) => QUARTER - 2 * Math.atan((r / psi) ** (1 / cone)),
  };
});
