// Cylindrical and pseudo-cylindrical projections (paper II, §5.2, §5.3): as in zenithal.js.
// `turns` tells that longitudes go on beyond ±180°: the map may begin at any meridian.

const QUARTER = Math.PI / 2;
const ROUNDING = 1e-12; // what is outside by no more is at the edge

/** The angle whose sine is given; null outside -1 to 1. */
function asin(sine) {
  return Math.abs(sine) <= 1 + ROUNDING ? Math.asin(Math.max(-1, Math.min(1, sine))) : null;
}

/** A native position on the sphere, or null beyond its edges. */
function within(phi, theta, turns = false) {
  const inside = theta !== null && Math.abs(theta) <= QUARTER + ROUNDING
    && (turns || Math.abs(phi) <= Math.PI + ROUNDING);
  return inside ? [phi, theta] : null;
}

/** Plate carrée, §5.2.3. */
export const car = () => ({
  theta0: 0,
  turns: true,
  plane: (phi, theta) => [phi, theta],
  sphere: (x, y) => within(x, y, true),
});

/** Cylindrical equal area, §5.2.2; λ = PV2_1, 1 where it is not given. */
export function cea(pv) {
  const lambda = pv(1, 1);
  return {
    theta0: 0,
    turns: true,
    plane: (phi, theta) => [phi, Math.sin(theta) / lambda],
    sphere: (x, y) => within(x, asin(y * lambda), true),
  };
}

/** Mercator, §5.2.4. */
export const mer = () => ({
  theta0: 0,
  turns: true,
  plane: (phi, theta) => (Math.abs(theta) < QUARTER ? [phi, Math.asinh(Math.tan(theta))] : null),
  sphere: (x, y) => within(x, Math.atan(Math.sinh(y)), true),
});

/** Sanson-Flamsteed, §5.3.1. */
export const sfl = () => ({
  theta0: 0,
  plane: (phi, theta) => [phi * Math.cos(theta), theta],
  sphere(x, y) {
    const across = Math.cos(y);
    return within(across > ROUNDING ? x / across : 0, y);
  },
});

/** Mollweide, §5.3.3. */
export const mol = () => ({
  theta0: 0,
  plane(phi, theta) {
    const gamma = Math.sign(theta) * (QUARTER - molAngle(QUARTER - Math.abs(theta)) / 2);
    return [(2 * Math.SQRT2 / Math.PI) * phi * Math.cos(gamma), Math.SQRT2 * Math.sin(gamma)];
  },
  sphere(x, y) {
    const gamma = asin(y / Math.SQRT2);
    if (gamma === null) {
      return null;
    }
    const across = Math.cos(gamma);
    const phi = across > ROUNDING ? (Math.PI * x) / (2 * Math.SQRT2 * across) : 0;
    return within(phi, asin((2 * gamma + Math.sin(2 * gamma)) / Math.PI));
  },
});

/**
 * Solve 2γ + sin 2γ = π sin θ for u = π - 2|γ|, counted from the pole, where it would lose its digits:
 * u - sin u = π (1 - sin|θ|).  Newton's steps from above, where the function is convex, go down
 * to the root.
 */
function molAngle(colatitude) {
  const area = 2 * Math.PI * Math.sin(colatitude / 2) ** 2;
  let angle = Math.min(Math.PI, 1.2 * Math.cbrt(6 * area));
  for (let step = 0; step < 60 && angle > 0; step += 1) {
    const change = (angle - Math.sin(angle) - area) / (1 - Math.cos(angle));
    angle -= change;
    if (Math.abs(change) < 1e-16 + 1e-15 * angle) {
      break;
    }
  }
  return angle;
}

/** Hammer-Aitoff, §5.3.4. */
export const ait = () => ({
  theta0: 0,
  plane(phi, theta) {
    const across = Math.cos(theta);
    const gamma = Math.sqrt(2 / (1 + across * Math.cos(phi / 2)));
    return [2 * gamma * across * Math.sin(phi / 2), gamma * Math.sin(theta)];
  },
  sphere(x, y) {
    const square = 1 - (x / 4) ** 2 - (y / 2) ** 2; // Z²
    if (square < 0.5 - ROUNDING) {
      return null;
    }
    const z = Math.sqrt(square);
    const [cosine, sine] = [2 * square - 1, (z * x) / 2]; // of φ/2, times cos θ
    return within(2 * Math.atan2(sine, cosine), Math.atan2(y * z, Math.hypot(cosine, sine)));
  },
});
