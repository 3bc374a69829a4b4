// The audit in the lab: what is weak, shown on the stage, played, mended and taken along; who attacks and who measures.
import { readFile } from "node:fs/promises";
import { accessibilityProblems } from "./support/axe.mjs";
import { clock, ended, file, mode, node, openLab, past, setSpeed } from "./support/lab.mjs";
import { expect, test } from "./support/test.mjs";
import { LONG_MS, traced } from "./support/traced.mjs";

const panel = (page) => page.getByRole("region", { name: "Audit", exact: true });
const findings = (page) => panel(page).locator(".finding");
const finding = (page, words) => findings(page).filter({ hasText: words });
const status = (page) => panel(page).getByRole("status").first();

/** Opens the panel and waits for the audit. */
async function openAudit(page) {
  await page.getByRole("button", { name: "Audit", exact: true }).first().click();
  await expect(status(page)).toHaveText(/\d+ findings?/);
}

test("what is weak, in words and numbers, and where", async ({ page }) => {
  await openLab(page);
  await openAudit(page);
  await expect(panel(page)).toContainText(/reads\s*99\.89.% answered, down 49.min a month/);
  await expect(panel(page)).toContainText("lb-1 alone ends reads");
  await expect(findings(page).first()).toContainText("critical");
  await expect(findings(page).first()).toContainText("If lb-1 is lost, reads end for good");
  await expect(node(page, "lb-1")).toHaveAccessibleName(/finding 1, critical/);
  await expect(node(page, "Readers")).not.toHaveAccessibleName(/finding/);
  // A number on the link that a finding is about.
  await expect(page.getByRole("button", { name: /^finding 3, warning/ })).toBeVisible();
  // Notes are there for those who ask.
  const notes = panel(page).locator("button.level.note");
  const before = await findings(page).count();
  await notes.click();
  await expect(notes).toHaveAttribute("aria-pressed", "true");
  expect(await findings(page).count()).toBeGreaterThan(before);
  // Closed, it leaves the stage as it was.
  await page.getByRole("button", { name: "Audit", exact: true }).first().click();
  await expect(node(page, "lb-1")).not.toHaveAccessibleName(/finding/);
});

test("a finding lights up what it is about, and a number leads to its finding", async ({ page }) => {
  await openLab(page);
  await openAudit(page);
  const lit = page.locator(".node.lit .name");
  await finding(page, "nobody is told").hover();
  await expect(lit).toHaveText(["lb-1", "web-1", "web-2", "web-3"]);
  await findings(page).first().focus();
  await expect(lit).toHaveText(["lb-1"]);
  await page.locator("#node-1 .badge").click();
  await expect(findings(page).first()).toBeFocused();
  await expect(findings(page).first()).toHaveAttribute("aria-expanded", "true");
  await expect(page.getByRole("menu")).toHaveCount(0);
  // By keyboard, through the node's menu.
  await node(page, "web-1").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Show finding 2, warning" }).press("Enter");
  await expect(finding(page, "nobody is told")).toBeFocused();
  await expect(finding(page, "nobody is told")).toHaveAttribute("aria-expanded", "true");
});

test("a finding is played in the lab, and the run before is had back", async ({ page }) => {
  await openLab(page);
  await setSpeed(page, "1× real time");
  await past(page, 2);
  await page.getByRole("button", { name: "Pause" }).click();
  const left = await clock(page);
  await openAudit(page);
  await findings(page).first().click();
  await panel(page).getByRole("button", { name: "Play it" }).click();
  await expect(page.getByText("Playing finding 1: If lb-1 is lost")).toBeVisible();
  await expect(node(page, "lb-1")).toHaveAccessibleName(/down since/);
  await expect.poll(() => ended(page, "refused")).toBeGreaterThan(10);
  await expect(page.getByRole("list", { name: "Newest first" })).toContainText(/lb-1 refused \d+ requests/);
  // The same scenario: the same findings, without asking again.
  await expect(status(page)).toHaveText(/\d+ findings/);
  await page.getByRole("button", { name: "Undo (Ctrl Z)" }).click();
  await expect(node(page, "lb-1")).not.toHaveAccessibleName(/down since/);
  await page.getByRole("button", { name: "Back to the run before" }).click();
  await expect(page.getByText("Playing finding 1")).toBeHidden();
  expect(await clock(page)).toBeCloseTo(left, 3);
});

