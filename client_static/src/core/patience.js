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
    return { kind: "broken", message, after: delayOf(response.headers.get("Retry-After")) };
  }
  return { kind: status >= 500 ? "failing" : "final", message };
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
 * Keep those who wait for their next try, and tell when there is trouble and when it is over.
 *
 * Trouble is told when somebody has failed twice: one lost request is made good before anybody
 * has read of it.  An answer that comes through ends the waiting of all who found the connection
 * broken.
 * @param {{trouble?: (message: string) => void, recovered?: () => void,
 *   clock?: {setTimeout: Function, clearTimeout: Function}}} told
 */
export function makePatience({ trouble = () => {}, recovered = () => {}, clock = globalThis } = {}) {
  const waiting = new Set();
  let troubled = false;

  function leave(one) {
    clock.clearTimeout(one.timer);
    waiting.delete(one);
  }

  function settle() {
    const over = troubled && ![...waiting].some((one) => one.failed > 1);
    if (over) {
      troubled = false;
      recovered();
    }
  }

  function go(one) {
    leave(one);
    one.run();
  }

  return Object.freeze({
    /**
     * Run `run` later, unless the failure is final or there were too many.
     * @param {Failure} failure
     * @param {number} failed how often in a row, this one included
     * @param {() => void} run
     * @returns {(() => void) | null} what ends the waiting; null: there is nothing to wait for
     */
    again(failure, failed, run) {
      if (failure.kind === "final" || (failure.kind === "failing" && failed >= TRIES)) {
        settle();
        return null;
      }
      const one = { kind: failure.kind, failed, run, after: failure.after !== undefined };
      one.timer = clock.setTimeout(() => go(one), failure.after ?? delayAfter(failed));
      waiting.add(one);
      if (failed > 1 && !troubled) {
        troubled = true;
        trouble(failure.message);
      }
      return () => {
        leave(one);
        settle();
      };
    },

    /** Tell that an answer has come. */
    answered() {
      this.hurry();
      settle();
    },

    /** Try again now, where only the connection was broken. */
    hurry() {
      [...waiting].filter((one) => one.kind === "broken" && !one.after).forEach(go);
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
  for (let failed = 1; ; failed += 1) {
    const heard = AbortSignal.any([AbortSignal.timeout(SILENCE), ...(signal ? [signal] : [])]);
    const request = () => ask(url, { signal: heard, credentials: cookies });
    const { failure, text } = await attempt(request, wanted, signal);
    if (!failure) {
      patience.answered();
      return text;
    }
    await pause(patience, failure, failed, signal);
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

function pause(patience, failure, failed, signal) {
  return new Promise((resolve, reject) => {
    const give = patience.again(failure, failed, resolve);
    if (!give) {
      reject(new Error(failure.message));
    }
    signal?.addEventListener("abort", () => {
      give?.();
      reject(signal.reason);
    }, { once: true });
  });
}
