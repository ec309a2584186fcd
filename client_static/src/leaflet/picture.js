// Loads pictures into <img> elements, with patience.

import { broken, failureOf, SILENCE } from "../core/patience.js";

const PICTURE = /^image\//;
const SPOILT = { kind: "final", message: "The server sends a broken picture." };

/**
 * Load a picture.
 *
 * The element asks by itself, as pages of any origin may; only when that fails is the server
 * asked for the reason, and the answer shown if it is a picture after all.  Each further try is
 * one question: for the picture and the reason where the server's answer can be read, else by the
 * element again, which then fails for the reason of the first time.
 * @param {HTMLImageElement} element
 * @param {string} url
 * @param {ReturnType<import("../core/patience.js").makePatience>} patience
 * @param {(error: Error | null) => void} done called once, unless cancelled
 * @returns {() => void} what cancels it
 */
export function loadPicture(element, url, patience, done) {
  const load = {
    element, url, patience, done,
    failed: 0,
    over: false,
    asked: null, // the request for the reason
    giveUp: null, // ends the waiting
    blob: null, // an address of this page
    reason: null, // of the last failure
    silence: null, // the timer of a try
  };
  begin(load);
  return () => {
    if (!load.over) {
      end(load);
      element.removeAttribute("src"); // ends the request
    }
  };
}

function begin(load) {
  load.silence = setTimeout(() => fail(load, broken()), SILENCE);
  const { reason } = load;
  if (reason && readable(load)) {
    askWhy(load);
  } else {
    show(load, load.url, () => (reason ? fail(load, reason) : askWhy(load)));
  }
}

/** Whether a script may read what the server answers: other servers say so, or they do not. */
function readable({ url, reason }) {
  return reason.status !== undefined || new URL(url, location.href).origin === location.origin;
}

function show(load, address, onerror) {
  const { element } = load;
  const shown = () => load.over || finish(load);
  element.onload = () => element.decode().then(shown, shown); // decoded: no swap flickers
  element.onerror = onerror;
  element.src = address;
}

async function askWhy(load) {
  load.asked = new AbortController();
  const { signal } = load.asked;
  const { failure, picture } = await reasonOf(load.url, signal);
  if (signal.aborted) {
    return;
  }
  if (failure) {
    fail(load, failure);
  } else {
    load.blob = URL.createObjectURL(picture);
    show(load, load.blob, () => fail(load, SPOILT));
  }
}

/** Return why a picture did not come, or the picture. */
async function reasonOf(url, signal) {
  try {
    const response = await fetch(url, { signal });
    const picture = await response.blob();
    const failure = failureOf(response, response.ok ? "" : await picture.text(), PICTURE);
    return { failure, picture };
  } catch (error) {
    if (error instanceof TypeError || signal.aborted) {
      return { failure: broken() };
    }
    throw error;
  }
}

function fail(load, failure) {
  rest(load);
  load.failed += 1;
  load.reason = failure;
  load.element.removeAttribute("src"); // ends the request, and shows no broken picture
  const before = load.giveUp;
  load.giveUp = load.patience.again(failure, load.failed, () => begin(load));
  before?.(); // after the next waiting has begun: between the two it is not all well
  if (!load.giveUp) {
    end(load);
    load.done(new Error(failure.message));
  }
}

function finish(load) {
  end(load);
  load.patience.answered();
  load.done(null);
}

function end(load) {
  load.over = true;
  rest(load);
  load.giveUp?.();
  if (load.blob) {
    URL.revokeObjectURL(load.blob);
  }
}

/** End a try, whatever it waits for. */
function rest(load) {
  clearTimeout(load.silence);
  load.element.onload = null;
  load.element.onerror = null;
  load.asked?.abort();
}