test("a fix is looked at before it is made, and can be taken back", async ({ page }) => {
  await openLab(page);
  await openAudit(page);
  await findings(page).first().click();
  await panel(page).getByRole("button", { name: "Preview the fix" }).click();
  const preview = panel(page).getByRole("table", { name: "The audit before and after the fix" });
  const shares = await preview.getByRole("row", { name: /reads answered/ }).getByRole("cell").allTextContents();
  expect(Number.parseFloat(shares[1])).toBeGreaterThan(Number.parseFloat(shares[0]));
  await expect(panel(page).locator(".preview")).toContainText(/Gone: 1\b/);
  await expect(node(page, "lb-2")).toHaveCount(0);
  await panel(page).getByRole("button", { name: "Apply the fix" }).click();
  await expect(node(page, "lb-2")).toBeVisible();
  await expect(page.getByText("Mended in a new run: Add a second balancer, lb-2")).toBeVisible();
  await expect(status(page)).toHaveText(/\d+ findings/);
  await expect(finding(page, "If lb-1 is lost, reads end for good")).toHaveCount(0);
  await page.getByRole("button", { name: "Back to the run before" }).click();
  await expect(node(page, "lb-2")).toHaveCount(0);
  await expect(finding(page, "If lb-1 is lost, reads end for good")).toHaveCount(1);
});

test("a mode that is changed changes the audit: a firewall closes ports, HTTPS hides passwords", async ({ page }) => {
  await openLab(page, "?scene=open-to-the-world");
  await page.getByRole("button", { name: "Pause" }).click();
  await openAudit(page);
  await expect(finding(page, "attacker reaches port 5432 of db-1")).toHaveCount(1);
  await expect(finding(page, "cross the outside in plain text")).toContainText("eavesdropper listens there");
  await mode(page, "Firewall").check();
  await expect(finding(page, "attacker reaches port 5432 of db-1")).toHaveCount(0);
  await expect(finding(page, "cross the outside in plain text")).toHaveCount(1);
  await mode(page, "HTTPS").check();
  await expect(finding(page, "cross the outside in plain text")).toHaveCount(0);
});

test("attacker and eavesdropper get what they want, until firewall and HTTPS stop them where it can be seen", async ({ page }) => {
  await openLab(page, "?scene=open-to-the-world");
  await setSpeed(page, "5×");
  const heard = page.locator(".overheard");
  await expect(heard).toContainText(/POST \/login user=reader-\d+ password=/);
  const log = page.getByRole("list", { name: "Newest first" });
  await expect(log).toContainText(/attacker read \d+ rows/);
  await past(page, 16);
  await expect(page.locator(".mark:visible").first()).toContainText(/queue full/);
  await setSpeed(page, "10×");
  await past(page, 41);
  await expect(log).toContainText(/firewall dropped \d+/);
  await expect(page.locator(".mark:visible").filter({ hasText: "dropped" }).first()).toBeVisible();
  await expect(heard).toHaveText("encrypted: nothing to read");
  await expect(page.locator(".sheath.on").first()).toBeAttached();
});

test("where a monitor is switched off, charts are dark until it is switched on; the simulator knows all the same", async ({ page }) => {
  await openLab(page, "?scene=unmonitored");
  await setSpeed(page, "10×");
  await past(page, 15);
  await page.getByRole("button", { name: "Pause" }).click();
  const charts = page.getByRole("region", { name: "Time and charts" });
  const answered = charts.getByRole("img", { name: /^Requests: answered/ });
  await expect(charts).toContainText("Nobody measures: switch monitoring on.");
  await expect(answered).toHaveAccessibleName(/answered –, failed –/);
  const peek = charts.getByRole("button", { name: "Show what really happened" });
  await peek.click();
  await expect(answered).toHaveAccessibleName(/answered \d+\/s/);
  await peek.click();
  await expect(answered).toHaveAccessibleName(/answered –/);
  await mode(page, "Monitoring").check();
  await page.getByRole("button", { name: "Play" }).click();
  await expect(answered).toHaveAccessibleName(/answered \d+\/s/);
  await expect(charts).toContainText("Hatched: nobody measured.");
});

test("a scene without any monitor is a drawing: its charts show everything", async ({ page }) => {
  await openLab(page);
  await setSpeed(page, "10×");
  await past(page, 3);
  const charts = page.getByRole("region", { name: "Time and charts" });
  await expect(charts.getByRole("img", { name: /^Requests: answered/ })).toHaveAccessibleName(/answered \d+\/s/);
  await expect(charts.getByRole("button", { name: "Show what really happened" })).toBeHidden();
});

