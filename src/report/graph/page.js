"use strict";
// The picture beside a matrix of all pairs: whichever pair is chosen is shown in both, with why it ends as it does.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const picture = document.querySelector("svg.picture");
  const SVG = "http://www.w3.org/2000/svg";

  // ── what the data say ─────────────────────────────────────────────────────────────────────────────────────────────

  const LETTERS = {
    "reach": "✓", "no-route": "r", "peering-inactive": "p", "not-transitive": "t", "no-internet-gateway": "g", "no-public-ip": "u",
    "no-such-address": "a", "egress-security-group": "e", "ingress-security-group": "i",
    "egress-network-acl": "n", "ingress-network-acl": "m", "answered-by-another": "o",
  };
  const OUT_THERE = data.instances.length;
  const ends = data.instances.map(([name]) => name).concat(data.internet ? ["internet"] : []);
  const places = new Map(ends.map((name, at) => [name, at]));
  const why = (from, to) => data.whys[data.cells[from][to]];
  const end = (from, to) => data.texts[why(from, to).end];
  // A text in the reader's language, with its holes filled.
  const say = (text, fillings = {}) =>
    (data.said?.[text] ?? text).replace(/\{(\w+)\}/g, (hole, name) => fillings[name] ?? hole);
  const bare = (reason) => reason.replace("return:", "");
  const letter = (reason) => {
    const sign = LETTERS[bare(reason)] || "?";
    return reason.startsWith("return:") ? sign.toUpperCase() : sign;
  };
  // A text that all pairs of a class share has holes for what they differ in.
  const filler = (from, to) => {
    const of = (at) => at === OUT_THERE ? ["internet", "", ""] : data.instances[at];
    const words = [...of(from).slice(0, 3), ...of(to).slice(0, 3)];
    return (number) => data.texts[number].replace(/[\u0001-\u0006]/g, (hole) => words[hole.charCodeAt(0) - 1] ?? "");
  };
  const placeName = (place, from, to) => {
    const at = Number(place.slice(1));
    switch (place[0]) {
      case "f": return ends[from];
      case "t": return ends[to];
      case "i": return ends[at];
      case "v": return data.vpcs[at];
      case "p": return place.slice(place.indexOf(":") + 1);
      default: return "internet";
    }
  };
  const elements = (place, from, to) => {
    const all = (kind, at) => [...picture.querySelectorAll(`[data-${kind}="${at}"]`)];
    const instance = (at) => at === OUT_THERE ? [...picture.querySelectorAll("[data-internet]")] : all("instance", at);
    const at = parseInt(place.slice(1), 10);
    switch (place[0]) {
      case "f": return instance(from);
      case "t": return instance(to);
      case "i": return instance(at);
      case "v": return all("vpc", at);
      case "p": return all("peering", at);
      default: return [...picture.querySelectorAll("[data-internet]")];
    }
  };

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== null && value !== false) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  };

  // ── the picture ───────────────────────────────────────────────────────────────────────────────────────────────────

  function unmark() {
    picture.classList.remove("traced", "reaches");
    picture.querySelectorAll(".on, .stop, .here").forEach((it) => it.classList.remove("on", "stop", "here"));
    picture.querySelectorAll(".stop-sign").forEach((it) => it.remove());
  }

  // Marks the way of a pair, and where it ends.
  function mark(from, to) {
    unmark();
    const { there, back } = why(from, to);
    picture.classList.add("traced");
    picture.classList.toggle("reaches", end(from, to) === "reach");
    const on = new Set([...elements("f", from, to), ...elements("t", from, to)]);
    for (const way of [there, back]) {
      let vpc = null;
      for (const [place, , , , drops] of way) {
        const found = elements(place, from, to);
        found.forEach((element) => on.add(element));
        // To the internet and from it leads the VPC's own line.
        if (place[0] === "v") vpc = place.slice(1);
        if (place === "n" && vpc !== null) picture.querySelectorAll(`[data-border="${vpc}"]`).forEach((it) => on.add(it));
        if (drops) stop(found);
      }
      const first = way[0], second = way.find(([place]) => place[0] === "v");
      if (first && first[0] === "n" && second) {
        picture.querySelectorAll(`[data-border="${second[0].slice(1)}"]`).forEach((it) => on.add(it));
      }
    }
    for (const element of on) {
      element.classList.add("on");
      element.closest(".vpc")?.classList.add("on");
    }
  }

  function stop(found) {
    found.forEach((element) => element.classList.add("stop"));
    const shape = found.map((it) => it.querySelector(".wire, .box, .host, .dot, .cloud")).find(Boolean);
    if (!shape) return;
    const sign = document.createElementNS(SVG, "text");
    sign.setAttribute("class", "stop-sign");
    sign.setAttribute("text-anchor", "middle");
    let { x, y, width, height } = shape.getBBox();
    const wire = shape.classList.contains("wire");
    if (wire) {
      // Between the line's port and the name of its end.
      const near = shape.getPointAtLength(Math.min(16, shape.getTotalLength() / 2));
      [x, y] = [near.x, near.y + 7];
    } else {
      [x, y] = [x + width - 2, y + 8];
    }
    sign.setAttribute("x", x);
    sign.setAttribute("y", y);
    sign.textContent = "✗";
    picture.querySelector("g[transform]").append(sign);
  }

  const view = picture.viewBox.baseVal;
  const whole = [view.x, view.y, view.width, view.height];
  const setView = (x, y, w, h) => picture.setAttribute("viewBox", [x, y, w, h].map((it) => it.toFixed(1)).join(" "));
  function zoom(factor, at) {
    const w = Math.min(Math.max(view.width * factor, whole[2] / 12), whole[2] * 1.5);
    const h = w * view.height / view.width;
    const point = at ?? { x: view.x + view.width / 2, y: view.y + view.height / 2 };
    const part = { x: (point.x - view.x) / view.width, y: (point.y - view.y) / view.height };
    setView(point.x - part.x * w, point.y - part.y * h, w, h);
  }
  const toView = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
  const zooms = { in: () => zoom(0.8), out: () => zoom(1.25), fit: () => setView(...whole) };
  $("zoom").addEventListener("click", (event) => zooms[event.target.dataset.zoom]?.());
  picture.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.12 : 0.89, toView(event));
  }, { passive: false });
  let held = null;
  picture.addEventListener("pointerdown", (event) => {
    if (event.button === 0) held = { at: toView(event), moved: false, pointer: event.pointerId };
  });
  picture.addEventListener("pointermove", (event) => {
    if (!held) return;
    const now = toView(event);
    if (!held.moved && Math.hypot(now.x - held.at.x, now.y - held.at.y) * picture.getScreenCTM().a < 4) return;
    if (!held.moved) picture.setPointerCapture(held.pointer);
    held.moved = true;
    picture.classList.add("held");
    setView(view.x + held.at.x - now.x, view.y + held.at.y - now.y, view.width, view.height);
  });
  let dragged = false;
  const release = () => {
    dragged = Boolean(held?.moved);
    held = null;
    picture.classList.remove("held");
  };
  picture.addEventListener("pointerup", release);
  picture.addEventListener("pointercancel", release);

  // One instance, then another: a pair. A line: what there is to say of it.
  let first = null;
  picture.addEventListener("click", (event) => {
    if (dragged) {
      dragged = false;
      return;
    }
    const hit = (selector) => event.target.closest(selector);
    const instance = hit("[data-instance]"), internet = hit("[data-internet]");
    if (instance || internet) pick(internet ? OUT_THERE : Number(instance.dataset.instance));
    else if (hit("[data-peering]")) showPeering(Number(hit("[data-peering]").dataset.peering));
    else if (!hit(".vpc")) choose(null);
  });
  function pick(at) {
    picture.querySelectorAll(".first").forEach((it) => it.classList.remove("first"));
    if (first !== null && first !== at) {
      const from = first;
      first = null;
      choose([from, at]);
      return;
    }
    choose(null);
    first = first === at ? null : at;
    if (first === null) return;
    elements("f", at, at).forEach((it) => it.classList.add("first"));
    $("answer").replaceChildren(make("p", {}, say("From {name} to …? Select another one.", { name: ends[at] })));
  }
  for (const element of picture.querySelectorAll("[data-instance], [data-internet]")) {
    element.setAttribute("tabindex", "0");
    element.setAttribute("role", "button");
    element.setAttribute("aria-label", element.dataset.instance ? ends[element.dataset.instance] : "internet");
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      pick(element.dataset.instance ? Number(element.dataset.instance) : OUT_THERE);
    });
  }

  // ── the matrix ────────────────────────────────────────────────────────────────────────────────────────────────────

  // Many instances are shown by VPC; the pairs of the two VPCs that are chosen stand below.
  const BY_INSTANCE = 40;
  const byVpc = ends.length > BY_INSTANCE;
  const instancesOf = data.vpcs.map((_, vpc) => ends.flatMap((_, at) => data.instances[at]?.[3] === vpc ? [at] : []));
  // VPC by VPC, as they are drawn, so that who reaches whom stands in blocks; i2 before i10.
  const vpcOf = (at) => data.instances[at]?.[3] ?? data.vpcs.length;
  const natural = new Intl.Collator("en", { numeric: true }).compare;
  const inOrder = ends.map((_, at) => at).sort((a, b) => vpcOf(a) - vpcOf(b) || natural(ends[a], ends[b]));
  const groups = byVpc
    ? data.vpcs.map((name, vpc) => ({ name, members: instancesOf[vpc] })).concat(data.internet ? [{ name: "internet", members: [OUT_THERE] }] : [])
    : inOrder.map((at) => ({ name: ends[at], members: [at] }));

  function cell(from, to) {
    const reasons = new Map();
    for (const a of from.members) {
      for (const b of to.members) {
        if (a === b || data.cells[a][b] === null) continue;
        const reason = end(a, b);
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }
    const [only] = reasons.keys();
    if (reasons.size === 0) return { sign: "·", tone: "itself", said: say("itself") };
    if (reasons.size === 1) return { sign: letter(only), tone: bare(only), said: say(only) };
    return { sign: "%", tone: "mixed", said: [...reasons].map(([reason, pairs]) => `${pairs} ${say(reason)}`).join(say(", ")) };
  }

  function table(rows, columns, small, onChoose, onHover) {
    const head = make("tr", {}, make("th", { class: "corner" }, say("from ↓ to →")));
    columns.forEach((column) => head.append(make("th", { class: "column", scope: "col" }, make("span", {}, column.name))));
    const body = rows.map((row, r) => {
      const line = make("tr", {}, make("th", { class: "row", scope: "row" }, row.name));
      columns.forEach((column, c) => {
        const { sign, tone, said } = cell(row, column);
        line.append(make("td", {
          class: tone, title: `${row.name} → ${column.name}: ${said}`, tabindex: r + c === 0 ? "0" : "-1",
          "data-row": r, "data-column": c, "aria-label": `${row.name} → ${column.name}: ${said}`,
        }, sign));
      });
      return line;
    });
    const grid = make("table", { role: "grid" }, make("thead", {}, head), make("tbody", {}, ...body));
    const at = (event) => {
      const td = event.target.closest?.("td");
      return td && [td, rows[td.dataset.row], columns[td.dataset.column]];
    };
    grid.addEventListener("click", (event) => at(event) && onChoose(...at(event)));
    grid.addEventListener("mouseover", (event) => at(event) && onHover(...at(event)));
    grid.addEventListener("mouseleave", () => chosen ? mark(...chosen) : unmark());
    grid.addEventListener("keydown", (event) => {
      const here = at(event);
      if (!here) return;
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        onChoose(...here);
      } else if (step) {
        event.preventDefault();
        const [r, c] = [Number(here[0].dataset.row) + step[0], Number(here[0].dataset.column) + step[1]];
        const next = grid.querySelector(`td[data-row="${r}"][data-column="${c}"]`);
        if (!next) return;
        here[0].tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
        onHover(...at({ target: next }));
      }
    });
    return make("div", { class: small ? "small" : "" }, grid);
  }

  const single = (group) => group.members.length === 1 ? group.members[0] : null;
  const chooseCell = (td, row, column) => {
    if (single(row) !== null && single(column) !== null && row !== column) choose([single(row), single(column)]);
    else if (row.members.length && column.members.length && td.textContent !== "·") showGroups(row, column);
  };
  const hoverCell = (td, row, column) => {
    if (single(row) !== null && single(column) !== null && data.cells[single(row)][single(column)] !== null) mark(single(row), single(column));
  };

  function showMatrix() {
    $("protocol").textContent = say("by {protocol}", { protocol: data.protocol });
    if (ends.length < 2) {
      $("matrix").append(make("p", {}, say("There are no two instances.")));
      return;
    }
    $("matrix").append(table(groups, groups, groups.length > 16, chooseCell, hoverCell));
    const counts = new Map();
    for (const row of data.cells) {
      for (const number of row) {
        if (number === null) continue;
        const reason = data.texts[data.whys[number].end];
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
      }
    }
    const order = [...counts].sort((a, b) => b[1] - a[1]);
    const item = (sign, tone, said) => make("li", {}, make("b", { class: tone }, sign), ` ${said}`);
    const shown = order.map(([reason, pairs]) => item(letter(reason), bare(reason), `${say(reason)} (${pairs})`));
    const mixed = groups.some((row) => groups.some((column) => cell(row, column).sign === "%"));
    $("legend").append(...shown, ...(mixed ? [item("%", "mixed", say("several"))] : []));
  }

  // ── a pair ────────────────────────────────────────────────────────────────────────────────────────────────────────

  let chosen = null;

  function choose(pair, silently) {
    chosen = pair && pair[0] !== pair[1] ? pair : null;
    if (chosen) first = null;
    picture.querySelectorAll(".first").forEach((it) => it.classList.remove("first"));
    document.querySelectorAll("td.chosen").forEach((td) => td.classList.remove("chosen"));
    document.querySelectorAll("th.near").forEach((th) => th.classList.remove("near"));
    $("from").value = chosen ? chosen[0] : "";
    $("to").value = chosen ? chosen[1] : "";
    const hash = chosen ? `#${ends[chosen[0]]}→${ends[chosen[1]]}` : "";
    if (!silently && decodeURIComponent(location.hash) !== hash) {
      // A page that was opened as a file may not be allowed to write history.
      try {
        history.replaceState(null, "", hash || location.pathname + location.search);
      } catch { /* the link is a comfort */ }
    }
    if (!chosen) {
      unmark();
      $("answer").replaceChildren(make("p", {}, say("Select a pair: a cell above, or two instances in the picture.")));
      return;
    }
    const [from, to] = chosen;
    mark(from, to);
    const place = (at) => groups.findIndex((group) => group.members.includes(at));
    const td = document.querySelector(`#matrix td[data-row="${place(from)}"][data-column="${place(to)}"]`);
    td?.classList.add("chosen");
    td?.closest("tr").firstChild.classList.add("near");
    document.querySelectorAll("#matrix th.column")[place(to)]?.classList.add("near");
    explain(from, to);
  }

  function explain(from, to) {
    const it = why(from, to);
    const fill = filler(from, to);
    const ending = data.texts[it.end];
    const good = ending === "reach";
    const answer = [make("p", { class: "verdict" },
      `${ends[from]} → ${ends[to]} `, make("small", {}, data.protocol), " ",
      make("span", { class: good ? "ok" : "no" }, `${good ? "✓" : "✗"} ${say(ending)}`),
      // The word that lab files use.
      say(ending) === ending ? null : make("small", {}, ` ${ending}`))];
    if (it.instead !== null) answer.push(make("p", { class: "no" }, ending === "answered-by-another"
      ? say("{name} answers: it has the address where the packet goes", { name: fill(it.instead) })
      : say("it is {name} that the packet gets to", { name: fill(it.instead) })));
    const hops = (steps) => make("ol", { class: "hops" }, ...steps.map(([place, kind, said, written, drops]) => {
      const here = (on) => () => elements(place, from, to).forEach((element) => element.classList.toggle("here", on));
      return make("li", { tabindex: "0", onmouseenter: here(true), onmouseleave: here(false), onfocus: here(true), onblur: here(false) },
        make("span", { class: drops ? "no" : "ok" }, drops ? "✗" : "✓"),
        make("span", { class: "place" }, placeName(place, from, to)),
        make("span", { class: "kind" }, fill(kind)),
        make("span", { class: "said" }, fill(said), " ", written === null ? null : make("span", { class: "written" }, fill(written))));
    }));
    if (it.there.length) answer.push(make("h3", {}, say("there")), hops(it.there));
    if (it.back.length) answer.push(make("h3", {}, say("back")), hops(it.back));
    if (it.blockers.length) {
      answer.push(make("h3", {}, it.blockers.length === 1
        ? say("blocker") : say("{n} blockers, there and back", { n: it.blockers.length })));
      answer.push(make("ol", { class: "hops", id: "blockers" }, ...it.blockers.map(([reason, at, written]) => make("li", {},
        make("span", { class: "no" }, "✗"), make("span", { class: "place" }, fill(reason)), make("span", {}),
        make("span", { class: "said" }, fill(at), " ", written === null ? null : make("span", { class: "written" }, fill(written)))))));
    }
    if (!it.searched) {
      answer.push(make("h3", {}, say("every blocker, and the fix")));
      answer.push(commands(data.ask.replace("FROM TO", () => `${ends[from]} ${ends[to]}`)));
    } else if (!good) {
      const advice = [...new Set(it.blockers.filter(([, , , instead]) => instead !== null).map(([, , , instead]) => fill(instead)))];
      answer.push(make("h3", {}, it.fix ? say("to make it reach") : say("no operation makes it reach")));
      if (it.fix) answer.push(commands(it.fix.map(fill).join("\n")));
      answer.push(...advice.map((text) => make("p", {}, `• ${text}`)));
    }
    $("answer").replaceChildren(...answer);
  }

  function commands(text) {
    const pre = make("pre", { id: "fix" }, text);
    const copy = async (event) => {
      const button = event.currentTarget;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = say("copied");
      } catch {
        // Where the page may not write the clipboard, the reader can.
        getSelection().selectAllChildren(pre);
        button.textContent = say("press Ctrl-C");
      }
      setTimeout(() => { button.textContent = say("copy"); }, 1500);
    };
    return make("div", { class: "fix" }, pre, make("button", { type: "button", onclick: copy }, say("copy")));
  }

  function showPeering(at) {
    choose(null);
    const [title, ...rest] = data.peerings[at].split("\n");
    $("answer").replaceChildren(make("p", { class: "verdict" }, title), ...rest.map((line) => make("p", {}, line)));
    elements(`p${at}`, 0, 0).forEach((it) => it.classList.add("here"));
  }

  function showGroups(row, column) {
    choose(null);
    const of = (group) => group.members.map((at) => ({ name: ends[at], members: [at] }));
    const [rows, columns] = [of(row), of(column)];
    const small = Math.max(rows.length, columns.length) > 12;
    $("answer").replaceChildren(
      make("p", { class: "verdict" }, `${row.name} → ${column.name}`),
      table(rows, columns, small, chooseCell, hoverCell),
    );
  }

  // ── to begin with ─────────────────────────────────────────────────────────────────────────────────────────────────

  for (const select of [$("from"), $("to")]) {
    select.append(make("option", { value: "" }, "…"), ...inOrder.map((at) => make("option", { value: at }, ends[at])));
    select.addEventListener("change", () => {
      const [from, to] = [$("from").value, $("to").value];
      if (from !== "" && to !== "" && from !== to) choose([Number(from), Number(to)]);
    });
  }
  $("pair").addEventListener("submit", (event) => event.preventDefault());
  $("swap").addEventListener("click", () => chosen && choose([chosen[1], chosen[0]]));
  $("clear").addEventListener("click", () => choose(null));
  addEventListener("keydown", (event) => {
    if (event.target.closest("select, input") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") choose(null);
    if (event.key === "+") zooms.in();
    if (event.key === "-") zooms.out();
    if (event.key === "0") zooms.fit();
  });
  // A link to a pair: #ecs-a→ecs-b
  const fromLink = () => {
    let text = location.hash.slice(1);
    try {
      text = decodeURIComponent(text);
    } catch { /* as it is */ }
    const [from, to] = text.split(/→|->/).map((name) => places.get(name));
    choose(from !== undefined && to !== undefined ? [from, to] : null, true);
  };
  addEventListener("hashchange", fromLink);
  showMatrix();
  fromLink();
})();
