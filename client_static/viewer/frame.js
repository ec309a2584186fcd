// What stands around the map of the ready-made page: the bar with title and buttons, and dialogs.

import { button, icon, make } from "../src/ui/dom.js";
import { gallery, settingsOf } from "../src/ui/gallery.js";
import { helpCard } from "../src/ui/shortcuts.js";

/**
 * Build the frame in the viewer's element.
 *
 * @param {object} app of create.js
 * @param {{place: HTMLElement, readings: {element: HTMLElement}, box: object}} parts
 */
export function makeFrame(app, { place, readings, box }) {
  const { viewer, config, images } = app;
  const texts = { brand: "iipastro", ...config.texts };
  const title = make(`h${config.headingLevel ?? 1}`, { class: "iip-title", text: texts.title ?? texts.brand });
  const facts = make("p", { class: "iip-facts-line" });
  const side = make("div", { class: "iip-side" });
  const progress = make("div", { class: "iip-progress", role: "progressbar", "aria-label": "Loading", hidden: true });
  const stage = make("div", { class: "iip-stage" }, place, viewer.dock, progress, readings.element,
    viewer.messages.element);
  const help = helpCard();
  viewer.actions.help = () => help.showModal();
  const choose = button("Images", () => pictures.open(app.current?.name), { icon: "gallery", class: "iip-head-button" });
  choose.setAttribute("aria-label", "Images"); // its text is hidden where there is no room
  const pictures = images.length > 1 && gallery(images, { urlOf: app.urlOf, settingsOf: (image) => settingsOf(config, image), choose: (image) => app.show(image) });
  viewer.root.classList.add("iip-viewer");
  viewer.root.replaceChildren(
    make("header", { class: "iip-head" },
      brand(config, texts),
      make("div", { class: "iip-titles" }, title, facts),
      make("nav", { class: "iip-head-buttons", "aria-label": "Viewer" },
        pictures && choose,
        ...links(config),
        button("Show all of the image", () => viewer.layer && viewer.home(), { icon: "home", bare: true }),
        button("Grid of coordinates", () => viewer.layer && viewer.toggleGrid(), { icon: "grid", bare: true }),
        button("Keyboard shortcuts", viewer.actions.help, { icon: "help", bare: true, class: "iip-keys-button" }))),
    make("div", { class: "iip-body" }, side, stage),
    viewer.messages.live, help, pictures ? pictures.element : "");
  return {
    side, box,
    infoOf: (image) => (pictures ? pictures.infoOf(image) : null),
    destroy: () => pictures && pictures.destroy(),
    busy(on) {
      progress.hidden = !on;
      stage.setAttribute("aria-busy", String(on));
    },
    named(image, { info, title: name }) {
      const shown = image.title || info.title || name;
      title.textContent = shown;
      facts.textContent = [image.name, `${info.size[0]} × ${info.size[1]}`,
        `${info.channels} ${info.channels === 1 ? "channel" : "channels"}`, image.credit].filter(Boolean).join(" · ");
      if (config.pageTitle !== false) {
        document.title = `${shown} – ${texts.brand}`;
      }
      return shown;
    },
  };
}

function brand({ logo = "", home = "" }, texts) {
  const picture = logo ? make("img", { src: logo, alt: "", class: "iip-logo", width: "32", height: "32" }) : icon("catalog");
  return home ? make("a", { class: "iip-brand", href: home, "aria-label": texts.brand }, picture)
    : make("span", { class: "iip-brand" }, picture);
}

const links = ({ links: entries = [] }) => entries.map(({ text, url }) => (
  make("a", { class: "iip-head-link", href: url, text })
));
