// Elements of the page, made without markup in strings: nothing here can run a script.

const SVG = "http://www.w3.org/2000/svg";

/** What may stand in a child's place. @typedef {Node|string|null|false|undefined} Child */

/**
 * Make an element.
 *
 * @param {string} tag
 * @param {Object<string, *>} [attributes] `on…` are listeners; true, false, null and undefined make
 *     an attribute with or without; `text` is the text.
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    setAttribute(element, name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function setAttribute(element, name, value) {
  if (name.startsWith("on")) {
    element.addEventListener(name.slice(2), value);
  } else if (name === "text") {
    element.textContent = value;
  } else if (value === true) {
    element.setAttribute(name, "");
  } else if (value !== false && value !== null && value !== undefined) {
    element.setAttribute(name, value);
  }
}

/** An id that nothing else in the page has: several viewers may share it. */
export const newId = (prefix) => `${prefix}-${Math.random().toString(36).slice(2, 10)}`;

// Drawn on a square of 24, with a line of 1.75.
const PATHS = {
  channels: ["M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 1 0 0-11", "M15 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 1 0 0-11",
    "M12 9.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 1 0 0-11"],
  image: ["M4 7h10", "M18 7h2", "M16 5v4", "M4 12h3", "M11 12h9", "M9 10v4", "M4 17h8", "M16 17h4", "M14 15v4"],
  catalog: ["M12 3.5l1.6 4.9L18.5 10l-4.9 1.6L12 16.5l-1.6-4.9L5.5 10l4.9-1.6z",
    "M18.5 15.5v5", "M16 18h5", "M5 16.5v3", "M3.5 18h3"],
  region: ["M5 5h14v14H5z", "M5 3.5v3M3.5 5h3M19 3.5v3M17.5 5h3M5 17.5v3M3.5 19h3M19 17.5v3M17.5 19h3"],
  profile: ["M4 4v16h16", "M6.5 16l3-1.5 2.5-8 2.5 9 2-3 3 .5"],
  snapshot: ["M4 8h3.5l1.5-2.5h6L16.5 8H20v11H4z", "M12 10a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 1 0 0-6.4"],
  header: ["M6 3.5h8.5L18 7v13.5H6z", "M9 9.5h6M9 13h6M9 16.5h4"],
  docs: ["M4 5.5c3-1.3 5.5-1 8 .8 2.5-1.8 5-2.1 8-.8v13c-3-1.3-5.5-1-8 .8-2.5-1.8-5-2.1-8-.8z", "M12 6.5v12.5"],
  close: ["M6 6l12 12M18 6L6 18"],
  plus: ["M12 5v14M5 12h14"],
  minus: ["M5 12h14"],
  bin: ["M5 7h14M10 4h4M7 7l.8 13h8.4L17 7M10.5 10.5v6M13.5 10.5v6"],
  copy: ["M9 9h11v11H9z", "M15 9V4H4v11h5"],
  link: ["M10 14l4-4", "M11.5 7.5l2-2a4 4 0 0 1 5.5 5.5l-2 2", "M12.5 16.5l-2 2A4 4 0 0 1 5 13l2-2"],
  search: ["M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 1 0 0-13", "M16 16l4.5 4.5"],
  help: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 1 0 0-17", "M9.5 9.5c0-3.3 5-3.2 5-.2 0 2-2.5 2-2.5 4.2", "M12 16.5v.2"],
  gallery: ["M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z"],
  full: ["M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"],
  unfull: ["M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5"],
  reticle: ["M12 3v6M12 15v6M3 12h6M15 12h6"],
  grid: ["M4 8c5-2 11-2 16 0M4 16c5-2 11-2 16 0", "M9 4c-1.5 5-1.5 11 0 16M15 4c1.5 5 1.5 11 0 16"],
  home: ["M4 11.5L12 4.5l8 7", "M6.5 10v9.5h11V10"],
  back: ["M14.5 5.5L8 12l6.5 6.5"],
  forward: ["M9.5 5.5L16 12l-6.5 6.5"],
  down: ["M5.5 9.5L12 16l6.5-6.5"],
  up: ["M5.5 14.5L12 8l6.5 6.5"],
  print: ["M7 9V4h10v5M7 17H4V9h16v8h-3", "M7 14h10v6H7z"],
  pdf: ["M6 3.5h8.5L18 7v13.5H6z", "M12 9v7M9 13.5l3 3 3-3"],
  reset: ["M5 5v5h5", "M5.6 10A7.5 7.5 0 1 1 4.8 14"],
  warning: ["M12 4L21 19.5H3z", "M12 10v4.5M12 17v.2"],
  info: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 1 0 0-17", "M12 11v5.5M12 7.5v.2"],
  palette: ["M12 3.5a8.5 8.5 0 0 0 0 17c1.5 0 2-1 1.5-2.2-.8-2 .5-2.8 2-2.8h2c1.8 0 3-1.2 3-3.3 0-4.9-3.8-8.7-8.5-8.7z",
    "M7.8 12v.2M9.8 8v.2M14.2 8v.2"],
  spectrum: ["M4 4v16h16", "M8 17v-4M11.5 17V8M15 17v-6M18.5 17v-9"],
  target: ["M12 6a6 6 0 1 0 0 12 6 6 0 1 0 0-12", "M12 3v5M12 16v5M3 12h5M16 12h5"],
};

