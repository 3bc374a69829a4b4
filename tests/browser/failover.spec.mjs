// What the page is about: a server dies, requests are refused, the balancer finds out, the server comes back.
import { act, ended, lamp, node, openLab, past, pool, setSpeed } from "./support/lab.mjs";
import { expect, test } from "./support/test.mjs";

test.beforeEach(async ({ page }) => {
  await openLab(page);
  await setSpeed(page, "10×");
});

test("it opens alive, with the topology laid out and a sentence that says what to do", async ({ page }) => {
  for (const name of ["Readers, clients", "lb-1, load balancer, up", "web-1, web server, up"]) {
    await expect(page.getByRole("button", { name, exact: true })).toBeVisible();
  }
  await expect(page.getByText("select web-2 and kill it", { exact: false })).toBeVisible();
  await past(page, 0.5);
});

test("round robin gives three equal shares", async ({ page }) => {
  await expect.poll(async () => (await pool(page))["web-1"].sent).toBeGreaterThan(100);
  const sent = Object.values(await pool(page)).map((server) => server.sent);
  expect(sent).toHaveLength(3);
  expect(Math.max(...sent) - Math.min(...sent)).toBeLessThanOrEqual(1);
});

test("a killed server refuses requests until the balancer finds out; a revived one is used again", async ({ page }) => {
  await past(page, 1);
  expect(await ended(page, "refused")).toBe(0);

  // The truth changes at once, the belief does not. Slowly enough to be seen by a test.
  await setSpeed(page, "1× real time");
  await act(page, "web-2", "Kill");
  await expect(node(page, "web-2")).toHaveAccessibleName(/^web-2, web server, down since \d+\.\d.s/);
  await expect(page.locator(".mark", { hasText: "refused" }).first()).toBeVisible();
  await expect(node(page, "web-2")).toHaveAccessibleName(/lb-1 believes it up, [12] of 3 checks failed$/);
  await expect.poll(() => ended(page, "refused")).toBeGreaterThan(0);

  // The belief follows.
  await setSpeed(page, "10×");
  await expect(lamp(page, "web-2")).toHaveAccessibleName("lb-1 believes web-2 down");
  await expect.poll(async () => (await pool(page))["web-2"].believed).toBe("down");
  await expect(page.getByText(/lb-1 took web-2 out after 3 failed checks, \d\.\d s after it died/).first()).toBeVisible();

  // Now nothing goes there.
  const before = await pool(page);
  await expect.poll(async () => (await pool(page))["web-1"].sent).toBeGreaterThan(before["web-1"].sent + 100);
  expect((await pool(page))["web-2"].sent).toBe(before["web-2"].sent);

  // The server is back before the balancer trusts it.
  await setSpeed(page, "1× real time");
  await act(page, "web-2", "Revive");
  await expect(node(page, "web-2")).toHaveAccessibleName(/^web-2, web server, up, lb-1 believes it down/);
  await setSpeed(page, "10×");
  await expect(lamp(page, "web-2")).toHaveAccessibleName("lb-1 believes web-2 up");
  await expect(node(page, "web-2")).toHaveAccessibleName("web-2, web server, up");
  await expect.poll(async () => (await pool(page))["web-2"].sent).toBeGreaterThan(before["web-2"].sent + 20);
});

test("with retry on, a dead server costs the readers nothing", async ({ page }) => {
  await page.getByRole("switch", { name: "Retry" }).check();
  await past(page, 1);
  await act(page, "web-2", "Kill");
  await expect(lamp(page, "web-2")).toHaveAccessibleName("lb-1 believes web-2 down");
  await expect(page.getByText(/web-2 refused \d+ requests?, retried on another server/).first()).toBeVisible();
  expect(await ended(page, "refused")).toBe(0);
});

test("every request is accounted for", async ({ page }) => {
  await past(page, 2);
  await act(page, "web-1", "Kill");
  await past(page, 12);
  await page.getByRole("button", { name: "Pause" }).click();
  const sum = await page.getByText(/sent = .* ended/).textContent();
  const [sent, all, onTheWay] = sum.replace(/[\u202f ]/g, "").match(/\d+/g).map(Number);
  expect(sent).toBe(all + onTheWay);
  const outcomes = await page.locator(".count dd").allTextContents();
  expect(outcomes.map((text) => Number(text.replace(/\D/g, ""))).reduce((a, b) => a + b)).toBe(all);
});

test("a dead balancer is a single point of failure, and starting again brings back the first state", async ({ page }) => {
  await act(page, "lb-1", "Kill");
  await expect(page.getByText("a single point of failure", { exact: false })).toBeVisible();
  await page.getByRole("button", { name: "Start again" }).click();
  await expect(page.getByRole("button", { name: "lb-1, load balancer, up", exact: true })).toBeVisible();
  expect(await ended(page, "refused")).toBe(0);
});
