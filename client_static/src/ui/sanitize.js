// Descriptions of regions and sources as they may be shown: text, simple marks, and safe links.

const TAGS = new Set(("a abbr b blockquote br caption code dd div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img "
  + "li ol p pre s small span strong sub sup table tbody td tfoot th thead tr u ul").split(" "));
const DROPPED = new Set("script style template iframe object embed noscript svg math title textarea select".split(" "));
const ATTRIBUTES = { a: ["href", "title"], img: ["src", "alt", "title"], td: ["colspan", "rowspan"], th: ["colspan", "rowspan"] };
const SCHEMES = /^(?:https?|mailto):$/;

/**
 * Read HTML that somebody else wrote, and keep what is harmless.
 *
 * What is not in the tables above is left out: the text of unknown elements stays, that of scripts
 * and their like goes.  Pictures of other sites go too: nobody is asked unless the reader asks.
 *
 * @param {string} html
 * @returns {DocumentFragment}
 */
export function sanitize(html) {
  const fragment = document.createDocumentFragment();
  const parsed = new DOMParser().parseFromString(quiet(String(html)), "text/html"); // runs nothing
  fragment.append(...[...parsed.body.childNodes].flatMap(cleaned));
  return fragment;
}

/** Handlers and styles go before parsing: a Content-Security-Policy would tell of each. */
const quiet = (html) => html.replace(/<[^<>]*>/g, (tag) => tag.replace(/([\s/"'])(?:on\w+|style)\s*=/gi, "$1data-off="));

/** @returns {Node[]} */
function cleaned(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    return [document.createTextNode(node.data)];
  }
  const tag = node.nodeType === Node.ELEMENT_NODE ? node.localName : "";
  if (!tag || DROPPED.has(tag)) {
    return [];
  }
  const children = [...node.childNodes].flatMap(cleaned);
  if (!TAGS.has(tag)) {
    return children;
  }
  const element = document.createElement(tag);
  for (const name of ATTRIBUTES[tag] ?? []) {
    copyAttribute(node, element, name);
  }
  if (tag === "a") {
    element.target = "_blank";
    element.rel = "noopener noreferrer";
  }
  element.append(...children);
  return tag === "img" && !element.hasAttribute("src") ? [] : [element];
}

function copyAttribute(from, to, name) {
  const value = from.getAttribute(name);
  if (value !== null && (name !== "href" || isLink(value)) && (name !== "src" || isOwn(value))) {
    to.setAttribute(name, value);
  }
}

function resolved(address) {
  try {
    return new URL(address, document.baseURI);
  } catch {
    return null; // no address at all
  }
}

const isLink = (address) => SCHEMES.test(resolved(address)?.protocol ?? "");
const isOwn = (address) => isLink(address) && resolved(address).origin === location.origin;
