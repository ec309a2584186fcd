// What the viewer has to say: messages in the page, and words for readers of the screen.

import { button, icon, make } from "./dom.js";

const MOST = 4; // messages at a time
const STAY = 6000; // ms that news stay; troubles stay until they are dismissed or over

/**
 * Make the area of messages.
 *
 * @returns {{element: HTMLElement, live: HTMLElement, announce(text: string): void,
 *     complain(text: string, options?: object): void, tell(text: string): void, clear(key: string): void}}
 */
export function messageArea() {
  const element = make("div", { class: "iip-messages", role: "region", "aria-label": "Messages" });
  const live = make("div", { class: "iip-offscreen", "aria-live": "polite", role: "status" });
  const alerts = make("div", { class: "iip-offscreen", "aria-live": "assertive", role: "alert" });
  const cards = new Map(); // by key

  const drop = (key) => {
    cards.get(key)?.remove();
    cards.delete(key);
  };
  const put = (text, key, card) => {
    drop(key);
    while (cards.size >= MOST) {
      drop(cards.keys().next().value);
    }
    cards.set(key, card);
    element.append(card);
  };
  return {
    element,
    live: make("div", {}, live, alerts),
    announce(text) {
      live.textContent = text;
    },
    tell(text, { key = text } = {}) {
      live.textContent = text;
      put(text, key, card("info", text, null, () => drop(key)));
      setTimeout(drop, STAY, key);
    },
    complain(text, { key = text, action = null } = {}) {
      alerts.textContent = text;
      put(text, key, card("warning", text, action, () => drop(key)));
    },
    clear: drop,
  };
}

/** `action` is {label, press}: what to do about it. */
function card(kind, text, action, dismiss) {
  return make("div", { class: `iip-message iip-${kind}` },
    icon(kind),
    make("p", { text }),
    action && button(action.label, () => {
      dismiss();
      action.press();
    }),
    button("Dismiss", dismiss, { icon: "close", bare: true }));
}
