// The stage: any scenario, drawn so that it can be read, moved about on, pointed at and followed.
import { accessibilityProblems } from "./support/axe.mjs";
import { act, clock, file, node, openLab, past, setSpeed } from "./support/lab.mjs";
import { expect, test } from "./support/test.mjs";

const chooser = (page) => page.getByRole("combobox", { name: "Scenario" });
const board = (page) => page.locator(".board");
/** How much the drawing is enlarged, and where its corner is. */
const view = (page) =>
  board(page).evaluate((element) => {
    const { a, e, f } = new DOMMatrix(getComputedStyle(element).transform);
    return { zoom: a, x: e, y: f };
  });
const settled = async (page) => {
  let before = await view(page);
  await expect.poll(async () => {
    const now = await view(page);
    const same = JSON.stringify(now) === JSON.stringify(before);
    before = now;
    return same;
  }).toBe(true);
  return before;
};

test("the scenes are in a list; the address says which one is open", async ({ page }) => {
  await openLab(page, "?seed=3");
  await chooser(page).selectOption({ label: "Two load balancers, one virtual IP" });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Two load balancers, one virtual IP");
  expect(new URL(page.url()).search).toBe("?seed=3&scene=two-balancers");
  await expect(node(page, "lb-2")).toBeVisible();
  await page.reload();
  await expect(chooser(page)).toHaveValue("two-balancers");
});

test("the virtual IP sits on the master and moves when the other takes over", async ({ page }) => {
  await openLab(page, "?scene=two-balancers");
  await setSpeed(page, "5×");
  const pill = page.locator(".pill:visible");
  const on = async (name) => {
    const [sign, card] = await Promise.all([pill.first().boundingBox(), node(page, name).boundingBox()]);
    return Math.abs(sign.x + sign.width / 2 - card.x - card.width / 2) < 3 && Math.abs(sign.y + sign.height / 2 - card.y) < 3;
  };
  await expect(pill).toHaveText(/VIP 203\.0\.113\.10/);
  await expect.poll(() => on("lb-1")).toBe(true);
  await expect(node(page, "lb-1")).toContainText("master");
  await expect(node(page, "lb-2")).toHaveClass(/standby/);
  await act(page, "lb-1", "Kill");
  await expect.poll(() => on("lb-2")).toBe(true);
  await expect(node(page, "lb-2")).toHaveAccessibleName(/holds the virtual address/);
});

test("two masters are two pills and a conflict", async ({ page }) => {
  await openLab(page, "?scene=two-balancers");
  await setSpeed(page, "5×");
  await page.locator("#link-3").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Cut", exact: true }).click();
  await expect(page.locator(".link-state")).toHaveText("cut");
  await expect(page.locator(".pill.conflict:visible")).toHaveCount(2);
  await page.getByRole("button", { name: "Heal", exact: true }).click();
  await expect(page.locator(".pill:visible")).toHaveCount(1);
});

test("databases show their role, their log and what a failover lost", async ({ page }) => {
  await openLab(page, "?scene=two-primaries");
  await expect(node(page, "db-1")).toHaveAccessibleName(/primary/);
  await expect(node(page, "db-2")).toContainText(/\d+.ms behind/);
  await setSpeed(page, "10×");
  // The script cuts the manager off from db-1 at 5 s: from then on there are two, and what db-1 has is crossed out.
  await expect.poll(() => node(page, "db-1").locator(".cell.lost").count()).toBeGreaterThan(0);
  await expect(node(page, "db-2")).toContainText("primary");
});

test("a failover without fencing plays to its end: two take writes, and the log counts what is lost", async ({ page }) => {
  await openLab(page, "?scene=two-primaries");
  await expect(page.locator(".guide")).toContainText("the link between manager and db-1 is cut");
  await setSpeed(page, "10×");
  await expect(page.locator(".guide")).toContainText("db-1 and db-2 both take writes");
  await expect(node(page, "db-1")).toHaveAccessibleName(/primary/);
  await expect(node(page, "db-2")).toHaveAccessibleName(/primary/);
  const log = page.getByRole("list", { name: "Newest first" });
  await expect(log).toContainText(/db-1 was rewound and threw [1-9]\d* records of its log away.*[1-9]\d* acknowledged writes/, { timeout: 30_000 });
  await expect(node(page, "db-1")).toHaveAccessibleName(/replica/);
  await expect(page.locator(".guide")).toContainText(/[1-9]\d* acknowledged writes are gone/);
});

