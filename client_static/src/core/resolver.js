// Names of objects to positions, by Sesame of the CDS.  Asked only when somebody types a name.

/** Where Sesame answers: `-oI` is its form of lines with `%`, `A` asks all databases. */
export const SESAME = "https://cdsweb.u-strasbg.fr/cgi-bin/nph-sesame/-oI/A?";

/** Return the address that asks for a name. */
export const resolverUrl = (service, name) => `${service}${encodeURIComponent(name.trim())}`;

const POSITION = /^%J\s+([+-]?\d+(?:\.\d*)?)\s+([+-]?\d+(?:\.\d*)?)/m;

/**
 * Read the answer.
 *
 * @param {string} text
 * @returns {?[number, number]} ICRS, degrees; null where nobody knows the name
 */
export function parseResolved(text) {
  const found = POSITION.exec(text);
  return found && [Number(found[1]), Number(found[2])];
}
