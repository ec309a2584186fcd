// The images that the configuration names, as cards to choose from.

import { defaultSettings, openingUrl, parseInfo, snapshotUrl } from "../core/iip.js";
import { askText, makePatience } from "../core/patience.js";
import { button, make } from "./dom.js";

const SIDE = 320; // pixels of a small picture

/** How the ready-made viewer shows an image at first: as defaultSettings of core/iip.js takes it. */
export const settingsOf = (config, image) => ({ natural: true, ...config.settings, ...image.settings });

/**
 * Make the gallery: a dialog.  What a server tells of an image is kept for when it is chosen.
 *
 * @param {{name: string, title?: string, credit?: string, thumbnail?: string}[]} images
 * @param {{urlOf: (image: object) => string, settingsOf: (image: object) => object,
 *     choose: (image: object) => void}} hooks the address of an image, how it is shown at first, and
 *     what a press does
 */
export function gallery(images, hooks) {
  const cards = images.map((image) => cardOf(image, () => {
    dialog.close();
    hooks.choose(image);
  }));
  const dialog = make("dialog", { class: "iip-dialog iip-gallery", "aria-label": "Images" },
    make("header", { class: "iip-panel-head" }, make("h2", { text: "Images" }),
      button("Close", () => dialog.close(), { icon: "close", bare: true })),
    make("div", { class: "iip-image-cards" }, ...cards.map(({ element }) => element)));
  let asking = new AbortController();
  const seen = new IntersectionObserver((entries) => entries.filter(({ isIntersecting }) => isIntersecting)
    .forEach(({ target }) => {
      seen.unobserve(target);
      showPicture(cards.find(({ element }) => element === target), hooks, asking.signal);
    }), { root: dialog });
  const stop = () => {
    seen.disconnect();
    asking.abort();
  };
  dialog.addEventListener("close", stop);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return {
    element: dialog,
    infoOf: (image) => cards.find((card) => card.image === image)?.info ?? null,
    open(current) {
      asking = new AbortController();
      cards.forEach(({ image, element }) => element.setAttribute("aria-current", String(image.name === current)));
      dialog.showModal();
      cards.filter(({ there }) => !there).forEach(({ element }) => seen.observe(element));
    },
    destroy: stop,
  };
}

function cardOf(image, choose) {
  const card = { image, info: null, there: false };
  card.picture = make("img", { alt: "", class: "iip-thumb iip-missing", onload: () => mark(card, true), onerror: () => mark(card, false) });
  card.element = make("button", { type: "button", class: "iip-image-card", onclick: choose }, card.picture,
    make("span", { class: "iip-image-title", text: image.title ?? image.name }),
    make("span", { class: "iip-image-name", text: image.credit ?? image.name }));
  return card;
}

function mark(card, there) {
  card.there = there;
  card.picture.classList.toggle("iip-missing", !there);
}

/** Show all of the image as a press on its card does; what fails is left to the next opening. */
async function showPicture(card, { urlOf, settingsOf: settingsOfImage }, signal) {
  const url = urlOf(card.image);
  if (card.image.thumbnail) {
    card.picture.src = card.image.thumbnail;
    return;
  }
  try {
    card.info ??= parseInfo(await askText(openingUrl(url), { patience: makePatience(), signal }));
  } catch {
    mark(card, false); // a press on the card says why
    return;
  }
  const settings = defaultSettings(card.info, settingsOfImage(card.image));
  card.picture.src = snapshotUrl(url, card.info, settings, { region: [0, 0, 1, 1], width: SIDE });
}