test("zoom and pan by wheel, drag, keys and buttons; all of it again with 0", async ({ page }) => {
  await openLab(page, "?scene=two-balancers");
  const first = await settled(page);
  const stage = await page.locator(".surface").boundingBox();
  const [x, y] = [stage.x + 40, stage.y + stage.height - 80];
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, -400);
  const near = await settled(page);
  expect(near.zoom).toBeGreaterThan(first.zoom * 1.3);
  await page.mouse.down();
  await page.mouse.move(x + 120, y - 60, { steps: 4 });
  await page.mouse.up();
  const moved = await settled(page);
  expect(moved.x).toBeCloseTo(near.x + 120, 0);
  expect(moved.y).toBeCloseTo(near.y - 60, 0);
  await node(page, "lb-1").focus();
  await page.keyboard.press("-");
  expect((await settled(page)).zoom).toBeLessThan(near.zoom);
  await page.keyboard.press("0");
  expect(await settled(page)).toEqual(first);
  await page.getByRole("button", { name: "Closer" }).click();
  expect((await settled(page)).zoom).toBeGreaterThan(first.zoom);
  await page.getByRole("button", { name: "Show all of it" }).click();
  expect(await settled(page)).toEqual(first);
  await page.setViewportSize({ width: 1100, height: 700 });
  await expect.poll(async () => (await view(page)).zoom).not.toBeCloseTo(first.zoom, 3);
});

test("arrow keys walk along the links, and what is reached says what it is", async ({ page }) => {
  await openLab(page);
  await node(page, "Readers").focus();
  await expect(page.locator(".tip")).toHaveText("Readers, clients");
  await page.keyboard.press("ArrowRight");
  await expect(page.locator("#link-0")).toBeFocused();
  await expect(page.locator(".tip")).toHaveText(/^Readers to lb-1, .* each way/);
  await page.keyboard.press("ArrowRight");
  await expect(node(page, "lb-1")).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await expect(node(page, "web-2")).toBeFocused();
});

test("a request is followed to its end, a sentence for each hop", async ({ page }) => {
  await openLab(page);
  await past(page, 0.5);
  await page.locator("#link-0").focus();
  const hops = page.getByRole("region", { name: "The request that is followed" }).getByRole("listitem");
  await expect(async () => {
    await page.keyboard.press("f");
    // On its way there or already back: its story is told from the start.
    await expect(hops.first()).toContainText("Readers sent it to lb-1", { timeout: 300 });
  }).toPass();
  await expect(hops.last()).toContainText("Readers have their answer");
  await expect(hops.filter({ hasText: /^.*a worker of web-\d began with it$/ })).toHaveCount(1);
  await expect(page.locator(".wire.went")).toHaveCount(2);
  expect(await accessibilityProblems(page)).toEqual([]);
});

test("a request stays followed where the future is known already", async ({ page }) => {
  await openLab(page);
  await setSpeed(page, "10×");
  await past(page, 20);
  await page.getByRole("button", { name: "Pause" }).click();
  const hops = page.getByRole("region", { name: "The request that is followed" }).getByRole("listitem");
  const end = await clock(page);
  await page.getByLabel("Position in the run").focus();
  await page.keyboard.press("PageDown");
  await expect.poll(() => clock(page)).toBeLessThan(end - 0.5);
  await page.locator("#link-0").focus();
  await expect(async () => {
    await page.keyboard.press(",");
    await page.keyboard.press("f");
    await expect(hops.first()).toContainText("Readers sent it to lb-1", { timeout: 300 });
  }).toPass();
  await setSpeed(page, "1× real time");
  await page.getByRole("button", { name: "Play" }).click();
  await expect(hops.last()).toContainText("Readers have their answer");
  const told = await hops.allTextContents();
  expect(told.filter((words) => /a worker of web-\d began with it/.test(words))).toHaveLength(1);
  await setSpeed(page, "10×");
  await past(page, end + 2);
  expect(await hops.allTextContents(), "and later").toEqual(told);
});

