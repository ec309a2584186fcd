// The panel of documentation: pages of the site itself, in a frame.

import { button, make } from "./dom.js";

/**
 * @param {import("./viewer.js").Viewer} viewer `config.documentation`: {url, pdf}
 * @returns {import("./sidebar.js").Panel}
 */
export function docsPanel(viewer) {
  const { url = "help.html", pdf = "" } = viewer.config.documentation ?? {};
  const frame = make("iframe", { class: "iip-docs-frame", title: "Documentation" });
  const steps = stepsOf(frame);
  const back = button("Back", () => steps.go(-1), { icon: "back", bare: true });
  const forward = button("Forward", () => steps.go(1), { icon: "forward", bare: true });
  const home = () => { frame.src = url; };
  const show = () => {
    back.disabled = !steps.has(-1);
    forward.disabled = !steps.has(1);
  };
  frame.addEventListener("load", () => {
    steps.loaded();
    show();
  });
  show();
  return {
    id: "docs", title: "Documentation", short: "Help", icon: "docs",
    element: make("div", { class: "iip-docs" },
      make("div", { class: "iip-row iip-docs-bar" },
        button("First page", home, { icon: "home", bare: true }), back, forward,
        pdf && make("a", { class: "iip-button", href: pdf, download: "", text: "PDF" })),
      frame),
    shown() {
      if (!frame.src) {
        home(); // not before somebody wants to read it
      }
    },
    destroy() {},
  };
}

/** The pages of a frame; the browser's own history would take the whole page along. */
function stepsOf(frame) {
  const pages = [];
  let at = -1;
  let moving = false;
  return {
    has: (step) => pages[at + step] !== undefined,
    loaded() {
      const page = frame.contentWindow?.location.href ?? "about:blank";
      if (!moving && page !== "about:blank" && page !== pages[at]) {
        at += 1;
        pages.splice(at, Infinity, page);
      }
      moving = false;
    },
    go(step) {
      at += step;
      moving = true;
      frame.contentWindow.location.replace(pages[at]);
    },
  };
}
