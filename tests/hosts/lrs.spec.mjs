// What a student does in a figure, told to a real learning record store and read back from it.
import { spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { serve } from "../browser/serve.mjs";

const OUT = process.env.HOSTS ?? fileURLToPath(new URL("../../target/hosts/", import.meta.url));
const BUILT = JSON.parse(readFileSync(join(OUT, "built.json"), "utf8"));
const AUTH = `Basic ${btoa("course:secret")}`;
const VERB = "http://adlnet.gov/expapi/verbs/";
const ACTOR = { mbox: "mailto:ada@example.org" };

const listen = (server) => new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(server.address().port)));

/** A port that nobody listens on. */
async function freePort() {
  const server = createServer();
  const port = await listen(server);
  await new Promise((closed) => server.close(closed));
  return port;
}

/** A store of its own on `port`, which takes statements from pages of `origin`. */
async function store(port, origin) {
  const data = mkdtempSync(join(OUT, "lrs/run-"));
  const python = join(OUT, "venv/lrs/bin/python");
  const program = spawn(python, [fileURLToPath(new URL("lrs/serve.py", import.meta.url)), String(port)], {
    cwd: data,
    stdio: ["ignore", "ignore", openSync(join(OUT, "lrs/log.txt"), "a")],
    env: {
      ...process.env,
      RALPH_APP_DIR: join(OUT, "lrs"),
      RALPH_RUNSERVER_BACKEND: "fs",
      RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH: data,
      RALPH_RUNSERVER_CORS_ALLOW_ORIGINS: JSON.stringify([origin]),
    },
  });
  const url = `http://127.0.0.1:${port}/xAPI/`;
  const answers = () => fetch(`http://127.0.0.1:${port}/__heartbeat__`).then(() => true, () => false);
  await expect.poll(answers, { timeout: 30_000 }).toBe(true);
  /** The statements with a verb, by the store's own interface; what it selects by verb with files is nothing. */
  const statements = async (verb) => {
    const answer = await fetch(`${url}statements`, { headers: { Authorization: AUTH, "X-Experience-API-Version": "1.0.3" } });
    expect(answer.status).toBe(200);
    return (await answer.json()).statements.filter((statement) => statement.verb.id === VERB + verb);
  };
  const close = () => new Promise((closed) => {
    program.once("exit", () => { rmSync(data, { recursive: true }); closed(); });
    program.kill();
  });
  return { url, statements, close };
}

/** A course page with a figure, whose script has these attributes. */
async function course(site, attributes) {
  let html = "";
  const server = createServer((request, response) => {
    const isPage = request.url.split("?")[0] === "/course";
    response.writeHead(isPage ? 200 : 404, { "content-type": "text/html; charset=utf-8" }).end(isPage ? html : "");
  });
  const origin = `http://127.0.0.1:${await listen(server)}`;
  const write = (attributes) => {
    const text = Object.entries(attributes).map(([name, value]) => `data-${name}="${value.replaceAll('"', "&quot;")}"`).join(" ");
    html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A course</title>
      <script src="${site.url}understudy-lab.js" async></script>
      <script src="${site.url}understudy-xapi.js" defer data-status="#status" ${text}></script></head>
      <body><p id="status" role="status"></p>
      <understudy-lab id="figure" figure="one-dies" questions="1"></understudy-lab></body></html>`;
  };
  return { url: `${origin}/course`, origin, write, close: () => server.close() };
}

/** Answers the question before the figure, and lets the figure show whether it was right. */
async function answerIt(page) {
  const frame = page.frameLocator("#figure iframe");
  await frame.locator("section.predict button.answer").first().click({ timeout: 20_000 });
  await page.evaluate(() => document.getElementById("figure").seek("30s"));
}

let site;
test.beforeAll(async () => { site = await serve(); });
test.afterAll(async () => { await site.close(); });
test.beforeEach(() => { test.skip(BUILT.lrs !== "", BUILT.lrs); });

test("answers and completion reach the store, with verb, object and result", async ({ page }) => {
  const host = await course(site);
  const lrs = await store(await freePort(), host.origin);
  host.write({ endpoint: lrs.url, auth: AUTH, actor: JSON.stringify(ACTOR) });
  await page.goto(host.url);
  const heard = page.evaluate(() => new Promise((done) => document.addEventListener("answer", (event) => done(event.detail))));
  await answerIt(page);
  const { question, right, lesson } = await heard;
  await expect.poll(async () => (await lrs.statements("answered")).length).toBe(1);
  const [initialized] = await lrs.statements("initialized");
  expect(initialized.object.id).toBe(`${site.url}embed.html?figure=one-dies`);
  const [answered] = await lrs.statements("answered");
  expect(answered.actor).toMatchObject(ACTOR);
  expect(answered.verb.id).toBe(`${VERB}answered`);
  expect(answered.object.id).toBe(`${site.url}embed.html?figure=one-dies#${question}`);
  expect(answered.object.definition.type).toBe("http://adlnet.gov/expapi/activities/question");
  expect(answered.result).toMatchObject({ success: right, completion: true });
  expect(answered.context.contextActivities.parent[0].id).toBe(`${site.url}${lesson}.html`);
  expect(answered.authority.mbox, "the store knows by whom it was told").toBe("mailto:course@example.org");
  // All that is asked beside the figure was answered: it is told with the score.
  await expect.poll(async () => (await lrs.statements("completed")).length).toBe(1);
  const [completed] = await lrs.statements("completed");
  expect(completed.object.id).toBe(`${site.url}${lesson}.html`);
  const raw = right ? 1 : 0;
  expect(completed.result).toEqual({ completion: true, score: { raw, min: 0, max: 1, scaled: raw } });
  await expect(page.locator("#status")).toHaveText("What was done is reported.");
  await lrs.close();
  host.close();
});

