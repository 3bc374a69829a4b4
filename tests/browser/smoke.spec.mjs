// The page arrives: from a sub-path, whole, with nobody else asked and nothing in the console.
import { expect, test } from "./support/test.mjs";

test("the page loads from a sub-path and starts", async ({ page }) => {
  const started = page.waitForResponse((response) => response.url().endsWith(".wasm"));
  await page.goto("./");
  await expect(page).toHaveTitle(/Understudy/);
  expect((await started).headers()["content-type"]).toBe("application/wasm");
  await page.waitForLoadState("networkidle");
});
