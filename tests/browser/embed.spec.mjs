// One figure in somebody else's page: the element, the frame alone, and what is said between the two.
import { heard, open, snapshot, test } from "./support/host.mjs";
import { expect } from "./support/test.mjs";

const FIGURE = '<understudy-lab id="figure" figure="one-dies"></understudy-lab>';
const ready = (page, count = 1) => expect.poll(async () => (await heard(page, "ready")).length).toBe(count);
const frame = (page, id = "figure") => page.frameLocator(`#${id} iframe`);

test("the element shows a living figure from another origin, as high as it is", async ({ page, site }) => {
  const close = await open(page, site, FIGURE);
  await ready(page);
  const [event] = await heard(page, "ready");
  expect(event.figure).toBe("one-dies");
  expect(event.version).toBe(1);
  await expect(frame(page).getByRole("button", { name: "Play" })).toBeVisible();
  const heights = async () => {
    const inside = await frame(page).locator("body").evaluate((body) => body.offsetHeight);
    const outside = await page.locator("#figure iframe").evaluate((frame) => frame.offsetHeight);
    return { inside, outside };
  };
  await expect.poll(async () => { const { inside, outside } = await heights(); return inside - outside; }).toBe(0);
  const wide = await heights();
  await page.setViewportSize({ width: 390, height: 800 });
  await expect.poll(async () => (await heights()).outside).not.toBe(wide.outside);
  await expect.poll(async () => { const { inside, outside } = await heights(); return inside - outside; }).toBe(0);
  await close();
});

test("methods and events: a fault that the host page makes is told to it, and counted", async ({ page, site }) => {
  const close = await open(page, site, FIGURE);
  await ready(page);
  const before = await snapshot(page);
  expect(before.t).toBe(9);
  expect(before.nodes.find((node) => node.name === "web-1").alive).toBe(1);
  await page.evaluate(() => document.getElementById("figure").command("kill web-1"));
  await expect.poll(async () => (await heard(page, "fault")).map((event) => event.node)).toContain("web-1");
  expect((await heard(page, "fault"))[0].text).toContain("web-1");
  await page.evaluate(() => document.getElementById("figure").seek("11s"));
  await expect.poll(async () => (await snapshot(page)).t).toBe(11);
  const after = await snapshot(page);
  expect(after.facts.refused).toBeGreaterThan(0);
  expect(after.nodes.find((node) => node.name === "web-1").alive).toBe(0);
  expect(after.commands).toEqual(["9s kill web-1"]);
  await page.evaluate(() => document.getElementById("figure").play());
  await expect.poll(async () => (await snapshot(page)).t).toBeGreaterThan(11.2);
  await page.evaluate(() => document.getElementById("figure").pause());
  expect((await snapshot(page)).playing).toBe(false);
  await close();
});

test("a takeover is told as a failover, the first master of the run is not", async ({ page, site }) => {
  const close = await open(page, site, '<understudy-lab id="figure" scene="two-balancers" t="10s" controls="none"></understudy-lab>');
  await ready(page);
  await expect.poll(async () => (await snapshot(page)).t).toBe(10);
  await page.evaluate(() => document.getElementById("figure").command("kill lb-1"));
  await page.evaluate(() => document.getElementById("figure").seek("20s"));
  await expect.poll(async () => (await heard(page, "failover")).map((event) => event.node)).toEqual(["lb-2"]);
  await expect(frame(page).getByRole("button", { name: "Play" })).toHaveCount(0);
  await close();
});

test("several on one page, one of them in a sandbox without an origin, do not mix", async ({ page, site }) => {
  const other = FIGURE.replace('id="figure"', 'id="other" sandbox="allow-scripts" theme="dark"');
  const close = await open(page, site, FIGURE + other);
  await ready(page, 2);
  await page.evaluate(() => document.getElementById("other").command("kill web-3"));
  await expect.poll(async () => (await heard(page, "fault")).map((event) => event.figure)).toEqual(["other"]);
  const alive = async (id) => (await snapshot(page, id)).nodes.find((node) => node.name === "web-3").alive;
  expect([await alive("figure"), await alive("other")]).toEqual([1, 0]);
  const themes = await Promise.all(["figure", "other"].map((id) =>
    frame(page, id).locator("html").evaluate((root) => root.dataset.theme ?? "auto")));
  expect(themes).toEqual(["auto", "dark"]);
  await close();
});

