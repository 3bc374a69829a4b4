// <understudy-lab scene="two-balancers" mode="active-passive">: a living figure in anybody's page.
// Wraps embed.html in an iframe and speaks its protocol: docs/embed.md.
(() => {
  const VERSION = 1;
  const PARAMETERS = "scene figure run seed mode t hash controls lock theme autoplay questions audit lang".split(" ");
  const EVENTS = "ready fault failover finding audited answer complete error".split(" ");
  const HOME = (document.currentScript ?? document.querySelector('[src*="understudy-lab.js"]'))?.src || document.baseURI;

  class UnderstudyLab extends HTMLElement {
    static observedAttributes = [...PARAMETERS, "commands", "src", "label", "sandbox"];

    #frame;
    #ready = false;
    #waiting = [];
    #asked = new Map();
    #loading;
    #heard = (event) => this.#hear(event);

    connectedCallback() {
      addEventListener("message", this.#heard);
      this.style.display ||= "block";
      this.#load();
    }

    disconnectedCallback() {
      removeEventListener("message", this.#heard);
      clearTimeout(this.#loading);
      this.#forget();
    }

    attributeChangedCallback(name, before, now) {
      if (!this.#frame || before === now) return;
      if (name === "theme" && this.#ready) return this.#send("theme", { theme: now ?? "auto" });
      clearTimeout(this.#loading);
      this.#loading = setTimeout(() => this.#load());
    }

    play() { this.#send("play"); }
    pause() { this.#send("pause"); }
    seek(t) { this.#send("seek", { t: String(t) }); }
    command(text) { this.#send("command", { text: String(text) }); }
    // Promises of the state, of what is weak.
    snapshot() { return this.#ask("snapshot"); }
    audit() { return this.#ask("audit"); }

    get address() {
      const url = new URL("embed.html", new URL(this.getAttribute("src") ?? HOME, document.baseURI));
      for (const name of PARAMETERS) {
        if (this.hasAttribute(name)) url.searchParams.set(name, this.getAttribute(name));
      }
      for (const text of (this.getAttribute("commands") ?? "").split(/[\n;]/)) {
        if (text.trim()) url.searchParams.append("c", text.trim());
      }
      return url;
    }

    #load() {
      this.#forget();
      const frame = document.createElement("iframe");
      if (this.hasAttribute("sandbox")) frame.setAttribute("sandbox", this.getAttribute("sandbox") || "allow-scripts");
      frame.title = this.getAttribute("label") ?? "Understudy: web infrastructure, simulated";
      frame.loading = "lazy";
      frame.style.cssText = "display:block;width:100%;border:0;height:480px";
      frame.src = this.address;
      this.#frame = frame;
      this.append(frame);
    }

    #forget() {
      this.#frame?.remove();
      this.#ready = false;
      this.#waiting = [];
      for (const { reject } of this.#asked.values()) reject(Error("The figure is gone."));
      this.#asked.clear();
    }

    #ask(type) {
      return new Promise((resolve, reject) => {
        const id = String(Math.random());
        this.#asked.set(id, { resolve, reject });
        this.#send(type, { id });
      });
    }

    #send(type, more = {}) {
      const message = { understudy: VERSION, type, ...more };
      if (this.#ready) this.#post(message);
      else if (this.#waiting.length < 100) this.#waiting.push(message);
    }

    #post(message) { this.#frame.contentWindow.postMessage(message, this.#origin); }

    /** A sandboxed frame has no origin to name. */
    get #origin() {
      const { sandbox } = this.#frame;
      const isOpaque = sandbox.length > 0 && !sandbox.contains("allow-same-origin");
      return isOpaque || this.address.origin === "null" ? "*" : this.address.origin;
    }

    #hear({ source, origin, data }) {
      if (!this.#frame || source !== this.#frame.contentWindow) return;
      if (this.#origin !== "*" && origin !== this.#origin) return;
      if (data?.understudy !== VERSION) return;
      const { type, id, height } = data;
      if (height > 0) this.#frame.style.height = `${Math.min(height, 4000)}px`;
      if (type !== "finding") {
        const asked = this.#asked.get(id);
        this.#asked.delete(id);
        if (type === "error") asked?.reject(Error(data.text));
        else asked?.resolve(data.data);
      }
      if (type === "ready") {
        if (this.#ready) return;
        this.#ready = true;
        this.#send("hello");
        for (const message of this.#waiting.splice(0)) this.#post(message);
      }
      if (EVENTS.includes(type)) this.dispatchEvent(new CustomEvent(type, { detail: data, bubbles: true }));
    }
  }

  // `audit` is a method, and `lang` is of every element.
  for (const name of PARAMETERS.slice(0, -2)) {
    Object.defineProperty(UnderstudyLab.prototype, name, {
      get() { return this.getAttribute(name); },
      set(value) { value === null ? this.removeAttribute(name) : this.setAttribute(name, value); },
    });
  }
  customElements.get("understudy-lab") ?? customElements.define("understudy-lab", UnderstudyLab);
})();
