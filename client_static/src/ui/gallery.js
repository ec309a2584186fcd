// The images that the configuration names, as cards to choose from.

import { endpointOf } from "../core/iip.js";
import { button, make } from "./dom.js";

const SIDE = 320; // pixels of a small picture

/**
 * Make the gallery: a dialog.
 *
 * @param {{name: string, title?: string, credit?: string, thumbnail?: string}[]} images
 * @param {(image: object) => string} urlOf the address of an image on its server
 * @param {(image: object) => void} choose
 */
export function gallery(images, urlOf, choose) {
  const cards = images.map((image) => {
    const picture = make("img", { alt: "", loading: "lazy", class: "iip-thumb",
      onerror: () => picture.classList.add("iip-missing") });
    const card = make("button", { type: "button", class: "iip-image-card", onclick() {
      dialog.close();
      choose(image);
    } }, picture, make("span", { class: "iip-image-title", text: image.title ?? image.name }),
    make("span", { class: "iip-image-name", text: image.credit ?? image.name }));
    return { image, picture, card };
  });
  const dialog = make("dialog", { class: "iip-dialog iip-gallery", "aria-label": "Images" },
    make("header", { class: "iip-panel-head" }, make("h2", { text: "Images" }),
      button("Close", () => dialog.close(), { icon: "close", bare: true })),
    make("div", { class: "iip-image-cards" }, ...cards.map(({ card }) => card)));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return {
    element: dialog,
    open(current) {
      cards.forEach(({ image, picture, card }) => {
        picture.src ||= image.thumbnail ?? `${endpointOf(urlOf(image))}&WID=${SIDE}&CVT=jpeg`;
        card.setAttribute("aria-current", String(image.name === current));
      });
      dialog.showModal();
    },
  };
}
