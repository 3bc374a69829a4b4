// The site without a network: all files of one version are kept on the first visit and served from then on.
//
// A newer version is kept beside it while pages of this one are open, and takes over when the last of them is closed:
// no page ever gets the program of another version.
const VERSION = "{{VERSION}}";
const FILES = {{FILES}};

const PREFIX = `understudy ${registration.scope} `;
const CACHE = PREFIX + VERSION;

/** A file as the server has it now. */
async function fresh(name) {
  const response = await fetch(new URL(name, registration.scope), { cache: "reload" });
  if (!response.ok) throw new Error(`${name} was answered with ${response.status}`);
  // Some hosts answer with the address without `.html`; a page may not be answered with what was redirected.
  return response.redirected ? new Response(response.body, { headers: response.headers }) : response;
}

addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await Promise.all(FILES.map(async (name) => cache.put(new URL(name, registration.scope), await fresh(name))));
  };
  event.waitUntil(keep());
});

addEventListener("activate", (event) => {
  const forget = async () => {
    const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
    await Promise.all(others.map((name) => caches.delete(name)));
    // The page of the first visit too.
    await clients.claim();
  };
  event.waitUntil(forget());
});

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method !== "GET" || !url.startsWith(registration.scope)) return;
  const [name] = url.slice(registration.scope.length).split(/[?#]/);
  if (!FILES.includes(name || "index.html")) return;
  const answer = async () => {
    const kept = await (await caches.open(CACHE)).match(new URL(name || "index.html", registration.scope));
    return kept ?? fetch(event.request);
  };
  event.respondWith(answer());
});
