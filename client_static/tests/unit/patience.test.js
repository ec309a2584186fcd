// When an answer does not come.

import assert from "node:assert/strict";
import { test } from "node:test";

import { askText, broken, delayAfter, failureOf, makePatience } from "../../src/core/patience.js";

const IMAGE = /^image\//;

function answer(status, headers = {}) {
  return { status, ok: status < 300, headers: new Headers(headers) };
}

/** A clock that is turned by hand. */
function makeClock() {
  const timers = new Map();
  let next = 1;
  return {
    timers,
    setTimeout: (run, delay) => { timers.set(next, { run, delay }); return next++; },
    clearTimeout: (timer) => timers.delete(timer),
    strike() {
      const [timer, { run }] = [...timers][0];
      timers.delete(timer);
      run();
    },
  };
}

function makeTold() {
  const news = [];
  const clock = makeClock();
  const patience = makePatience({
    trouble: (message) => news.push(message), recovered: () => news.push("recovered"), clock,
  });
  return { news, clock, patience };
}

test("a picture is what was wanted; a page is not, and is not asked for again", () => {
  assert.equal(failureOf(answer(200, { "Content-Type": "image/jpeg" }), "", IMAGE), null);
  const failure = failureOf(answer(200, { "Content-Type": "text/html; charset=utf-8" }), "", IMAGE);
  assert.equal(failure.kind, "final");
  assert.match(failure.message, /text\/html/);
});

for (const [status, kind] of [
  [400, "final"], [403, "final"], [404, "final"], [408, "broken"], [429, "broken"],
  [500, "failing"], [501, "failing"], [502, "broken"], [503, "broken"], [504, "broken"],
]) {
  test(`${status} is ${kind}`, () => {
    assert.equal(failureOf(answer(status), "", IMAGE).kind, kind);
  });
}

test("the server's own words are in the message; of a page, its title", () => {
  assert.match(failureOf(answer(404), " no such\nimage ", IMAGE).message, /404: no such image$/);
  const page = "<html><head><title>502 Bad Gateway</title></head>";
  assert.match(failureOf(answer(502), page, IMAGE).message, /502: 502 Bad Gateway$/);
  assert.match(failureOf(answer(502), "<p>x</p>", IMAGE).message, /502\.$/);
  assert.ok(failureOf(answer(404), "x".repeat(9999), IMAGE).message.length < 300);
});

test("Retry-After is followed, in seconds and as a date, up to a minute", () => {
  const after = (text) => failureOf(answer(503, { "Retry-After": text }), "", IMAGE).after;
  assert.equal(after("2"), 2000);
  assert.equal(after("86400"), 60_000);
  assert.equal(after("soon"), undefined);
  assert.equal(after(new Date(0).toUTCString()), 0);
  assert.equal(failureOf(answer(503), "", IMAGE).after, undefined);
});

test("delays double to half a minute, and are shaken by a quarter", () => {
  assert.deepEqual([1, 2, 3, 7, 8, 99].map((failed) => delayAfter(failed, () => 0)),
    [400, 800, 1600, 25_600, 30_000, 30_000]);
  assert.equal(delayAfter(1, () => 1), 300);
});

test("one lost request is tried again, and nobody hears of it", () => {
  const { news, clock, patience } = makeTold();
  let tries = 0;
  patience.again(broken(), 1, () => { tries += 1; });
  clock.strike();
  assert.equal(tries, 1);
  patience.answered();
  assert.deepEqual(news, []);
});

test("two lost requests are told once, and so is the end of the trouble", () => {
  const { news, patience } = makeTold();
  const ends = [patience.again(broken(), 2, () => {}), patience.again(broken(), 2, () => {})];
  assert.deepEqual(news, [broken().message]);
  patience.answered();
  ends[0]();
  assert.deepEqual(news, [broken().message]); // the other one is at its next try
  ends[1]();
  assert.deepEqual(news, [broken().message, "recovered"]);
});

test("trouble goes on while a try follows the other", () => {
  const { news, clock, patience } = makeTold();
  const first = patience.again(broken(), 2, () => {});
  clock.strike();
  const second = patience.again(broken(), 3, () => {});
  first();
  assert.deepEqual(news, [broken().message]);
  second();
  assert.deepEqual(news, [broken().message, "recovered"]);
});

test("an answer ends the waiting of those who got none; a server that says no is left alone", () => {
  const { clock, patience } = makeTold();
  const tried = [];
  patience.again(broken(), 5, () => tried.push("broken"));
  for (const status of [429, 500, 502, 503, 504]) {
    patience.again(failureOf(answer(status), "", IMAGE), 1, () => tried.push(status));
  }
  patience.again(failureOf(answer(503, { "Retry-After": "9" }), "", IMAGE), 1, () => tried.push("asked to wait"));
  patience.answered();
  assert.deepEqual(tried, ["broken"]);
  assert.deepEqual([...clock.timers.values()].map(({ delay }) => delay >= 300), Array(6).fill(true));
  patience.answered();
  assert.deepEqual(tried, ["broken"]); // who is at it is not started again
});

test("a server that fails is asked four times, and a final answer is final", () => {
  const { patience } = makeTold();
  const failing = { kind: "failing", message: "" };
  assert.ok(patience.again(failing, 3, () => {}));
  assert.equal(patience.again(failing, 4, () => {}), null);
  assert.equal(patience.again({ kind: "final", message: "" }, 1, () => {}), null);
  assert.ok(patience.again(broken(), 1000, () => {}));
});

test("who gives up waiting is not tried again, and may end the trouble", () => {
  const { news, clock, patience } = makeTold();
  const giveUp = patience.again(broken(), 2, () => assert.fail("tried"));
  giveUp();
  assert.equal(clock.timers.size, 0);
  assert.deepEqual(news, [broken().message, "recovered"]);
});

test("a text is asked for until the connection is back", async () => {
  const { clock, patience } = makeTold();
  const answers = [
    () => { throw new TypeError("connection refused"); },
    () => new Response("", { status: 503 }),
    () => new Response("here"),
  ];
  const asked = askText("x", { patience, ask: async () => answers.shift()() });
  for (let turn = 0; turn < 2; turn += 1) {
    while (!clock.timers.size) {
      await new Promise(setImmediate);
    }
    clock.strike();
  }
  assert.equal(await asked, "here");
});

test("a text that is not there is an error in the server's words", async () => {
  const { patience } = makeTold();
  const ask = async () => new Response("no such image", { status: 404 });
  await assert.rejects(askText("x", { patience, ask }), { message: /404: no such image/ });
});

test("a question that is not wanted any more ends, while it waits as well", async () => {
  const { clock, patience } = makeTold();
  const wanted = new AbortController();
  const ask = async () => { throw new TypeError("connection refused"); };
  const asked = askText("x", { patience, ask, signal: wanted.signal });
  while (!clock.timers.size) {
    await new Promise(setImmediate);
  }
  wanted.abort();
  await assert.rejects(asked, { name: "AbortError" });
  assert.equal(clock.timers.size, 0);
});
