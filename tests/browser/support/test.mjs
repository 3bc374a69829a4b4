// What every browser test stands on: the page served from a sub-path, and a watch over all that goes wrong behind
// the test's back. Write `import { expect, test } from "./support/test.mjs"`, then `await openLab(page)` for the lab or
// `await page.goto("./")` for the front page.
import { expect, test as base } from "@playwright/test";
import { serve } from "../serve.mjs";

export { expect };

export const test = base.extend({
  /** The address of the page, with the sub-path that it is served from. */
  site: [
    async ({}, use) => {
      const { url, close } = await serve();
      await use(url);
      await close();
    },
    { scope: "worker" },
  ],

  baseURL: async ({ site }, use) => use(site),

  /**
   * What went wrong so far, in sentences; any of it fails the test. A test that provokes an error on purpose takes
   * `problems` and empties it once it has seen what it expected.
   */
  problems: [
    async ({ page, site }, use) => {
      const problems = [];
      page.on("console", (message) => {
        // The configuration has it so.
        if (message.text() === "Service Worker registration blocked by Playwright") return;
        if (["error", "warning"].includes(message.type())) {
          problems.push(`the console has a ${message.type()}: ${message.text()}`);
        }
      });
      page.on("pageerror", (error) => problems.push(`an error was not caught: ${error.message}`));
      page.on("request", (request) => {
        // `data:` and `blob:` are no requests to anybody.
        if (/^(https?|wss?):/.test(request.url()) && !request.url().startsWith(site)) {
          problems.push(`the page asked somebody else, or outside its sub-path: ${request.url()}`);
        }
      });
      page.on("requestfailed", (request) => {
        // What a reload or a closed page breaks off did not fail.
        if (request.failure()?.errorText !== "net::ERR_ABORTED") {
          problems.push(`a request failed: ${request.url()} (${request.failure()?.errorText})`);
        }
      });
      page.on("response", (response) => {
        if (response.status() >= 400) {
          problems.push(`a request was answered with ${response.status()}: ${response.url()}`);
        }
      });
      await use(problems);
      expect(problems, "nothing went wrong behind the test's back").toEqual([]);
    },
    { auto: true },
  ],
});
