// The pixels along a line at any angle, as requests for pieces of rows or columns.

const MOST_PIECES = 192; // requests for one line
const MOST_PIXELS = 20_000;

/** @typedef {{from: [number, number], to: [number, number]}} Piece `to` is after its last pixel */

/**
 * Cut a line to an image.
 *
 * @param {[number, number]} from pixels from 0, downwards
 * @param {[number, number]} to
 * @param {[number, number]} size
 * @returns {?[[number, number], [number, number]]} null if it lies outside
 */
export function clippedLine(from, to, size) {
  const delta = [to[0] - from[0], to[1] - from[1]];
  let [start, end] = [0, 1];
  for (const axis of [0, 1]) {
    const limits = [-from[axis], size[axis] - 1 - from[axis]];
    if (delta[axis] === 0 && (limits[0] > 0 || limits[1] < 0)) {
      return null;
    }
    if (delta[axis] !== 0) {
      const [enter, leave] = limits.map((limit) => limit / delta[axis]).sort((one, other) => one - other);
      [start, end] = [Math.max(start, enter), Math.min(end, leave)];
    }
  }
  const at = (part) => [0, 1].map((axis) => Math.min(size[axis] - 1, Math.max(0, Math.round(from[axis] + part * delta[axis]))));
  return start <= end ? [at(start), at(end)] : null;
}

/**
 * Plan the requests for a line.
 *
 * A line along neither axis goes through many rows: beyond 192 of them it is read on a lower level,
 * whose pixels are averages.
 *
 * @param {[number, number]} from pixels of the full image, from 0, downwards
 * @param {[number, number]} to its last pixel
 * @param {{size: [number, number], levels: number}} info
 * @returns {?{level: number, pieces: Piece[], reversed: boolean, count: number,
 *     from: [number, number], to: [number, number]}} null if the line lies outside the image;
 *     `reversed`: the pixels come from the end to the start
 */
export function planLine(from, to, info) {
  const ends = clippedLine(from, to, info.size);
  if (!ends) {
    return null;
  }
  const spans = [0, 1].map((axis) => Math.abs(ends[1][axis] - ends[0][axis]));
  const excess = Math.max(Math.min(...spans) / MOST_PIECES, Math.max(...spans) / MOST_PIXELS);
  const down = Math.min(info.levels - 1, Math.max(0, Math.ceil(Math.log2(excess))));
  const last = info.size.map((side) => Math.max(1, Math.floor(side / 2 ** down)) - 1);
  const shrunk = ends.map((end) => end.map((value, axis) => Math.min(last[axis], Math.floor(value / 2 ** down))));
  return { level: info.levels - 1 - down, from: ends[0], to: ends[1], ...piecesOf(shrunk) };
}

function piecesOf([from, to]) {
  const along = Math.abs(to[0] - from[0]) >= Math.abs(to[1] - from[1]) ? 0 : 1;
  const reversed = to[along] < from[along];
  const [first, last] = reversed ? [to, from] : [from, to];
  const length = last[along] - first[along];
  const slope = length ? (last[1 - along] - first[1 - along]) / length : 0;
  const pieces = [];
  for (let step = 0; step <= length; step += 1) {
    const across = Math.round(first[1 - along] + slope * step);
    const piece = pieces.at(-1);
    if (piece && piece.across === across) {
      piece.end = first[along] + step + 1;
    } else {
      pieces.push({ across, start: first[along] + step, end: first[along] + step + 1 });
    }
  }
  const point = (value, across) => (along === 0 ? [value, across] : [across, value]);
  return {
    reversed,
    count: length + 1,
    pieces: pieces.map(({ across, start, end }) => ({ from: point(start, across), to: point(end, across) })),
  };
}

/**
 * Put the answers of the pieces together, by channel.
 *
 * @param {(number|null)[][]} answers pixel by pixel, channels within
 * @param {number} channels
 * @param {boolean} reversed
 * @returns {(number|null)[][]} a list of pixels per channel
 */
export function channelsOf(answers, channels, reversed) {
  const values = answers.flat();
  const lists = Array.from({ length: channels }, (_, channel) => (
    values.filter((_value, index) => index % channels === channel)
  ));
  return reversed ? lists.map((list) => list.reverse()) : lists;
}
