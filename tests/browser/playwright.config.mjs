// How the browser tests are run; `cargo xtask test --only browser` builds the page, finds a Chromium and runs them.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.mjs",
  outputDir: process.env.BROWSER_RESULTS ?? "../../target/browser-results",
  reporter: "list",
  // A test that passes only sometimes is a failing test.
  retries: 0,
  forbidOnly: true,
  workers: 2,
  use: {
    // Each test would fetch the whole site once more; those about that allow it.
    serviceWorkers: "block",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: {
      // Without it Playwright looks for a Chromium of its own.
      executablePath: process.env.CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        // The browser's own errands: no test needs them, and some networks punish them.
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
