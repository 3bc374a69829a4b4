// The browser's own trace of its main thread, in time on the processor: other work on the machine makes a task late, but
// not dear.

/** Longer than this is a long task, in milliseconds. */
export const LONG_MS = 50;

/** The events of the browser's trace while `act` goes on: the frames' script, and all of the main thread. */
export async function traced(browser, act) {
  const session = await browser.newBrowserCDPSession();
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Tracing.start", {
    traceConfig: { includedCategories: ["devtools.timeline", "toplevel"] },
    transferMode: "ReportEvents",
  });
  await act();
  const complete = new Promise((done) => session.once("Tracing.tracingComplete", done));
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  const script = events.filter(({ name, tdur }) => name === "FireAnimationFrame" && tdur !== undefined);
  const thread = ({ pid, tid }) => pid === script[0]?.pid && tid === script[0]?.tid;
  return { script, main: events.filter((event) => event.ph === "X" && event.tdur !== undefined && thread(event)) };
}

/** How long each task among these events took, in milliseconds. */
export function tasks(main) {
  // Browsers of different age call it differently; one that calls it otherwise must not pass for one without any.
  const all = main.filter(({ name }) => /(^|::)RunTask$/.test(name)).map(({ tdur }) => tdur / 1000);
  if (all.length === 0) throw new Error("the browser's trace tells of no task at all");
  return all;
}

/** The long ones among them. */
export const longTasks = (main) => tasks(main).filter((ms) => ms > LONG_MS);
