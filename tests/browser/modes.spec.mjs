// Every mode is a control, every control says what the simulator says, and each change has its effect.
import { act, ended, lamp, mode, node, openLab, past, pool, setSpeed } from "./support/lab.mjs";
import { expect, test } from "./support/test.mjs";

const served = async (page) => Object.fromEntries(Object.entries(await pool(page)).map(([name, { sent }]) => [name, sent]));

test("active-passive: the standbys get nothing while the first server is up, and one of them all when it dies", async ({ page }) => {
  await openLab(page);
  await setSpeed(page, "10×");
  await past(page, 1);
  await mode(page, "Servers are").selectOption("active-passive");
  await expect.poll(async () => (await pool(page))["web-2"].believed).toMatch(/standby/);
  const before = await served(page);
  await expect.poll(async () => (await served(page))["web-1"]).toBeGreaterThan(before["web-1"] + 60);
  expect((await served(page))["web-2"]).toBeLessThanOrEqual(before["web-2"] + 1);
  await act(page, "web-1", "Kill");
  await expect(lamp(page, "web-1")).toHaveAccessibleName("lb-1 believes web-1 down");
  await expect.poll(async () => (await served(page))["web-2"]).toBeGreaterThan(before["web-2"] + 60);
  expect((await served(page))["web-3"]).toBeLessThanOrEqual(before["web-3"] + 1);
});

test("weights share the turns out", async ({ page }) => {
  await openLab(page);
  await setSpeed(page, "10×");
  await mode(page, "web-1").first().fill("8");
  await page.keyboard.press("Enter");
  const before = await served(page);
  await expect.poll(async () => (await served(page))["web-1"] - before["web-1"]).toBeGreaterThan(160);
  const now = await served(page);
  const ratio = (now["web-1"] - before["web-1"]) / (now["web-2"] - before["web-2"]);
  expect(ratio).toBeGreaterThan(6.5);
  expect(ratio).toBeLessThan(9.5);
});

test("faster checks find a death sooner; what is no number is not taken", async ({ page }) => {
  await openLab(page);
  const every = mode(page, "Every");
  await expect(every).toHaveValue("2000");
  await every.fill("500");
  await every.press("Enter");
  await mode(page, "Fall").fill("2");
  await mode(page, "Fall").press("Enter");
  await expect(lamp(page, "web-2").locator(".pip.full, .pip.crossed")).toHaveCount(2);
  await mode(page, "Rise").fill("");
  await mode(page, "Rise").press("Enter");
  await expect(mode(page, "Rise")).toHaveValue("2");
  await mode(page, "Rise").fill("5000");
  await mode(page, "Rise").press("Enter");
  await expect(mode(page, "Rise"), "the most that there may be").toHaveValue("100");
  await setSpeed(page, "10×");
  await act(page, "web-2", "Kill");
  await expect(page.getByText(/lb-1 took web-2 out after 2 failed checks, [01]\.\d s after it died/).first()).toBeVisible();
});

test("a busier population, and a burst that ends by itself", async ({ page }) => {
  await openLab(page);
  await mode(page, "Requests per second").fill("60");
  await mode(page, "Requests per second").press("Enter");
  await expect(page.getByText(/Readers now send 60 requests/).or(page.getByText(/60/)).first()).toBeVisible();
  await setSpeed(page, "5×");
  await expect(node(page, "Readers")).toContainText(/(5|6|7)\d\/s/);
  await mode(page, "Burst").check();
  await expect.poll(() => ended(page, "queue full")).toBeGreaterThan(0);
  await expect(mode(page, "Burst"), "five seconds later it is over").not.toBeChecked();
});

test("a second balancer is stopped and takes its place again; deaf to each other, both are master", async ({ page }) => {
  await openLab(page, "?scene=two-balancers");
  await setSpeed(page, "5×");
  await mode(page, "Second balancer").uncheck();
  await expect(node(page, "lb-2")).toHaveAccessibleName(/down since/);
  await mode(page, "Second balancer").check();
  await expect(node(page, "lb-2")).toHaveAccessibleName(/^lb-2, load balancer, up/);
  await mode(page, "Balancers hear each other").uncheck();
  await expect(node(page, "lb-2")).toHaveAccessibleName(/holds the virtual address/);
  await expect(node(page, "lb-1")).toHaveAccessibleName(/holds the virtual address/);
  await mode(page, "Balancers hear each other").check();
  await expect(node(page, "lb-2")).not.toHaveAccessibleName(/holds the virtual address/);
});

test("databases: where reads go, what a commit waits for, who fails over and how", async ({ page }) => {
  await openLab(page, "?scene=primary-and-replicas");
  await mode(page, "Reads go to").selectOption("the primary");
  await mode(page, "Commit waits for").selectOption("any 1 replica");
  await mode(page, "Fencing").selectOption("none");
  await mode(page, "Automatic failover").uncheck();
  await mode(page, "Writes").fill("50");
  await mode(page, "Writes").press("Enter");
  await expect(mode(page, "Commit waits for")).toHaveValue("1");
  await setSpeed(page, "10×");
  await past(page, 3);
  await act(page, "db-1", "Kill");
  await past(page, 14);
  await expect(node(page, "db-2"), "nobody is promoted by itself").toHaveAccessibleName(/replica/);
  await mode(page, "Automatic failover").check();
  await expect(page.getByRole("button", { name: /db-[23], database, up, primary/ })).toHaveCount(1);
});

test("the classic stack: firewall, HTTPS and monitoring are switches", async ({ page }) => {
  await openLab(page, "?scene=classic-stack");
  for (const [name, off] of [["Firewall", /firewall/i], ["HTTPS", /readable/], ["Monitoring", /monitor/i]]) {
    const control = mode(page, name);
    await expect(control).toBeChecked();
    await control.uncheck();
    await expect(page.getByRole("list", { name: "Newest first" })).toContainText(off);
    await expect(control).not.toBeChecked();
  }
  await expect(page.locator("#link-0, [id^=link-]").first()).toBeAttached();
});