test("malformed messages are ignored and reported, strangers' messages only ignored", async ({ page, site }) => {
  const close = await open(page, site, FIGURE);
  await ready(page);
  const tell = (message) =>
    page.evaluate((message) => {
      const { contentWindow } = document.querySelector("#figure iframe");
      contentWindow.postMessage(message, "*");
    }, message);
  for (const message of [null, 7, "hello", [], { type: "play" }, { namespace: "reveal" }]) await tell(message);
  expect((await snapshot(page)).t).toBe(9);
  expect(await heard(page, "error")).toEqual([]);
  const wrong = [
    [{ understudy: 2, type: "play" }, "version 1"],
    [{ understudy: 1, type: "explode" }, "there are hello"],
    [{ understudy: 1, type: "seek", t: "soon" }, "soon"],
    [{ understudy: 1, type: "seek", t: { valueOf: 3 } }, "12.4s"],
    [{ understudy: 1, type: "command", text: "x".repeat(100_000) }, "kill web-2"],
    [{ understudy: 1, type: "command", text: "kill <img src=x onerror=alert(1)>" }, "is not written right"],
  ];
  for (const [index, [message, said]] of wrong.entries()) {
    await tell(message);
    await expect.poll(async () => (await heard(page, "error")).length).toBe(index + 1);
    expect((await heard(page, "error"))[index].text).toContain(said);
  }
  expect((await snapshot(page)).t).toBe(9);
  // A window that is not the one around it is not heard.
  await frame(page).locator("html").evaluate(() => window.postMessage({ understudy: 1, type: "seek", t: "20s" }, "*"));
  expect((await snapshot(page)).t).toBe(9);
  await close();
});

test("the host page keeps the keyboard and its scroll position", async ({ page, site }) => {
  const close = await open(page, site, `<input id="field"><div style="height:600px"></div>
    <understudy-lab id="figure" figure="one-dies" autoplay="1" questions="1"></understudy-lab><div style="height:3000px"></div>`);
  await page.locator("#field").focus();
  await page.evaluate(() => scrollTo(0, 200));
  await ready(page);
  const answer = frame(page).locator("button.answer").first();
  await expect(answer).toBeAttached();
  await page.evaluate(() => document.getElementById("figure").seek("10s"));
  await page.waitForTimeout(500);
  expect(await page.evaluate(() => [document.activeElement.id, scrollY])).toEqual(["field", 200]);
  // An answer starts the run inside the frame, and scrolls nothing outside it.
  await answer.evaluate((button) => button.click());
  await page.waitForTimeout(500);
  expect(await page.evaluate(() => scrollY)).toBe(200);
  await close();
});

test("a presentation starts and stops the figure with its slide", async ({ page, site }) => {
  const close = await open(page, site, FIGURE);
  await ready(page);
  const slide = (words) =>
    page.evaluate((words) => document.querySelector("#figure iframe").contentWindow.postMessage(words, "*"), words);
  await slide("slide:start");
  await expect.poll(async () => (await snapshot(page)).playing).toBe(true);
  await slide("slide:stop");
  await expect.poll(async () => (await snapshot(page)).playing).toBe(false);
  await close();
});

test("the questions of its lesson are asked if the host wants it, and the answers told", async ({ page, site }) => {
  const close = await open(page, site, '<understudy-lab id="figure" figure="one-dies" questions="1"></understudy-lab>');
  await ready(page);
  await expect(frame(page).getByRole("button", { name: "Play" })).toBeDisabled();
  await frame(page).locator("button.answer").first().click();
  await page.evaluate(() => document.getElementById("figure").seek("30s"));
  await expect.poll(async () => (await heard(page, "answer")).length).toBe(1);
  const [answer] = await heard(page, "answer");
  expect(answer).toMatchObject({ lesson: "health-checks", question: "one-dies" });
  expect(typeof answer.right).toBe("boolean");
  await close();
});

