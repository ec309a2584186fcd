// Zenithal projections (Calabretta & Greisen 2002, A&A 395, 1077: "paper II", §5.1).
//
// A projection is made from its parameters (`pv(m)` gives PVi_m of the latitude axis, 0 where the
// header has none) and is {theta0, plane(phi, theta), sphere(x, y)}: native latitude of the
// reference point, native angles → plane, and back.  All in radians; null outside.

const QUARTER = Math.PI / 2;

/** A zenithal projection from its radius as a function of the latitude, and the inverse. */
const zenithal = (radiusOf, latitudeOf) => () => ({
  theta0: QUARTER,
  plane(phi, theta) {
    const radius = radiusOf(theta);
    return radius === null ? null : [radius * Math.sin(phi), -radius * Math.cos(phi)];
  },
  sphere(x, y) {
    const theta = latitudeOf(Math.hypot(x, y));
    return theta === null ? null : [Math.atan2(x, -y), theta];
  },
});

/** Gnomonic, §5.1.3. */
export const tan = zenithal(
  (theta) => (theta > 0 ? Math.cos(theta) / Math.sin(theta) : null),
  (radius) => Math.atan2(1, radius),
);

/** Stereographic, §5.1.4. */
export const stg = zenithal(
  (theta) => (theta > -QUARTER ? 2 * Math.tan((QUARTER - theta) / 2) : null),
  (radius) => QUARTER - 2 * Math.atan(radius / 2),
);

/** Zenithal equidistant, §5.1.6. */
export const arc = zenithal(
  (theta) => QUARTER - theta,
  (radius) => (radius <= Math.PI ? QUARTER - radius : null),
);

/** Zenithal equal area, §5.1.8. */
export const zea = zenithal(
  (theta) => 2 * Math.sin((QUARTER - theta) / 2),
  (radius) => (radius <= 2 ? QUARTER - 2 * Math.asin(radius / 2) : null),
);

/** Slant orthographic, §5.1.5; ξ = PV2_1, η = PV2_2. Only the near half is seen. */
export function sin(pv) {
  const [xi, eta] = [pv(1), pv(2)];
  return {
    theta0: QUARTER,
    plane(phi, theta) {
      const seen = Math.sin(theta) >= -Math.cos(theta) * (xi * Math.sin(phi) - eta * Math.cos(phi));
      const [across, down] = [Math.cos(theta), 1 - Math.sin(theta)];
      return seen
        ? [across * Math.sin(phi) + xi * down, -across * Math.cos(phi) + eta * down]
        : null;
    },
    sphere: (x, y) => slantSphere(x, y, xi, eta),
  };
}

function slantSphere(x, y, xi, eta) {
  const a = xi * xi + eta * eta + 1;
  const b = xi * (x - xi) + eta * (y - eta);
  const c = (x - xi) ** 2 + (y - eta) ** 2 - 1;
  const root = b * b - a * c;
  if (root < 0) {
    return null;
  }
  const height = Math.min((-b + Math.sqrt(root)) / a, 1); // sin θ: of two points the nearer one
  const [east, south] = [x - xi * (1 - height), eta * (1 - height) - y];
  return [Math.atan2(east, south), Math.atan2(height, Math.hypot(east, south))];
}
