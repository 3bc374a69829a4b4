// No page runs or loads what it did not bring: the Content-Security-Policy is strict, and nothing here trips over it.
import { serve } from "./serve.mjs";
import { inDirectory } from "./support/bundle.mjs";
import { act, LAB, lamp, openLab, setSpeed } from "./support/lab.mjs";
import { PAGES } from "./support/pages.mjs";
import { expect, test } from "./support/test.mjs";

/** Notes everything that the policy stops, from the first moment on. */
async function watch(page) {
  await page.addInitScript(() => {
    window.stopped = [];
    document.addEventListener("securitypolicyviolation", (event) =>
      window.stopped.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`));
  });
}

const stopped = (page) => page.evaluate(() => window.stopped);

for (const name of PAGES) {
  test(`${name} keeps to its policy, and a script that somebody put into it does not run`, async ({ page, problems }) => {
    await watch(page);
    await page.goto(`./${name}`, { waitUntil: "networkidle" });
    expect(await stopped(page), "the page itself does nothing that its policy stops").toEqual([]);

    const policy = await page.locator("meta[http-equiv='Content-Security-Policy']").getAttribute("content");
    expect(policy).toContain("default-src 'none'");
    expect(policy, "code from strings, inline code without a hash").not.toMatch(/script-src[^;]*'unsafe-(inline|eval|hashes)'/);
    expect(policy, "anybody else").not.toMatch(/https?:|\*/);

    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.injected = 'by an element'";
      document.body.append(script);
      const place = document.createElement("div");
      place.innerHTML = "<img src='data:,' onerror='window.injected = \"by a handler\"'>";
      document.body.append(place);
      // Later, for what a test evaluates itself is let through.
      setTimeout(() => setTimeout("window.injected = 'by a string'", 0), 50);
    });
    await expect.poll(() => stopped(page).then((all) => all.length)).toBe(3);
    expect(await page.evaluate(() => window.injected)).toBeUndefined();
    // The browser says in the console what it stopped; anything else is still a problem.
    expect(problems.filter((problem) => !/Content Security Policy/.test(problem))).toEqual([]);
    problems.length = 0;
  });
}

test("the lab keeps to its policy while it is used", async ({ page }) => {
  await watch(page);
  await openLab(page);
  await setSpeed(page, "10×");
  await act(page, "web-2", "Kill");
  await expect(lamp(page, "web-2")).toHaveAccessibleName(/down$/);
  await page.getByRole("button", { name: /^Help/ }).click();
  await page.keyboard.press("Escape");
  expect(await stopped(page)).toEqual([]);
});

test("the lab runs in a sandboxed frame of somebody else's page", async ({ browser, site }) => {
  const host = `<!doctype html><title>Somebody else</title>
    <iframe sandbox="allow-scripts" width="1200" height="800" src="${new URL(LAB, site)}"></iframe>`;
  await inDirectory({ "host.html": host }, async (directory) => {
    const { url, close } = await serve(directory);
    const page = await browser.newPage();
    const errors = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`${url}host.html`);
    const frame = page.frameLocator("iframe");
    await expect(frame.getByRole("button", { name: /^web-2, / })).toBeVisible();
    // The host has no icon, which is its own business.
    expect(errors.filter((error) => !/404/.test(error))).toEqual([]);
    await page.close();
    await close();
  });
});
