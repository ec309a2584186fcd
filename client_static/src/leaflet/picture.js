// Loads pictures into <img> elements, with patience.

import { broken, failureOf } from "../core/patience.js";

const PICTURE = /^image\//;

/**
 * Load a picture.
 *
 * The element asks by itself, as pages of any origin may; only when that fails is the server
 * asked for the reason, and the answer shown if it is a picture after all.
 * @param {HTMLImageElement} element
 * @param {string} url
 * @param {ReturnType<import("../core/patience.js").makePatience>} patience
 * @param {(error: Error | null) => void} done called once, unless cancelled
 * @returns {() => void} what cancels it
 */
export function loadPicture(element, url, patience, done) {
  let failed = 0;
  let over = false;
  let asked = null; // the request for the reason
  let giveUp = null; // ends the waiting
  let blob = null; // an address of this page

  function finish(error) {
    if (over) {
      return;
    }
    stop();
    done(error);
  }

  function stop() {
    over = true;
    element.onload = null;
    element.onerror = null;
    asked?.abort();
    giveUp?.();
    if (blob) {
      URL.revokeObjectURL(blob);
    }
  }

  function show(address, onerror) {
    element.onload = () => element.decode().then(shown, shown); // so that no swap flickers
    element.onerror = onerror;
    element.src = address;
  }

  function shown() {
    if (!over) {
      patience.answered();
      finish(null);
    }
  }

  async function askWhy() {
    asked = new AbortController();
    const answer = await reasonOf(url, asked.signal);
    if (over) {
      return;
    }
    if (answer.picture) {
      blob = URL.createObjectURL(answer.picture);
      show(blob, () => fail({ kind: "final", message: "The server sends a broken picture." }));
    } else {
      fail(answer.failure);
    }
  }

  function fail(failure) {
    failed += 1;
    element.removeAttribute("src");
    giveUp = patience.again(failure, failed, () => show(url, askWhy));
    if (!giveUp) {
      finish(new Error(failure.message));
    }
  }

  show(url, askWhy);
  return () => {
    if (!over) {
      stop();
      element.removeAttribute("src"); // ends the request
    }
  };
}

/** Ask why a picture did not come: resolved with the picture, or with the failure. */
async function reasonOf(url, signal) {
  try {
    const response = await fetch(url, { signal });
    const picture = await response.blob();
    const failure = failureOf(response, response.ok ? "" : await picture.text(), PICTURE);
    return failure ? { failure } : { picture };
  } catch (error) {
    if (error instanceof TypeError || signal.aborted) {
      return { failure: broken() };
    }
    throw error;
  }
}
