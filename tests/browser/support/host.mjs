// A page of somebody else, on an origin of its own, that has a figure of ours in it.
import { createServer } from "node:http";
import { expect, test as base } from "./test.mjs";

/** The host page is on another origin and asks for our files, and some figures are told nonsense on purpose. */
export const test = base.extend({
  problems: async ({ page }, use) => {
    const problems = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !/404|favicon/.test(message.text())) problems.push(message.text());
    });
    await use(problems);
    expect(problems).toEqual([]);
  },
});

/** Serves one page of HTML: `{ url, close }`. */
async function serveHtml(html) {
  const server = createServer((request, response) => {
    const found = request.url === "/";
    response.writeHead(found ? 200 : 404, { "content-type": "text/html; charset=utf-8" }).end(found ? html : "");
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => new Promise((closed) => server.close(closed)),
  };
}

/** What the page around notes of the figures' events: `heard`, in order. */
const NOTES = `<script>
  const heard = [];
  const note = (event) => heard.push({ type: event.type, figure: event.target.id, ...event.detail });
  for (const type of ["ready", "fault", "failover", "finding", "audited", "answer", "complete", "error"]) {
    addEventListener(type, (event) => event.target.localName === "understudy-lab" && note(event), true);
  }
</script>`;

/** A host page with `body` in it, and our element's script from `site`. */
export async function open(page, site, body) {
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A course</title>${NOTES}
    <script src="${site}understudy-lab.js" async></script></head><body>${body}</body></html>`;
  const { url, close } = await serveHtml(html);
  await page.goto(url);
  return close;
}

/** The events of one kind that the host page has heard. */
export const heard = (page, type) =>
  page.evaluate((type) => heard.filter((event) => event.type === type), type);

/** The state of a figure, by the element's `snapshot()`. */
export const snapshot = (page, id = "figure") => page.evaluate((id) => document.getElementById(id).snapshot(), id);
