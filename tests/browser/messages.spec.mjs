// What cannot be done is said in words, and what can be done goes on.
import { clock, file, LAB, node, openLab, past } from "./support/lab.mjs";
import { expect, test } from "./support/test.mjs";

const GOOD = {
  title: "Two of everything",
  nodes: [
    { kind: "clients", name: "people", rate_per_s: 5 },
    { kind: "load-balancer", name: "left" },
    { kind: "load-balancer", name: "right" },
    { kind: "web-server", name: "a", workers: 1, queue_limit: 5, service_time: { constant: "20ms" } },
    { kind: "web-server", name: "b", workers: 1, queue_limit: 5, service_time: { constant: "20ms" } },
  ],
  links: ["people>left", "people>right", "left>a", "left>b", "right>a", "right>b"]
    .map((link) => link.split(">"))
    .map(([from, to]) => ({ from, to, latency: "10ms" })),
};
const alert = (page) => page.getByRole("alert").filter({ hasText: /./ });
const open = (page, name, content) => page.getByLabel("Open a scenario file").setInputFiles(file(name, content));

test("a scenario file with an error: what, where, what would be right; the run goes on", async ({ page }) => {
  await openLab(page);
  await past(page, 0.2);
  const wrong = { ...GOOD, links: [...GOOD.links, { from: "people", to: "nobody", latency: "1ms" }] };
  await open(page, "wrong.json", wrong);
  await expect(alert(page)).toContainText("wrong.json cannot be opened");
  await expect(alert(page)).toContainText("links[6].to");
  await expect(alert(page)).toContainText('there is no node "nobody"; the nodes are people, left, right, a, b');
  await expect(node(page, "web-2")).toBeVisible();
  await past(page, await clock(page));

  await page.getByRole("button", { name: "Close this message" }).click();
  await expect(alert(page)).toHaveCount(0);

  for (const [content, place] of [["{ nonsense", "line 1, column"], ["", "line 1, column 0"], ["[1,2]", "the whole file"]]) {
    await open(page, "broken.json", content);
    await expect(alert(page)).toContainText("broken.json cannot be opened");
    await expect(alert(page)).toContainText(place);
  }
});

test("a good file opens, also when it is dropped on the page", async ({ page }) => {
  await openLab(page);
  await open(page, "wrong.json", "{}");
  await expect(alert(page)).toBeVisible();
  await open(page, "good.json", GOOD);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(GOOD.title);
  await expect(alert(page)).toHaveCount(0);
  await expect(page.getByRole("button", { name: "a, web server, up", exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: /^(left|right) believes [ab] up$/ })).toHaveCount(4);

  const dropped = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "dropped.json", { type: "application/json" }));
    return transfer;
  }, JSON.stringify({ ...GOOD, title: "Dropped" }));
  await page.dispatchEvent("body", "dragover", { dataTransfer: dropped });
  await expect(page.getByText("Drop a scenario or a saved run to open it")).toBeVisible();
  await page.dispatchEvent("body", "drop", { dataTransfer: dropped });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Dropped");
  await expect(page.getByText("Drop a scenario or a saved run to open it")).toBeHidden();
});

test("an unknown scene and a bad seed are named, and something works", async ({ page, problems }) => {
  await openLab(page, "?scene=nowhere&seed=soon");
  await expect(alert(page)).toContainText("no scene called “nowhere”");
  await expect(alert(page)).toContainText("three-web-servers");
  await expect(alert(page)).toContainText("“soon” is no seed");
  await expect(node(page, "web-2")).toBeVisible();
  await past(page, 0.2);
  // It was looked for beside the page.
  expect(problems.some((problem) => problem.includes("nowhere.json"))).toBe(true);
  problems.length = 0;
});

test("when the program cannot be had, the page says so and keeps its words", async ({ page, problems }) => {
  await page.route("**/*.wasm", (route) => route.abort());
  await openLab(page);
  await expect(alert(page)).toContainText("This page has stopped working");
  await expect(page.getByText("the balancer cannot see that it died", { exact: false })).toBeVisible();
  expect(problems.length).toBeGreaterThan(0);
  problems.length = 0;
});

test("without JavaScript the words are there", async ({ browser, site }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(new URL(LAB, site).href);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("One load balancer, three web servers");
  await expect(page.locator("noscript strong")).toBeVisible();
  await expect(page.getByText("Loading the simulation", { exact: false })).toBeHidden();
  await context.close();
});