test("how much the reader may do is the host's choice", async ({ page, site }) => {
  const buttons = async (query) => {
    await page.goto(`${site}embed.html?figure=one-dies&${query}`);
    await expect(page.locator("figure.living.alive")).toBeVisible();
    const shown = (locator) => locator.filter({ visible: true }).count();
    return {
      play: await shown(page.getByRole("button", { name: "Play" })),
      action: await shown(page.getByRole("button", { name: "Kill web-2" })),
      time: await shown(page.getByLabel("Time", { exact: true })),
      faster: await shown(page.getByRole("button", { name: "Faster" })),
      lab: await shown(page.getByRole("link", { name: "Open in the lab" })),
      menus: await page.locator(".node[aria-haspopup]").count(),
      modes: await shown(page.getByLabel("active-passive", { exact: true })),
    };
  };
  expect(await buttons("controls=none")).toEqual({ play: 0, action: 0, time: 0, faster: 0, lab: 0, menus: 0, modes: 0 });
  const basic = await buttons("controls=basic");
  expect(basic).toMatchObject({ play: 1, action: 1, time: 1, faster: 1, lab: 1, modes: 0 });
  const full = await buttons("controls=full");
  expect(full).toMatchObject({ play: 1, action: 1, time: 1, faster: 1, lab: 1, modes: 1 });
  expect(full.menus).toBeGreaterThan(3);
  expect(await buttons("controls=full&lock=break,modes,time,speed,actions,links")).toEqual(
    { play: 1, action: 0, time: 0, faster: 0, lab: 0, menus: 0, modes: 0 });
});

test("what an address asks for and cannot have is named, and something is shown", async ({ page, site }) => {
  await page.goto(`${site}embed.html?figure=nothing-like-it&seed=x&colour=%3Cb%3Ered&v=9&c=1s+kill+web-77`);
  await expect(page.locator("figure.living.alive")).toBeVisible();
  const notes = page.locator(".notes");
  for (const words of ["nothing-like-it", "whole number from 0", "no such parameter", "newer Understudy", "web-77"]) {
    await expect(notes).toContainText(words);
  }
  await expect(notes.locator("b")).toHaveCount(0);
  await expect(page.getByRole("button", { name: /^web-2, / }).or(page.locator(".node").first()).first()).toBeVisible();
});

test("a run that was packed into an address stands where it was packed", async ({ page, site }) => {
  const scenario = await (await page.request.get(`${site}scenarios/three-web-servers.json`)).json();
  await page.goto(`${site}embed.html`);
  const query = await page.evaluate(async (scenario) => {
    const run = { understudy_run: 1, seed: 5, at: "4s", commands: ["3s kill web-1"], scenario: { ...scenario, title: "Mine <b>" } };
    const stream = new Blob([JSON.stringify(run)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  }, scenario);
  const close = await open(page, site, `<understudy-lab id="figure" run="${query}"></understudy-lab>`);
  await ready(page);
  await expect.poll(async () => (await snapshot(page)).t).toBe(4);
  expect(await snapshot(page)).toMatchObject({ title: "Mine <b>", seed: "5", commands: ["3s kill web-1"] });
  await close();
  // A small file that is large once it is unpacked, and one that is none.
  await page.goto(`${site}embed.html`);
  const bomb = await page.evaluate(async () => {
    const stream = new Blob([" ".repeat(5_000_000)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  });
  for (const [run, said] of [[bomb, "once it is unpacked"], ["AAAA", "cut short or changed"]]) {
    await page.goto(`${site}embed.html?run=${run}`);
    await expect(page.locator(".notes")).toContainText(said);
    await expect(page.locator("figure.living.alive")).toBeVisible();
  }
});
