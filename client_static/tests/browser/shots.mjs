/**
 * Shows views of pages, and keeps what there is to see.
 *
 *     shots.mjs FOLDER
 *
 * FOLDER/pages.json lists pages: {name, url, views}.  A page has a function `show(view)`, which
 * ends when all of the view is there.  Writes FOLDER/NAME-NUMBER.png for each view, and
 * FOLDER/seen.json: for each name, what `show` returned, errors of the page and its requests.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

import { closeBrowser, openPage } from "./harness.mjs";

const [folder] = process.argv.slice(2);
const SIZE = { width: 800, height: 600 };

async function look({ name, url, views }) {
  const opened = await openPage({ url, ...SIZE });
  try {
    const shown = [];
    for (const [number, view] of views.entries()) {
      shown.push(await opened.page.evaluate((one) => window.show(one), view));
      await opened.page.screenshot({ path: join(folder, `${name}-${number}.png`) });
    }
    return { shown, errors: opened.errors, requests: opened.requests };
  } catch (error) {
    throw new Error(`${name}: ${opened.errors.join("\n")}`, { cause: error });
  } finally {
    await opened.close();
  }
}

const seen = {};
try {
  for (const page of JSON.parse(await readFile(join(folder, "pages.json"), "utf8"))) {
    seen[page.name] = await look(page);
  }
} finally {
  await closeBrowser();
}
await writeFile(join(folder, "seen.json"), JSON.stringify(seen));
