// Tells a learning record store, by the Experience API 1.0.3, what was done in the figures of this page.
// Beside understudy-lab.js, in the page of a course; whoever gives the course names the store: docs/teaching.md.
(() => {
  const VERBS = { ready: "initialized", answer: "answered", complete: "completed" };
  const ADL = "http://adlnet.gov/expapi/";
  const MOST_AT_ONCE = 50;
  const MOST_KEPT = 1000;
  const RETRY_MS = [2_000, 10_000, 60_000, 300_000];

  const script = document.currentScript ?? document.querySelector('[src*="understudy-xapi.js"]');
  // What the script's attributes do not say, the address of the page may, as courses are launched by many platforms.
  const launched = new URLSearchParams(location.search);
  const setting = (name) => script.dataset[name] ?? (script.dataset.launch === undefined ? null : launched.get(name));

  /** Says how it stands: to the console when something is wrong, to the page by an event, and where the page wants it. */
  function say(words, isWrong) {
    if (isWrong) console.warn(`Understudy: ${words}`);
    const place = script.dataset.status && document.querySelector(script.dataset.status);
    if (place) place.textContent = words;
    document.dispatchEvent(new CustomEvent("understudy:xapi", { detail: { text: words, waiting: waiting.length, problem: isWrong } }));
  }

  /** A random UUID; pages without https have no `randomUUID`. */
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
  }

  const kept = (key) => {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  };
  const keep = (key, value) => {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* It lasts as long as the page does. */ }
  };

  /** Where to send to; a password goes over no open line. */
  function store() {
    const address = setting("endpoint");
    if (!address) throw new Error("no learning record store is named: give the script a data-endpoint");
    const url = new URL(address, location.href);
    const isNear = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
    if (url.protocol !== "https:" && !isNear) throw new Error(`${url} is not safe: an endpoint begins with https://`);
    return new URL("statements", url.href.endsWith("/") ? url : `${url}/`);
  }

  /** Who it is about; without a name, a pseudonym that this browser keeps. */
  function actor() {
    const text = setting("actor");
    if (!text) {
      const name = kept("understudy-xapi-name") ?? uuid();
      keep("understudy-xapi-name", name);
      return { objectType: "Agent", account: { homePage: location.origin, name } };
    }
    let agent;
    try { agent = JSON.parse(text); } catch { /* Said below. */ }
    const isAgent = agent && ["mbox", "mbox_sha1sum", "openid", "account"].some((name) => agent[name]);
    if (!isAgent) throw new Error('the data-actor is no agent: it is JSON such as {"mbox": "mailto:ada@example.org"}');
    return agent;
  }

  let waiting = [];
  let about;
  try {
    about = { url: store(), actor: actor(), auth: setting("auth"), registration: setting("registration") };
  } catch (error) {
    return say(`${error.message}. Nothing is reported; the figures work all the same.`, true);
  }
  const KEPT = `understudy-xapi ${about.url}`;
  const before = kept(KEPT);
  if (Array.isArray(before)) waiting = before;

  /** What was answered in each figure: for the score. */
  const answers = new WeakMap();

  function statement({ type, target, detail }) {
    const site = new URL("./", target.address);
    // The same figure is the same activity, whatever colours and controls it has here.
    const figure = new URL("embed.html", site);
    for (const name of ["scene", "figure"]) {
      if (target.hasAttribute(name)) figure.searchParams.set(name, target.getAttribute(name));
    }
    const activity = (id, kind, name) => ({
      objectType: "Activity", id, definition: { type: `${ADL}activities/${kind}`, name: { en: name } },
    });
    const lesson = detail.lesson && activity(new URL(`${detail.lesson}.html`, site).href, "lesson", detail.lesson);
    const known = answers.get(target) ?? new Map();
    answers.set(target, known);
    let object = activity(figure.href, "simulation", detail.title ?? detail.figure ?? "Understudy");
    let result;
    if (type === "answer") {
      known.set(detail.question, detail.right);
      object = activity(`${figure.href}#${encodeURIComponent(detail.question)}`, "question", detail.question);
      result = { success: detail.right, completion: true };
    }
    if (type === "complete") {
      const right = [...known.values()].filter(Boolean).length;
      if (lesson) object = lesson;
      result = { completion: true };
      if (known.size > 0) result.score = { raw: right, min: 0, max: known.size, scaled: right / known.size };
    }
    return {
      id: uuid(),
      timestamp: new Date().toISOString(),
      actor: about.actor,
      verb: { id: `${ADL}verbs/${VERBS[type]}`, display: { en: VERBS[type] } },
      object,
      ...(result && { result }),
      context: {
        platform: "Understudy",
        language: "en",
        ...(about.registration && { registration: about.registration }),
        contextActivities: {
          ...(lesson && lesson !== object && { parent: [lesson] }),
          grouping: [activity(location.origin + location.pathname, "course", document.title || "A course")],
        },
      },
    };
  }

  const done = new Set();
  let most = MOST_AT_ONCE;
  let failures = 0;
  let timer;
  let isSending = false;

  /** What waits is kept until the store has it; what other pages of this browser keep there stays. */
  function save() {
    const mine = new Set(waiting.map(({ id }) => id));
    const others = (kept(KEPT) ?? []).filter(({ id }) => !done.has(id) && !mine.has(id));
    keep(KEPT, [...others, ...waiting].slice(-MOST_KEPT));
  }

  function strike(batch) {
    for (const { id } of batch) done.add(id);
    waiting = waiting.filter(({ id }) => !done.has(id));
    save();
  }

  /** Sends a few and says what is wrong, if anything is. */
  async function post(batch) {
    const headers = { "Content-Type": "application/json", "X-Experience-API-Version": "1.0.3" };
    if (about.auth) headers.Authorization = about.auth;
    let status;
    try {
      ({ status } = await fetch(about.url, { method: "POST", headers, body: JSON.stringify(batch), keepalive: true }));
    } catch {
      return `the learning record store at ${about.url} cannot be reached, or does not allow pages of ${location.origin}`;
    }
    // Of several, one is there already (409) or is not wanted (400): which one is found out one by one.
    const isAboutOne = status === 400 || status === 409;
    most = isAboutOne ? 1 : MOST_AT_ONCE;
    if (isAboutOne && batch.length > 1) return undefined;
    if (status === 400) console.warn("Understudy: the learning record store does not take", batch[0]);
    if (status < 300 || isAboutOne) return strike(batch);
    if (status === 401 || status === 403) return `the learning record store does not accept the name and password (${status})`;
    return `the learning record store at ${about.url} answers ${status}`;
  }

  /** Sends what waits, the oldest first. */
  async function send() {
    if (isSending) return;
    isSending = true;
    clearTimeout(timer);
    let problem;
    let sent = 0;
    while (!problem && waiting.length > 0) {
      problem = await post(waiting.slice(0, most));
      sent += 1;
    }
    isSending = false;
    if (problem) {
      const count = waiting.length === 1 ? "1 statement waits" : `${waiting.length} statements wait`;
      say(`${problem}. ${count} in this browser and will be sent again; the figures work all the same.`, true);
      timer = setTimeout(send, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
      failures += 1;
    } else if (sent > 0) {
      failures = 0;
      say("What was done is reported.", false);
    }
  }

  for (const type of Object.keys(VERBS)) {
    document.addEventListener(type, (event) => {
      if (event.target.localName !== "understudy-lab") return;
      waiting = [...waiting, statement(event)].slice(-MOST_KEPT);
      save();
      send();
    });
  }
  addEventListener("online", send);
  send();
})();