/** Make a picture of the table above; readers of the screen pass over it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { class: "iip-icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" };
  Object.entries(attributes).forEach(([key, value]) => svg.setAttribute(key, value));
  for (const d of PATHS[name] ?? []) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/**
 * Make a button.
 *
 * @param {string} label what it does: shown, or told where only the icon is shown
 * @param {() => void} press
 * @param {{icon?: string, bare?: boolean, class?: string}} [options] `bare`: the icon alone
 */
export function button(label, press, options = {}) {
  const kind = options.bare ? "iip-button iip-bare" : "iip-button";
  return make(
    "button",
    {
      type: "button",
      class: options.class ? `${kind} ${options.class}` : kind,
      "aria-label": options.bare ? label : null,
      title: options.bare ? label : null,
      onclick: press,
    },
    options.icon && icon(options.icon),
    !options.bare && make("span", { text: label }),
  );
}

/** Put a label above a control. */
export const field = (label, control) => make(
  "label", { class: "iip-field" }, make("span", { class: "iip-label", text: label }), control,
);

/** Make a group of controls with a heading that readers of the screen tell too. */
export const group = (title, ...children) => make(
  "fieldset", { class: "iip-group" }, make("legend", { class: "iip-legend", text: title }), ...children,
);

/**
 * Make a menu.
 *
 * @param {{value: string, label: string}[]} entries
 * @param {string} chosen
 * @param {(value: string) => void} choose
 */
export function menu(entries, chosen, choose) {
  const select = make("select", { class: "iip-select", onchange: () => choose(select.value) });
  select.append(...entries.map(({ value, label }) => make(
    "option", { value, text: label, selected: value === chosen },
  )));
  return select;
}

/** Save a Blob under a name of our own, whatever the server would call it. */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  const anchor = make("a", { href: url, download: name, hidden: true });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // a slow disk may still be reading it
}

/**
 * Copy a text.  Pages served without TLS have no clipboard of the modern kind.
 *
 * @returns {Promise<boolean>} whether it is on the clipboard
 */
export async function copyText(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Refused: the old way may still be allowed.
    }
  }
  const area = make("textarea", { class: "iip-offscreen", readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

/** Fill a list anew; what had the focus in it has it again, if it is still there. */
export function refill(list, rows) {
  const row = [...list.children].findIndex((child) => child.contains(document.activeElement));
  const control = row < 0 ? -1 : [...list.children[row].querySelectorAll(FOCUSED)].indexOf(document.activeElement);
  list.replaceChildren(...rows);
  if (row >= 0) {
    const place = list.children[Math.min(row, rows.length - 1)]?.querySelectorAll(FOCUSED);
    (place?.[Math.min(control, place.length - 1)] ?? list.closest("[role=tabpanel]"))?.focus();
  }
}

const FOCUSED = "button, input, select, a[href]";
