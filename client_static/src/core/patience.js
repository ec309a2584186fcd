/**
 * What to do when an answer does not come: whether to ask again, and when.
 *
 * A connection that breaks is asked again for as long as somebody wants the answer; a server that
 * fails is asked a few times; an answer that says no is final.
 */

/**
 * @typedef {object} Failure
 * @property {"broken" | "failing" | "final"} kind broken: the connection, or nobody is behind it;
 *   failing: the server answers, but with an error of its own
 * @property {string} message for people
 * @property {number} [status] of the answer, where there is one
 * @property {number} [after] milliseconds in which the server wants to be left alone
 */

const FIRST = 400; // milliseconds, doubled each time
const LONGEST = 30_000;
const TRIES = 4; // with a server that is failing
const SHAKEN = 0.25; // part of a delay: those who failed together do not return together
export const SILENCE = 45_000; // milliseconds: a connection that says nothing for longer is broken
const AWAY = new Set([408, 425, 429, 502, 503, 504]); // somebody answers for the server
const TEXT = 200; // characters of an answer that are shown

/** Return what a request says that got no answer at all. */
export function broken() {
  return { kind: "broken", message: "The image server cannot be reached; trying again." };
}

/**
 * Return what is wrong with an answer, or null.
 * @param {{status: number, ok: boolean, headers: {get: (name: string) => string | null}}} response
 * @param {string} text its body
 * @param {RegExp} wanted the types that are right
 * @returns {Failure | null}
 */
export function failureOf(response, text, wanted) {
  const { status } = response;
  if (response.ok) {
    const type = response.headers.get("Content-Type") ?? "";
    return wanted.test(type) ? null : { kind: "final", message: unexpected(type) };
  }
  const said = plain(text);
  const message = `The server answers ${status}${said ? `: ${said}` : "."}`;
  if (AWAY.has(status)) {
    return { kind: "broken", message, status, after: delayOf(response.headers.get("Retry-After")) };
  }
  return { kind: status >= 500 ? "failing" : "final", message, status };
}

function unexpected(type) {
  return `The server answers with ${type.split(";")[0] || "something else"} where an image is`
    + " expected: is the address of the server right?";
}

/** Return the beginning of a text; of a page, only its title. */
function plain(text) {
  const title = /<title>([^<]*)<\/title>/i.exec(text);
  const words = title ? title[1] : text.trimStart().startsWith("<") ? "" : text;
  return words.replace(/\s+/g, " ").trim().slice(0, TEXT);
}

/** Return Retry-After in milliseconds: it is in seconds, or a date. */
function delayOf(text) {
  if (!text) {
    return undefined;
  }
  const wait = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(wait) ? Math.min(Math.max(0, wait), 2 * LONGEST) : undefined;
}

/** Return the milliseconds before the next try, after `failed` tries. */
export function delayAfter(failed, random = Math.random) {
  const delay = Math.min(LONGEST, FIRST * 2 ** Math.min(failed - 1, 20));
  return delay * (1 - SHAKEN * random());
}

/**
 * Keep those who have failed, and tell when there is trouble and when it is over.
 *
 * Trouble is told when somebody has failed twice: one lost request is made good before anybody
 * has read of it.  It is over when all who have failed have their answer, or want none.  An answer
 * that comes through ends the waiting of those who got none at all; a server that answers with an
 * error is left the time it needs.
 * @param {{trouble?: (message: string) => void, recovered?: () => void,
 *   clock?: {setTimeout: Function, clearTimeout: Function}}} told
 */
export function makePatience({ trouble = () => {}, recovered = () => {}, clock = globalThis } = {}) {
  const failing = new Set(); // those who wait for their next try, and those who are at it
  let troubled = false;

  function settle() {
    if (troubled && failing.size === 0) {
      troubled = false;
      recovered();
    }
  }

  function go(one) {
    clock.clearTimeout(one.timer);
    one.waits = false;
    one.run();
  }

  return Object.freeze({
    /**
     * Run `run` later, unless the failure is final or there were too many.
     * @param {Failure} failure
     * @param {number} failed how often in a row, this one included
     * @param {() => void} run
     * @returns {(() => void) | null} what ends the waiting, to be called in the end in any case;
     *   null: there is nothing to wait for
     */
    again(failure, failed, run) {
      if (failure.kind === "final" || (failure.kind === "failing" && failed >= TRIES)) {
        return null;
      }
      const one = { run, waits: true, alone: failure.status === undefined };
      one.timer = clock.setTimeout(() => go(one), failure.after ?? delayAfter(failed));
      failing.add(one);
      if (failed > 1 && !troubled) {
        troubled = true;
        trouble(failure.message);
      }
      return () => {
        clock.clearTimeout(one.timer);
        failing.delete(one);
        settle();
      };
    },

    /** Tell that an answer has come. */
    answered() {
      this.hurry();
    },

    /** Try again now, where there was no answer at all. */
    hurry() {
      [...failing].filter(({ waits, alone }) => waits && alone).forEach(go);
    },
  });
}

/**
 * Ask for a text, with patience.
 * @param {string} url
 * @param {{patience: ReturnType<typeof makePatience>, wanted?: RegExp, signal?: AbortSignal,
 *   credentials?: boolean, ask?: typeof fetch}} options
 * @returns {Promise<string>} rejected with what people are to read, or with the reason of `signal`
 */
export async function askText(url, { patience, wanted = /^/, signal, credentials, ask = fetch }) {
  const cookies = credentials ? "include" : "same-origin";
  let end = () => {}; // of the last waiting
  try {
    for (let failed = 1; ; failed += 1) {
      const heard = AbortSignal.any([AbortSignal.timeout(SILENCE), ...(signal ? [signal] : [])]);
      const request = () => ask(url, { signal: heard, credentials: cookies });
      const { failure, text } = await attempt(request, wanted, signal);
      if (!failure) {
        patience.answered();
        return text;
      }
      const before = end;
      const next = pause(patience, failure, failed, signal);
      ({ end } = next);
      before(); // after the next has begun: between the two it is not all well
      await next.over;
    }
  } finally {
    end();
  }
}

async function attempt(request, wanted, signal) {
  try {
    const response = await request();
    const text = await response.text();
    return { failure: failureOf(response, text, wanted), text };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof TypeError || error.name === "TimeoutError") {
      return { failure: broken() }; // so fetch says that there was no answer, or not in time
    }
    throw error;
  }
}

/** Return `over`, the promise of the next try, and what `end`s the waiting. */
function pause(patience, failure, failed, signal) {
  let end = null;
  const over = new Promise((resolve, reject) => {
    end = patience.again(failure, failed, resolve);
    if (!end) {
      reject(new Error(failure.message));
    }
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return { over, end: end ?? (() => {}) };
}
