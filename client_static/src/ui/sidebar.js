// The side bar: a list of tabs and one panel; a sheet at the bottom where the viewer is narrow.

import { button, icon, make, newId } from "./dom.js";

const FLICK = 60; // CSS pixels: a pull of the grip that counts
const NEXT = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** @typedef {{id: string, title: string, icon: string, element: HTMLElement, destroy(): void}} Panel */

/**
 * Make a side bar.
 *
 * @param {Panel[]} panels
 * @param {number} [level] of the panels' headings
 * @returns {{element: HTMLElement, open(id: string): void, close(): void, toggle(id: string): void,
 *     opened(): string}}
 */
export function sidebar(panels, level = 2) {
  const state = { opened: "" };
  const element = make("div", { class: "iip-sidebar" });
  const show = (id) => {
    state.opened = id;
    element.classList.toggle("iip-open", id !== "");
    element.classList.remove("iip-tall");
    entries.forEach((entry) => mark(entry, id));
  };
  const close = () => {
    const entry = entries.find(({ panel }) => panel.id === state.opened);
    show("");
    entry?.tab.focus();
  };
  const toggle = (id) => show(state.opened === id ? "" : id);
  const entries = panels.map((panel) => entryOf(panel, { toggle, close, element, level }));
  const tabs = make("div", { class: "iip-tabs", role: "tablist", "aria-label": "Panels",
    "aria-orientation": "vertical", onkeydown: (event) => onKey(event, entries, show) },
    ...entries.map(({ tab }) => tab));
  entries.forEach(({ tab }, index) => { tab.tabIndex = index ? -1 : 0; });
  element.append(tabs, make("div", { class: "iip-sheet" }, ...entries.map(({ sheet }) => sheet)));
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.opened) {
      event.stopPropagation();
      close();
    }
  });
  return { element, open: show, close, toggle, opened: () => state.opened };
}

function entryOf(panel, { toggle, close, element, level }) {
  const [tabId, sheetId] = [newId("iip-tab"), newId("iip-panel")];
  const tab = make("button", { type: "button", role: "tab", id: tabId, class: `iip-tab iip-tab-${panel.id}`,
    "aria-selected": "false", "aria-controls": sheetId, title: panel.title, onclick: () => toggle(panel.id) },
    icon(panel.icon), make("span", { class: "iip-tab-name", text: panel.short ?? panel.title }));
  const sheet = make("section", { role: "tabpanel", id: sheetId, class: `iip-panel iip-panel-${panel.id}`,
    "aria-labelledby": tabId, hidden: true, tabindex: "-1" },
    make("header", { class: "iip-panel-head" },
      grip(element, close),
      make("h2", { text: panel.title, "aria-level": level === 2 ? null : level }),
      button("Close the panel", close, { icon: "close", bare: true })),
    make("div", { class: "iip-panel-body" }, panel.element));
  return { panel, tab, sheet };
}

function mark({ panel, tab, sheet }, id) {
  const chosen = panel.id === id;
  tab.setAttribute("aria-selected", String(chosen));
  tab.classList.toggle("iip-chosen", chosen);
  sheet.hidden = !chosen;
  if (chosen) {
    tab.tabIndex = 0;
    [...tab.parentElement.children].forEach((other) => { other.tabIndex = other === tab ? 0 : -1; });
    tab.scrollIntoView?.({ block: "nearest", inline: "nearest" });
    panel.shown?.();
  }
}

/** Arrows move between the tabs; they open with Enter or Space, as they may load something. */
function onKey(event, entries) {
  const tabs = entries.map(({ tab }) => tab);
  const at = tabs.indexOf(event.target);
  const next = {
    Home: 0, End: tabs.length - 1,
    [event.key in NEXT ? event.key : ""]: (at + (NEXT[event.key] ?? 0) + tabs.length) % tabs.length,
  }[event.key];
  if (at < 0 || next === undefined) {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  tabs.forEach((tab, index) => { tab.tabIndex = index === next ? 0 : -1; });
  tabs[next].focus();
}

/** The handle of the sheet on small screens: pulled up it is tall, pulled down it closes. */
function grip(element, close) {
  const pull = (distance) => {
    if (distance > FLICK && !element.classList.contains("iip-tall")) {
      close();
    } else if (Math.abs(distance) > FLICK) {
      element.classList.toggle("iip-tall", distance < 0);
    }
  };
  let start = 0;
  return make("button", { type: "button", class: "iip-grip", "aria-label": "Make the panel taller or lower",
    onclick: (event) => event.detail === 0 && element.classList.toggle("iip-tall"),
    onpointerdown(event) {
      start = event.clientY;
      event.target.setPointerCapture?.(event.pointerId);
    },
    onpointerup(event) {
      const distance = event.clientY - start;
      if (Math.abs(distance) < 6) {
        element.classList.toggle("iip-tall");
      } else {
        pull(distance);
      }
    } });
}