test("many requests are drawn as a sample, and the stage says so", async ({ page }) => {
  await openLab(page);
  const busy = {
    title: "Busy",
    nodes: [
      { kind: "clients", name: "people", rate_per_s: 20000 },
      { kind: "load-balancer", name: "lb" },
      { kind: "web-server", name: "a", workers: 2000, queue_limit: 5, service_time: { constant: "20ms" } },
    ],
    links: [{ from: "people", to: "lb", latency: "80ms" }, { from: "lb", to: "a", latency: "20ms" }],
  };
  await page.getByLabel("Open a scenario file").setInputFiles(file("busy.json", busy));
  await expect(page.getByText(/^1 of (4|8|16) drawn$/)).toBeVisible();
});

/** A scenario with `count` nodes: balancers that send to all web servers, these to all application servers. */
function large(count) {
  const webs = Math.floor(count * 0.6);
  const apps = count - webs - 3;
  const name = (kind) => (_, index) => `${kind}-${index + 1}`;
  const [lbs, web, app] = [Array.from({ length: 2 }, name("lb")), Array.from({ length: webs }, name("web")), Array.from({ length: apps }, name("app"))];
  const server = { workers: 2, queue_limit: 5, service_time: { constant: "20ms" } };
  const link = (from, to) => ({ from, to, latency: "10ms" });
  return {
    title: `${count} nodes`,
    nodes: [
      { kind: "clients", name: "people", rate_per_s: 500 },
      ...lbs.map((name) => ({ kind: "load-balancer", name })),
      ...web.map((name) => ({ kind: "web-server", name, ...server })),
      ...app.map((name) => ({ kind: "application-server", name, ...server })),
    ],
    links: [
      ...lbs.map((lb) => link("people", lb)),
      ...lbs.flatMap((lb) => web.map((to) => link(lb, to))),
      ...web.map((from, index) => link(from, app[index % apps])),
    ],
  };
}

for (const count of [60, 200]) {
  test(`${count} nodes are drawn`, async ({ page }) => {
    await openLab(page);
    await page.getByLabel("Open a scenario file").setInputFiles(file("large.json", large(count)));
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`${count} nodes`);
    await expect(page.locator(".node")).toHaveCount(count);
    await past(page, 0.1);
  });
}

for (const [scene, names] of [
  ["two-balancers", ["Readers", "firewall", "lb-1", "lb-2", "web-1", "web-2"]],
  ["primary-and-replicas", ["Readers", "app-1", "db-1", "db-2", "db-3", "manager"]],
]) {
  for (const [width, height] of [[390, 844], [1024, 768], [1440, 900]]) {
    test(`${scene} at ${width} x ${height}: everything is there, nothing overlaps, axe finds nothing`, async ({ page }) => {
      await page.setViewportSize({ width, height });
      await openLab(page, `?scene=${scene}`);
      await past(page, 0.3);
      for (const name of names) await expect(node(page, name)).toBeVisible();
      await page.getByRole("button", { name: "Pause" }).click();
      const over = await page.locator(".board > .node, .board > .lamp, .board > .tier:visible").evaluateAll((all) => {
        const boxes = all.map((element) => ({ words: element.textContent, box: element.getBoundingClientRect() }));
        const meet = ({ box: a }, { box: b }) =>
          Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
        return boxes.flatMap((one, index) => boxes.slice(index + 1).filter((other) => meet(one, other)).map((other) => `${one.words} / ${other.words}`));
      });
      expect(over).toEqual([]);
      expect(await accessibilityProblems(page)).toEqual([]);
    });
  }
}
