// The live parts of a console. Nothing here is needed to use it.
"use strict";
(() => {
  const root = document.documentElement, body = document.body;
  root.classList.add("with-script");
  const $ = (id) => document.getElementById(id);

  // ── what is changed is shown: the same page is read again, and what differs is put in its place ──
  const keep = (node) => node.matches?.("#terminal, #packet-lines, #packet-output, #news, #lost");
  function morph(now, next) {
    if (now.isEqualNode(next) || keep(now)) return;
    for (const { name, value } of [...next.attributes]) if (now.getAttribute(name) !== value && !(name === "open")) now.setAttribute(name, value);
    for (const { name } of [...now.attributes]) if (!next.hasAttribute(name) && !["open", "hidden"].includes(name)) now.removeAttribute(name);
    const wanted = [...next.childNodes];
    const byId = new Map([...now.children].filter((it) => it.id).map((it) => [it.id, it]));
    let at = now.firstChild;
    for (const want of wanted) {
      const own = want.id ? byId.get(want.id) : null;
      const fits = (it) => it && it.nodeType === want.nodeType && it.nodeName === want.nodeName && (it.id || "") === (want.id || "");
      if (own && own !== at && fits(own)) now.insertBefore(own, at), (at = own);
      if (fits(at)) {
        const here = at;
        at = at.nextSibling;
        if (here.nodeType === Node.ELEMENT_NODE) morph(here, want);
        else if (here.nodeValue !== want.nodeValue) here.nodeValue = want.nodeValue;
      } else {
        const made = document.importNode(want, true);
        if (made.nodeName === "TR" && made.id) made.classList.add("new");
        now.insertBefore(made, at);
      }
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      if (!keep(gone)) gone.remove();
    }
  }

  let typed = false;
  const news = (text, word, press) => {
    const box = $("news");
    if (!box) return;
    box.textContent = text;
    if (word) {
      const button = document.createElement("button");
      button.textContent = word;
      button.addEventListener("click", press);
      box.append(" ", button);
    }
  };
  function put(text, whole) {
    const next = new DOMParser().parseFromString(text, "text/html");
    if (next.body.dataset.mark) body.dataset.mark = next.body.dataset.mark;
    for (const id of ["tutorial", "network", "latest"]) {
      const [a, b] = [$(id), next.getElementById(id)];
      if (a && b) morph(a, b);
    }
    rove();
    const [a, b] = [$("page"), next.getElementById("page")];
    const form = $("form");
    if (!a || !b) return;
    if (form && !whole) {
      if (typed && a.textContent !== b.textContent) news(body.dataset.changed, body.dataset.show, () => location.reload());
      return;
    }
    morph(a, b);
    rove();
    fresh();
  }

  let reading = false, again = false;
  async function read() {
    if (reading) return void (again = true);
    reading = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
      if (answer.ok) put(await answer.text(), false);
    } catch {
      // The stream tells when it is back.
    }
    reading = false;
    if (again) (again = false), read();
  }

  // ── the matrix and the picture: one stop for Tab each, arrows within ──
  const BOXES = "#matrix, .picture-box .picture";
  const rows = (box) =>
    box.tBodies
      ? [...box.tBodies[0].rows].map((row) => [...row.cells].slice(1).map((cell) => cell.querySelector("a") ?? cell))
      : [[...box.querySelectorAll("a")]];
  function rove() {
    for (const box of document.querySelectorAll(BOXES)) {
      const all = rows(box).flat();
      const now = all.find((it) => it === document.activeElement) ?? all.find((it) => it.matches("a"));
      for (const it of all) it.setAttribute("tabindex", it === now ? 0 : -1);
    }
  }
  const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -Infinity], End: [0, Infinity] };
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.(BOXES), arrow = ARROWS[event.key];
    if (!box || !arrow || event.ctrlKey || event.altKey || event.metaKey) return;
    const all = rows(box), within = (at, length) => Math.min(Math.max(at, 0), length - 1);
    const row = all.findIndex((it) => it.includes(event.target));
    if (row < 0) return;
    // A picture has one row, so that up and down are left and right.
    const [down, right] = all.length > 1 ? arrow : [0, arrow[0] + arrow[1]];
    const cells = all[within(row + down, all.length)];
    cells[within(cells.length === all[row].length || !down ? all[row].indexOf(event.target) + right : 0, cells.length)].focus();
    event.preventDefault();
    rove();
  });
  document.addEventListener("focusin", (event) => event.target.closest?.(BOXES) && rove());

  // ── packets: lines come by the stream, and are gone with the page ──
  const MOST_LINES = 500;
  function passed(all) {
    const lines = $("packet-lines");
    if (!lines) return;
    const follows = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 30;
    for (const { line, said, bad } of all) {
      const row = lines.appendChild(document.createElement("div"));
      row.textContent = line ?? said;
      if (bad || said) row.className = bad ? "bad" : "said";
    }
    while (lines.childElementCount > MOST_LINES) lines.firstChild.remove();
    if (follows) lines.scrollTop = lines.scrollHeight;
  }

  // A page of all labs has no stream of one.
  const every = Number($("page")?.dataset.again);
  if (every) setInterval(() => document.hidden || read(), every);

  // ── one stream for each page that is seen ──
  let stream = null, lost = 0;
  const base = body.dataset.base;
  function open() {
    if (!base || stream || document.hidden) return;
    const packets = $("packets")?.dataset;
    const asked = new URLSearchParams({ mark: body.dataset.mark });
    if (packets?.place) asked.set("packets", packets.place), asked.set("filter", packets.filter);
    stream = new EventSource(`${base}/events?${asked}`);
    stream.addEventListener("packets", ({ data }) => passed(JSON.parse(data)));
    stream.addEventListener("changed", () => setTimeout(read, 10));
    stream.addEventListener("open", () => {
      clearTimeout(lost);
      if (!$("lost").hidden) read();
      $("lost").hidden = true;
    });
    stream.addEventListener("error", () => {
      clearTimeout(lost);
      lost = setTimeout(() => ($("lost").hidden = false), 2000);
      if (stream && stream.readyState === EventSource.CLOSED) {
        stream = null;
        setTimeout(open, 2000);
      }
    });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      stream?.close();
      stream = null;
    } else {
      open();
      read();
    }
  });
  addEventListener("pagehide", () => stream?.close());

  // ── forms: fields that apply, notes of what is chosen, the equivalent call while one types ──
  function fresh() {
    const form = $("form");
    if (!form) return;
    const values = new Map([...new FormData(form)]);
    for (const field of form.querySelectorAll("[data-when]")) {
      const [name, wanted] = field.dataset.when.split("=");
      field.hidden = !wanted.split("|").includes(values.get(name) ?? "");
    }
    // Of three ways to create, those of the chosen kind of account.
    const kind = values.get("kind");
    const ways = [...form.querySelectorAll('input[name="router"]')];
    if (kind && ways.length === 3) {
      for (const way of ways) way.closest(".choice").hidden = (way.value === "both") !== (kind === "same");
      const chosen = ways.find((it) => it.checked);
      if (!chosen || chosen.closest(".choice").hidden) {
        const first = ways.find((it) => !it.closest(".choice").hidden);
        if (first) (first.checked = true), fresh();
      }
    }
    const bandwidth = $("f-bandwidth"), router = values.get("router");
    if (bandwidth && router) {
      for (const option of bandwidth.options) option.hidden = router === "acceptor" ? option.value !== "" : option.value === "";
      if (bandwidth.selectedOptions[0]?.hidden) bandwidth.value = router === "acceptor" ? "" : "Mini.2";
    }
    // What a choice decides of its row.
    for (const { dataset, selectedOptions, name } of form.querySelectorAll("select[data-decides]")) {
      const field = form.elements[dataset.decides + name.slice(name.indexOf("."))];
      const value = selectedOptions[0]?.dataset.decided;
      if (!field) continue;
      field.readOnly = value !== undefined;
      if (value !== undefined) field.value = value;
    }
    for (const select of form.querySelectorAll("select")) {
      const note = $(select.id + "-note"), chosen = select.selectedOptions[0];
      if (note) note.textContent = chosen?.dataset.note || note.dataset.note || "";
    }
  }
  let timer = 0;
  async function preview() {
    const form = $("form");
    if (!form || !$("calls")) return;
    const data = new URLSearchParams(new FormData(form));
    data.set("preview", "1");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data });
      if (!answer.ok) return;
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of ["#calls", "#form .summary"]) {
        const [a, b] = [document.querySelector(part), next.querySelector(part)];
        if (a && b) morph(a, b);
      }
    } catch {
      // It is only a preview.
    }
  }
  document.addEventListener("input", (event) => {
    if (!event.target.closest?.("#form")) return;
    typed = true;
    fresh();
    clearTimeout(timer);
    timer = setTimeout(preview, 150);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("#region")) event.target.form.submit();
  });
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.target.dataset.sent) event.preventDefault();
    else if (event.target.method === "post") {
      event.target.dataset.sent = "1";
      button?.classList.add("busy");
      // A page that comes back from the history can be sent again.
      setTimeout(() => delete event.target.dataset.sent, 4000);
    }
  });

  document.addEventListener("click", (event) => {
    const copy = event.target.closest?.("[data-copy]");
    if (copy) {
      const word = copy.textContent;
      navigator.clipboard?.writeText(copy.dataset.copy).then(() => {
        copy.textContent = "✓";
        setTimeout(() => (copy.textContent = word), 1200);
      });
    }
    if (event.target.closest?.('[aria-disabled="true"]')) event.preventDefault();
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  // ── keys, outside of fields: a link is opened, anything else gets the focus ──
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (!body.dataset.keys || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || key.length !== 1) return;
    if (target.closest("input, select, textarea, #screen")) return;
    const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!found) return;
    event.preventDefault();
    found.href ? found.click() : found.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // ── the terminal: the server keeps the screen, and says when it is another ──
  const terminal = $("terminal");
  if (terminal) {
    const path = terminal.dataset.path.replace(/\/terminal$/, ""), screen = $("screen"), field = $("keys");
    let since = 0, dead = false;
    async function look(again) {
      if (document.hidden) return void setTimeout(look, 500);
      try {
        const answer = await fetch(`${path}/screen?since=${since}${again === true ? "&again=1" : ""}`, { cache: "no-store" });
        if (!answer.ok) throw 0;
        const { version, ended, rows } = await answer.json();
        since = version;
        rows.forEach((html, at) => {
          const row = screen.children[at] ?? screen.appendChild(document.createElement("div"));
          if (row.innerHTML !== html) row.innerHTML = html;
        });
        screen.classList.toggle("ended", (dead = ended));
        if (!ended) look();
      } catch {
        screen.classList.add("ended");
        setTimeout(look, 1000);
      }
    }
    let waiting = "", sending = false;
    async function send() {
      if (sending || !waiting) return;
      sending = true;
      const keys = waiting;
      waiting = "";
      try {
        await fetch(path + "/keys", { method: "POST", body: new URLSearchParams({ token: body.dataset.token, keys }) });
      } catch {
        waiting = keys + waiting;
      }
      sending = false;
      if (waiting) setTimeout(send, 20);
    }
    const press = (keys) => ((waiting += keys), setTimeout(send, 10));
    const named = { Enter: "\r", Backspace: "\x7f", Escape: "\x1b", ArrowUp: "\x1b[A", ArrowDown: "\x1b[B", ArrowRight: "\x1b[C", ArrowLeft: "\x1b[D", Home: "\x1b[H", End: "\x1b[F", Delete: "\x1b[3~", PageUp: "\x1b[5~", PageDown: "\x1b[6~" };
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.ctrlKey && event.key === "]") return void field.blur();
      const control = event.ctrlKey && !event.altKey && /^[a-z]$/i.test(event.key) && event.key !== "v";
      const keys = control ? String.fromCharCode(event.key.toLowerCase().charCodeAt(0) & 31) : named[event.key];
      if (keys) event.preventDefault(), press(keys);
    });
    field.addEventListener("input", (event) => {
      if (event.isComposing) return;
      press(field.value.replaceAll("\n", "\r"));
      field.value = "";
    });
    field.addEventListener("compositionend", () => (press(field.value), (field.value = "")));
    screen.addEventListener("click", () => field.focus());
    screen.addEventListener("keydown", (event) => event.key === "Enter" && field.focus());
    $("reconnect").addEventListener("click", () => dead && ((since = 0), look(true)));
    look();
  }

  if ($("fold") && matchMedia("(max-width: 900px)").matches) $("fold").open = false;
  fresh();
  rove();
  $("refused")?.focus();
  open();
})();
