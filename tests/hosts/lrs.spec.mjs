// What a student does in a figure, told to a real learning record store and read back from it.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
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
  const program = spawn(python, ["-m", "uvicorn", "ralph.api:app", "--host", "127.0.0.1", "--port", String(port)], {
    cwd: data,
    stdio: "ignore",
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
  /** The statements with a verb, the oldest first, by the store's own interface. */
  const statements = async (verb) => {
    const query = new URLSearchParams({ verb: VERB + verb, ascending: "true" });
    const answer = await fetch(`${url}statements?${query}`, { headers: { Authorization: AUTH, "X-Experience-API-Version": "1.0.3" } });
    expect(answer.status).toBe(200);
    return (await answer.json()).statements;
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

/** Answers all that is asked in the figure, as somebody would who knows. */
async function answerAll(page) {
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
  await answerAll(page);
  await expect(page.locator("#status")).toHaveText("What was done is reported.");
  const heard = await page.evaluate(() => new Promise((done) => {
    const figure = document.getElementById("figure");
    figure.snapshot().then((state) => done(state));
  }));
  expect(heard.t).toBe(30);
  await expect.poll(async () => (await lrs.statements("answered")).length).toBeGreaterThan(0);
  const [initialized] = await lrs.statements("initialized");
  expect(initialized.object).toMatchObject({ id: `${site.url}embed.html?figure=one-dies` });
  const [answered] = await lrs.statements("answered");
  expect(answered.actor).toMatchObject(ACTOR);
  expect(answered.object.id).toBe(`${site.url}embed.html?figure=one-dies#one-dies`);
  expect(answered.object.definition.type).toBe("http://adlnet.gov/expapi/activities/question");
  expect(typeof answered.result.success).toBe("boolean");
  expect(answered.context.contextActivities.parent[0].id).toBe(`${site.url}health-checks.html`);
  expect(answered.authority.mbox).toBe("mailto:course@example.org");
  await lrs.close();
  host.close();
});
