// The SCORM 1.2 package: its manifest is valid, and a course platform hears what was answered.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { validateXML } from "xmllint-wasm";
import { serve } from "./serve.mjs";
import { archived, inDirectory } from "./support/bundle.mjs";
import { expect, test } from "./support/test.mjs";

const NAME = "understudy-scorm-1.2.zip";
const text = (bytes) => new TextDecoder().decode(bytes);

test("the manifest is valid by the schemas of the standard, and names every file of the package", async () => {
  const files = archived(NAME);
  const manifest = text(files["imsmanifest.xml"]);
  const schema = (name) => ({ fileName: name, contents: text(files[name]) });
  // One schema for both vocabularies of the manifest.
  const both = `<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">
    <xsd:import namespace="http://www.imsproject.org/xsd/imscp_rootv1p1p2" schemaLocation="imscp_rootv1p1p2.xsd"/>
    <xsd:import namespace="http://www.adlnet.org/xsd/adlcp_rootv1p2" schemaLocation="adlcp_rootv1p2.xsd"/>
  </xsd:schema>`;
  const validate = (contents) =>
    validateXML({
      xml: [{ fileName: "imsmanifest.xml", contents }],
      schema: [{ fileName: "both.xsd", contents: both }],
      preload: ["imscp_rootv1p1p2.xsd", "adlcp_rootv1p2.xsd", "ims_xml.xsd", "imsmd_rootv1p2p1.xsd"].map(schema),
    });
  const { valid, errors } = await validate(manifest);
  expect(errors.map(({ message }) => message)).toEqual([]);
  expect(valid).toBe(true);
  for (const [right, wrong] of [["<resources>", "<resorces>"], ["scormtype=\"sco\"", "scormtype=\"page\""], ["identifier=\"understudy\" ", ""]]) {
    expect(manifest).toContain(right);
    const { valid } = await validate(manifest.replaceAll(right, wrong).replaceAll(right.replace("<", "</"), wrong.replace("<", "</")));
    expect(valid, `a manifest with ${wrong || "no identifier"} is refused`).toBe(false);
  }

  const named = [...manifest.matchAll(/<file href="([^"]*)"/g)].map(([, name]) => decodeURIComponent(name));
  const [, started] = manifest.match(/scormtype="sco" href="([^"]*)"/);
  expect(text(files[started]).match(/<section class="check"/g)?.length, "the page asks questions").toBeGreaterThan(30);
  const schemas = Object.keys(files).filter((name) => name.endsWith(".xsd"));
  expect([...named, ...schemas, "imsmanifest.xml"].sort()).toEqual(Object.keys(files).sort());
});

/** A page of a course platform, whose run-time is scorm-again; what it stores is given back on the next visit. */
const platform = (started) => `<!doctype html><title>Course platform</title><link rel="icon" href="data:,">
<script src="./scorm12.min.js"></script>
<script>
  window.API = new Scorm12API({ autocommit: false, logLevel: 5 });
  const stored = localStorage.getItem("platform");
  if (stored) API.loadFromJSON(JSON.parse(stored));
  window.calls = [];
  API.on("LMSSetValue.cmi.core.session_time", (element, value) => { window.spent = value; });
  for (const name of ["LMSInitialize", "LMSCommit", "LMSFinish"]) {
    API.on(name, () => {
      calls.push(name);
      const { core, suspend_data } = API.cmi;
      localStorage.setItem("platform", JSON.stringify({
        suspend_data, core: { lesson_status: core.lesson_status, score: { raw: core.score.raw } },
      }));
    });
  }
</script>
<button onclick="document.querySelector('iframe').remove()">Leave</button>
<iframe src="./package/${started}" style="width: 100%; height: 90vh"></iframe>`;

/** A question to choose from, as the builder of the course writes it. */
const check = (id, question) => {
  const bytes = [
    ...words(id), ...words(question), 1,
    ...length(2), ...words(`Yes to ${id}`), 1, ...words("It is so."), ...words(`No to ${id}`), 0, ...words("It is not."),
  ];
  const escaped = bytes.map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  return `<section class="check" id="check-${id}"><script type="text/prepared">${escaped}</script></section>`;
};
/** A length and a text in Borsh. */
const length = (count) => [count, 0, 0, 0];
const words = (text) => [...length(text.length), ...new TextEncoder().encode(text)];

/** A short course in place of the page's own: what is asked there changes, what is reported does not. */
const LESSON = `<article class="lesson" data-lesson="short"><h1>A short course</h1>
  ${check("first", "Is this the first?")}${check("second", "Is this the second?")}</article>`;

test("a course platform hears how far the course is done, and gives it back on the next visit", async ({ browser }) => {
  const files = archived(NAME);
  const [, started] = text(files["imsmanifest.xml"]).match(/scormtype="sco" href="([^"]*)"/);
  const page = text(files[started]).replace(/(<main [^>]*>)[^]*<\/main>/, `$1${LESSON}</main>`);
  const runtime = createRequire(import.meta.url).resolve("scorm-again/scorm12/min");
  const all = Object.fromEntries(Object.entries({ ...files, [started]: page }).map(([name, bytes]) => [`package/${name}`, bytes]));
  await inDirectory({ ...all, "lms.html": platform(started), "scorm12.min.js": readFileSync(runtime) }, async (directory) => {
    const { url, close } = await serve(directory);
    const context = await browser.newContext();
    const problems = [];
    const open = async () => {
      const lms = await context.newPage();
      lms.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      lms.on("pageerror", (error) => problems.push(error.message));
      await lms.goto(`${url}lms.html`);
      const course = lms.frameLocator("iframe");
      await expect(course.locator("html[data-alive]")).toBeAttached();
      expect(problems).toEqual([]);
      return { lms, course, heard: (name) => lms.evaluate((name) => String(eval(`API.cmi.${name}`)), name) };
    };

    const first = await open();
    expect(await first.heard("core.lesson_status")).toBe("incomplete");
    await first.course.getByRole("button", { name: /No to first/ }).click();
    await first.course.getByRole("button", { name: /Yes to first/ }).click();
    await expect.poll(() => first.heard("core.score.raw"), "one of two").toBe("50");
    expect(await first.heard("core.lesson_status")).toBe("incomplete");
    await first.lms.getByRole("button", { name: "Leave" }).click();
    await expect.poll(() => first.lms.evaluate(() => window.calls.at(-1))).toBe("LMSFinish");
    expect(await first.lms.evaluate(() => window.spent)).toMatch(/^00:0\d:\d\d$/);
    await first.lms.close();

    // Another computer: what this one kept of the course is gone, what the platform stored is not.
    const kept = await context.newPage();
    await kept.goto(`${url}scorm12.min.js`);
    await kept.evaluate(() => localStorage.removeItem("understudy-progress"));
    await kept.close();
    const second = await open();
    await expect(second.course.getByText("You have answered this before.")).toHaveCount(1);
    await second.course.getByRole("button", { name: /Yes to second/ }).click();
    await expect.poll(() => second.heard("core.score.raw"), "both").toBe("100");
    expect(await second.heard("core.lesson_status")).toBe("completed");
    expect(problems).toEqual([]);
    await context.close();
    await close();
  });
});