test("the report is taken along, as Markdown", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openLab(page);
  await openAudit(page);
  await panel(page).getByRole("button", { name: "Copy as Markdown" }).click();
  await expect(panel(page).getByRole("button", { name: "Copied" })).toBeVisible();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  expect(text).toMatch(/^# Audit: One load balancer, three web servers/);
  expect(text).toContain("### spof/reads/lb-1");
  const download = page.waitForEvent("download");
  await panel(page).getByRole("button", { name: "Download report" }).click();
  expect(await readFile(await (await download).path(), "utf8")).toBe(text);
});

test("another scenario is another audit, and nothing of the old one is left on its stage", async ({ page }) => {
  await openLab(page, "?scene=classic-stack");
  await openAudit(page);
  await page.getByRole("combobox", { name: "Scenario" }).selectOption("two-balancers");
  await expect(panel(page)).toContainText("firewall alone ends reads");
  await expect(node(page, "firewall")).toHaveAccessibleName(/finding \d+, critical/);
});

/** A balancer and so many nodes in all. */
function wide(count) {
  const servers = Array.from({ length: count - 2 }, (_, place) => `web-${place}`);
  const server = (name) => ({ kind: "web-server", name, workers: 4, queue_limit: 1000, service_time: { constant: "20ms" } });
  return {
    title: `${count} nodes`,
    nodes: [{ kind: "clients", name: "people", rate_per_s: 200 }, { kind: "load-balancer", name: "lb" }, ...servers.map(server)],
    links: [{ from: "people", to: "lb", latency: "50ms" }, ...servers.map((to) => ({ from: "lb", to, latency: "20ms" }))],
  };
}

test("an audit of 200 nodes leaves room for frames all along", async ({ page }) => {
  await openLab(page);
  await page.getByLabel("Open a scenario file").setInputFiles(file("wide.json", wide(200)));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("200 nodes");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.evaluate(() => {
    window.gaps = [];
    let last = performance.now();
    const frame = (now) => {
      window.gaps.push(now - last);
      last = now;
      window.counting = requestAnimationFrame(frame);
    };
    window.counting = requestAnimationFrame(frame);
  });
  await page.getByRole("button", { name: "Audit", exact: true }).first().click();
  await expect(status(page)).toHaveText(/Looking/);
  await expect(status(page)).toHaveText(/\d+ findings/, { timeout: 60_000 });
  const gaps = await page.evaluate(() => {
    cancelAnimationFrame(window.counting);
    return window.gaps.toSorted((one, other) => one - other);
  });
  expect(gaps.length, "frames came while it was looking").toBeGreaterThan(20);
  expect(gaps[Math.floor(gaps.length / 2)], "and few were late, on whatever machine").toBeLessThan(50);
});

test("no slice of an audit of 200 nodes is a long task", async ({ page, browser }) => {
  await openLab(page);
  await page.getByLabel("Open a scenario file").setInputFiles(file("wide.json", wide(200)));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("200 nodes");
  await past(page, 1);
  const { main } = await traced(browser, async () => {
    await page.getByRole("button", { name: "Audit", exact: true }).first().click();
    await expect(status(page)).toHaveText(/\d+ findings/, { timeout: 60_000 });
  });
  // The slices are called by timers; what the test itself asks of the page is not.
  const slices = main.filter(({ name }) => name === "TimerFire").map(({ tdur }) => tdur / 1000);
  expect(slices.length, "the audit goes on in slices").toBeGreaterThan(20);
  expect(Math.max(...slices), "ms of processor time").toBeLessThan(LONG_MS);
});

const LOOKS = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "phone, light": { colorScheme: "light", viewport: { width: 390, height: 844 } },
  "phone, dark": { colorScheme: "dark", viewport: { width: 390, height: 844 } },
};

for (const [look, use] of Object.entries(LOOKS)) {
  test.describe(look, () => {
    test.use(use);

    test("the audit has no accessibility problems, with a finding open and played, and charts dark", async ({ page }) => {
      await openLab(page, "?scene=unmonitored");
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Audit", exact: true }).filter({ visible: true }).first().click();
      await expect(status(page)).toHaveText(/\d+ findings?/);
      await findings(page).first().click();
      await panel(page).getByRole("button", { name: "Preview the fix" }).first().click();
      await expect(panel(page).locator(".preview")).toBeVisible();
      expect(await accessibilityProblems(page)).toEqual([]);
      await panel(page).getByRole("button", { name: "Play it" }).click();
      await page.getByRole("button", { name: "Pause" }).click();
      expect(await accessibilityProblems(page)).toEqual([]);
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(sideways, "no scrolling sideways").toBeLessThanOrEqual(0);
    });
  });
}
