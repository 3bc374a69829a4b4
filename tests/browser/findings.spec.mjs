// What is weak, told by an embedded figure: the audit is a program of its own, fetched when it is asked for.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { heard, open, test } from "./support/host.mjs";
import { expect } from "./support/test.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CLI = process.env.UNDERSTUDY ?? join(ROOT, "target/debug/understudy");

/** What the command line says of a shipped scenario that `change` has changed. */
function native(name, change = () => {}) {
  const scenario = JSON.parse(readFileSync(join(ROOT, `scenarios/${name}.json`), "utf8"));
  change(scenario);
  const directory = mkdtempSync(join(tmpdir(), "understudy-audit-"));
  const path = join(directory, "scenario.json");
  writeFileSync(path, JSON.stringify(scenario));
  try {
    return JSON.parse(execFileSync(CLI, ["audit", "--json", path], { encoding: "utf8", maxBuffer: 1e8 }));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Of `whole` what `told` has too, at every depth. */
function within(told, whole) {
  if (Array.isArray(told) && Array.isArray(whole)) return whole.map((item, place) => within(told[place] ?? item, item));
  if (typeof told !== "object" || told === null || typeof whole !== "object" || whole === null) return whole;
  return Object.fromEntries(Object.keys(told).map((name) => [name, within(told[name], whole[name])]));
}

/** Findings as the audit has them: without what the protocol adds. */
const bare = (events) => events.map(({ understudy, type, figure, t, ...finding }) => finding);

const audited = (page) => page.evaluate(() => document.getElementById("figure").audit());
const figure = (attributes) => `<understudy-lab id="figure" ${attributes}></understudy-lab>`;
const ready = (page) => expect.poll(async () => (await heard(page, "ready")).length).toBe(1);

for (const sandbox of ["", 'sandbox="allow-scripts"']) {
  test(`an audit in a frame ${sandbox || "of another origin"} finds what the command line finds`, async ({ page, site }) => {
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname.split("/").pop()));
    const close = await open(page, site, figure(`scene="classic-stack" t="3s" ${sandbox}`));
    await ready(page);
    expect(asked.filter((name) => name.startsWith("auditor")), "nobody has asked yet").toEqual([]);
    const { findings, t, critical, warning, note, title } = await audited(page);
    const whole = native("classic-stack");
    expect(findings.length).toBeGreaterThan(5);
    expect(findings).toEqual(within(findings, whole.findings));
    expect(bare(await heard(page, "finding"))).toEqual(findings);
    expect([t, title]).toEqual([3, whole.title]);
    const levels = ["critical", "warning", "note"].map((level) => whole.findings.filter((one) => one.level === level).length);
    expect([critical, warning, note]).toEqual(levels);
    expect(asked.filter((name) => name.startsWith("auditor")).sort()).toEqual(["auditor.js", "auditor_bg.wasm", "auditor_loader.js"]);
    await close();
  });
}

test("it is about the modes as they stand, and not about what is broken", async ({ page, site }) => {
  const close = await open(page, site, figure('scene="classic-stack" mode="no-firewall" commands="1s kill web-1" t="2s"'));
  await ready(page);
  const changed = native("classic-stack", ({ nodes }) => {
    nodes.filter(({ kind }) => kind === "firewall").forEach((firewall) => { firewall.on = false; });
  });
  const first = await audited(page);
  expect(first.findings).toEqual(within(first.findings, changed.findings));
  const before = native("classic-stack");
  expect(first.findings.length).not.toBe(before.findings.length);
  // Set back by the page around, it is as it was.
  await page.evaluate(() => document.getElementById("figure").command("firewall firewall on"));
  const second = await audited(page);
  expect(second.findings).toEqual(within(second.findings, before.findings));
  await close();
});

test("an address asks for it, and who asks meanwhile is answered too", async ({ page, site }) => {
  const close = await open(page, site, figure('figure="one-dies" audit="1"'));
  await ready(page);
  const both = await page.evaluate(() => Promise.all([1, 2].map(() => document.getElementById("figure").audit())));
  expect(both[0].findings.length).toBeGreaterThan(0);
  expect(both[1]).toEqual(both[0]);
  await expect.poll(async () => (await heard(page, "audited")).length).toBeGreaterThan(1);
  await close();
});

test("without its program it says so, and the figure runs on", async ({ page, site, problems }) => {
  await page.route("**/auditor.js", (route) => route.abort());
  const close = await open(page, site, figure('figure="one-dies"'));
  await ready(page);
  const outcome = () => page.evaluate(() => document.getElementById("figure").audit().then(() => "done", (error) => error.message));
  expect(await outcome()).toContain("not beside this page");
  expect((await heard(page, "error"))[0].what).toBe("audit");
  expect(problems.splice(0).join(), "the browser says it as well").toContain("ERR_FAILED");
  await page.evaluate(() => document.getElementById("figure").play());
  await expect.poll(() => page.evaluate(async () => (await document.getElementById("figure").snapshot()).t)).toBeGreaterThan(9.2);
  await close();
});

test("who asks faster than it audits is told so, and is not waited for", async ({ page, site }) => {
  const close = await open(page, site, figure('figure="one-dies"'));
  await ready(page);
  const many = await page.evaluate(() =>
    Promise.allSettled(Array.from({ length: 14 }, () => document.getElementById("figure").audit())));
  const refused = many.filter(({ status }) => status === "rejected");
  expect(many.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
  expect(refused).toHaveLength(4);
  expect((await heard(page, "error")).map(({ what }) => what)).toEqual(Array(4).fill("audit"));
  await close();
});