test("a store that is not there is named, nothing is lost, and the figure runs on", async ({ page }) => {
  const host = await course(site);
  const port = await freePort();
  host.write({ endpoint: `http://127.0.0.1:${port}/xAPI/`, auth: AUTH, actor: JSON.stringify(ACTOR) });
  await page.goto(host.url);
  await answerIt(page);
  const status = page.locator("#status");
  await expect(status).toContainText("cannot be reached");
  await expect(status).toContainText("statements wait in this browser");
  const state = () => page.evaluate(() => document.getElementById("figure").snapshot());
  await expect.poll(async () => (await state()).t).toBeGreaterThan(29);
  await page.evaluate(() => document.getElementById("figure").command("kill web-2"));
  await expect.poll(async () => (await state()).nodes.find(({ name }) => name === "web-2").alive).toBe(0);
  // The next visit finds the store: what was kept is sent, once.
  const lrs = await store(port, host.origin);
  await page.reload();
  await expect(status).toHaveText("What was done is reported.");
  await expect.poll(async () => (await lrs.statements("answered")).length).toBe(1);
  const [answered] = await lrs.statements("answered");
  expect(new Date(answered.timestamp) < new Date(answered.stored), "it is told when it was").toBe(true);
  await page.reload();
  await expect.poll(async () => (await lrs.statements("initialized")).length).toBe(3);
  expect(await lrs.statements("answered")).toHaveLength(1);
  await lrs.close();
  host.close();
});

test("a wrong password and an endpoint that is not safe are said in words", async ({ page }) => {
  const host = await course(site);
  const lrs = await store(await freePort(), host.origin);
  host.write({ endpoint: lrs.url, auth: `Basic ${btoa("course:wrong")}`, actor: JSON.stringify(ACTOR) });
  await page.goto(host.url);
  await expect(page.locator("#status")).toContainText("does not accept the name and password (401)", { timeout: 20_000 });
  host.write({ endpoint: "http://lrs.example.org/xAPI/", auth: AUTH, actor: JSON.stringify(ACTOR) });
  await page.reload();
  await expect(page.locator("#status")).toContainText("is not safe: an endpoint begins with https://");
  host.write({ endpoint: lrs.url, auth: AUTH, actor: "Ada" });
  await page.reload();
  await expect(page.locator("#status")).toContainText("is no agent");
  await expect.poll(() => page.evaluate(() => document.getElementById("figure").snapshot().then(({ t }) => t))).toBe(9);
  expect(await lrs.statements("initialized")).toEqual([]);
  await lrs.close();
  host.close();
});
