/* What plain HTML and htmx cannot do: keys, live parts that know when to be quiet, dropped files.
   No page needs it. Everything is declared in the markup by data-* attributes. */
(() => {
  "use strict";

  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, listener) => document.addEventListener(type, listener);

  /* ---- live parts: [data-live] is polled by htmx ---- */

  const lastTag = new WeakMap();
  const isLive = (element) => element instanceof Element && element.matches("[data-live]");

  on("htmx:beforeRequest", (event) => {
    if (isLive(event.target) && document.hidden) event.preventDefault();
  });

  on("visibilitychange", () => {
    if (!document.hidden) all("[data-live]").forEach((element) => htmx.trigger(element, "wake"));
  });

  on("htmx:beforeSwap", (event) => {
    const { xhr, target, pathInfo } = event.detail;
    if (new URL(xhr.responseURL).pathname !== new URL(pathInfo.finalRequestPath, location).pathname) {
      event.detail.shouldSwap = false;
      tellLost("You were signed out. Sign in in another tab; what you typed stays here.");
      return;
    }
    if (!isLive(event.target)) return;
    const tag = xhr.getResponseHeader("ETag");
    if (tag && lastTag.get(target) === tag) event.detail.shouldSwap = false;
    if (tag) lastTag.set(target, tag);
  });

  // Polled words are read out when they say something new, not every two seconds.
  on("htmx:afterSwap", (event) => {
    const words = isLive(event.target) && one(".say", event.target)?.textContent;
    if (words && one("#said").textContent !== words) one("#said").textContent = words;
  });

  const lost = () => one("#lost");
  const tellLost = (words) => {
    lost().textContent = words;
    lost().hidden = false;
  };
  let lostAt = null;

  const connectionLost = () => {
    lostAt ??= new Date();
    const time = lostAt.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    tellLost(`The connection was lost at ${time}. Trying again; what you typed stays here.`);
  };

  for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    on(failure, connectionLost);
  }
  on("htmx:afterOnLoad", (event) => {
    if (!event.detail.successful || !lostAt) return;
    lostAt = null;
    lost().hidden = true;
  });

  /* ---- words that grow old: seconds that count, due times that come nearer ---- */

  const startOf = new WeakMap();

  const duration = (seconds) => {
    const s = Math.floor(Math.abs(seconds));
    const m = Math.floor(s / 60);
    const h = Math.floor(m / 60);
    const d = Math.floor(h / 24);
    if (s < 60) return `${s} s`;
    if (m < 60) return `${m} min`;
    if (h < 10) return `${h} h` + (m % 60 ? ` ${m % 60} min` : "");
    if (h < 48) return `${h} h`;
    return `${d} days`;
  };

  const count = (element) => {
    const now = performance.now() / 1000;
    if (!startOf.has(element)) startOf.set(element, now - Number(element.dataset.seconds));
    element.textContent = duration(now - startOf.get(element));
  };

  const opened = performance.now();
  const serverNow = () => Number(document.body.dataset.now) * 1000 + performance.now() - opened;

  const comeNearer = (element) => {
    const left = (Date.parse(element.dateTime) - serverNow()) / 1000;
    element.textContent = left < 0 ? `${duration(left)} late` : `in ${duration(left)}`;
  };

  setInterval(() => all("[data-seconds]").forEach(count), 1000);
  setInterval(() => all("time[data-near]").forEach(comeNearer), 20000);

  /* ---- forms ---- */

  on("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    // After the browser has read the form: a disabled button's value would not be sent.
    setTimeout(() => all("button", form).forEach((button) => (button.disabled = true)));
  });

  addEventListener("pageshow", (event) => {
    if (event.persisted) all("button:disabled").forEach((button) => (button.disabled = false));
  });

  on("change", (event) => {
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });

  /* A file dropped on, or pasted into, [data-drop] becomes the value of its file input. */

  const zoneOf = (event) => event.target.closest?.("[data-drop]");

  const take = (zone, files) => {
    if (!files.length) return false;
    const input = one("input[type=file]", zone);
    input.files = files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };

  on("dragover", (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.add("over");
  });
  for (const end of ["dragleave", "drop"]) {
    on(end, (event) => zoneOf(event)?.classList.remove("over"));
  }
  on("drop", (event) => {
    const zone = zoneOf(event);
    if (zone && take(zone, event.dataTransfer.files)) event.preventDefault();
  });
  on("paste", (event) => {
    const zone = zoneOf(event);
    if (zone && take(zone, event.clipboardData.files)) event.preventDefault();
  });

  /* ---- copying ---- */

  const showCopyButtons = (root) => {
    if (navigator.clipboard) all("[data-copy]", root).forEach((button) => (button.hidden = false));
  };

  on("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(one(button.dataset.copy).textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });

  on("htmx:load", (event) => showCopyButtons(event.target));

  /* ---- the queue: a current row, its peek, its check box ---- */

  const rows = () => all("tr[data-row]");
  const currentRow = () => one("tr[data-row][aria-current]");
  const isWide = matchMedia("(min-width: 1320px)");
  let peekSoon;

  const choose = (row) => {
    currentRow()?.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
    one("a[data-open]", row).focus({ preventScroll: true });
    if (!isWide.matches) return;
    history.replaceState(history.state, "", row.dataset.peek);
    clearTimeout(peekSoon);
    peekSoon = setTimeout(
      () => htmx.ajax("GET", row.dataset.peek, { target: "#peek", swap: "innerHTML" }),
      120,
    );
  };

  const move = (step) => {
    const list = rows();
    const at = list.indexOf(currentRow());
    const next = at < 0 ? (step > 0 ? 0 : list.length - 1) : at + step;
    if (list[next]) choose(list[next]);
  };

  const select = () => one("input[type=checkbox]", currentRow() ?? undefined)?.click();

  on("click", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (row && !event.target.closest("a, input, label, button")) choose(row);
  });

  /* ---- keys of the desk: [data-key] names the one that presses a link, a button or a field ---- */

  const press = (element) => {
    if (element.matches("[data-for-rows]") && !one("tr[data-row] input:checked")) select();
    if (element.matches("a, button, input[type=radio]")) element.click();
    const field = element.dataset.then ? one(element.dataset.then) : element;
    field.focus();
    field.scrollIntoView({ block: "nearest" });
  };

  const onRow = (key) => {
    const link = one(`a[data-open]`, currentRow() ?? document.createElement("tr"));
    if (!link) return false;
    if (key === "Enter") link.click();
    else if (key === "r") location.assign(`${link.href}#compose`);
    else if (key === "n") location.assign(`${link.href}?to=note#compose`);
    else return false;
    return true;
  };

  const act = (key) => {
    const control = one(`[data-key="${CSS.escape(key)}"]`);
    if (control) return press(control), true;
    if (key === "j") return move(1), true;
    if (key === "k") return move(-1), true;
    if (key === "x" && currentRow()) return select(), true;
    if (key === "?") return one("#keys")?.showModal(), true;
    return onRow(key);
  };

  const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog");
  let prefix = "";

  on("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      if (event.target.form) event.target.form.requestSubmit(), event.preventDefault();
      return;
    }
    if (event.key === "Escape" && isTyping(event.target)) event.target.blur();
    if (!document.body.matches(".desk") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || event.defaultPrevented) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    const key = prefix + event.key;
    prefix = event.key === "g" && !prefix ? "g " : "";
    if (!prefix && act(key)) event.preventDefault();
  });

  on("DOMContentLoaded", () => showCopyButtons(document));
})();
