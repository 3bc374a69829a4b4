// Reports to a learning-management system what was answered, as SCORM 1.2 has it: how far the course is done, a score,
// and what the page itself keeps, so that it can be gone on with on another computer.
//
// The system offers an object named API in a window around this one, or in the one that opened it. Without it the page
// works as it does anywhere else.
(() => {
  const KEPT = "understudy-progress";
  // What the standard allows for `cmi.suspend_data`.
  const MOST_LETTERS = 4096;
  const began = Date.now();

  const around = (from) => {
    for (let [window, depth] = [from, 0]; window && depth < 8; depth += 1) {
      try {
        if (window.API) return window.API;
      } catch {
        return undefined; // A window of somebody else's page.
      }
      if (window.parent === window) return undefined;
      window = window.parent;
    }
    return undefined;
  };
  const api = around(window) ?? (window.opener ? around(window.opener) : undefined);
  if (!api || String(api.LMSInitialize("")) !== "true") return;

  const set = (name, value) => api.LMSSetValue(name, String(value));
  // The learner's record is the system's: what another learner left in this browser is not theirs.
  const record = api.LMSGetValue("cmi.suspend_data");
  try {
    if (record) localStorage.setItem(KEPT, record);
    else localStorage.removeItem(KEPT);
  } catch { /* A browser that keeps nothing: answers count while the page is open. */ }
  set("cmi.core.score.min", 0);
  set("cmi.core.score.max", 100);
  if (["not attempted", "unknown", ""].includes(api.LMSGetValue("cmi.core.lesson_status"))) {
    set("cmi.core.lesson_status", "incomplete");
  }
  api.LMSCommit("");

  /** How many questions of this page were answered, and how many there are. */
  const counted = (text) => {
    const all = document.querySelectorAll("section.predict, section.check").length;
    let done = 0;
    try {
      const { lessons = {} } = JSON.parse(text ?? "{}");
      for (const lesson of Object.values(lessons)) done += new Set(lesson.done).size;
    } catch { /* Nothing that makes sense: nothing was answered. */ }
    return { all, done: Math.min(done, all) };
  };

  const report = () => {
    let text;
    try {
      text = localStorage.getItem(KEPT) ?? "";
    } catch {
      return;
    }
    const { all, done } = counted(text || undefined);
    if (all > 0) set("cmi.core.score.raw", Math.round((100 * done) / all));
    if (all > 0 && done === all) set("cmi.core.lesson_status", "completed");
    if (text.length <= MOST_LETTERS) set("cmi.suspend_data", text);
    api.LMSCommit("");
  };

  // The page keeps an answer right after it has told of it.
  addEventListener("understudy:answer", () => setTimeout(report, 0));

  let ended = false;
  addEventListener("pagehide", () => {
    if (ended) return;
    ended = true;
    report();
    const seconds = Math.round((Date.now() - began) / 1000);
    const two = (number) => String(number).padStart(2, "0");
    set("cmi.core.session_time", `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`);
    set("cmi.core.exit", "suspend");
    api.LMSCommit("");
    api.LMSFinish("");
  });
  // Back from the browser's memory: the session has ended, another begins.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  // Other pages open beside this one, which has to stay open for the session.
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link && new URL(link.href).pathname !== location.pathname) link.target = "_blank";
  }, { capture: true });
})();
