// The picture: a draft, one that grows, or one that is made, beside what it was made from.

import * as api from "./api.js";
import { capital, duration, h, say, svg } from "./dom.js";

const place = document.getElementById("stage");
const frame = {};
let acts;
let drawn = ""; // what the frame is built for

/** `given`: what the buttons do. */
export function start(given) {
  acts = given;
  empty();
}

/** Nothing to see yet. */
export function empty(
  first = "Drop a photo anywhere on this page.",
  then = "Or take an example. A draft is here before you have chosen a style.",
) {
  fill("", h("div", { class: "nothing" }, h("p", {}, first), h("p", { class: "soft" }, then)));
}

/** Shows something else, which is called `key`. */
export function fill(key, ...children) {
  drawn = key;
  place.replaceChildren(...children);
}

/** Whether this is what is shown. */
export const holds = (key) => drawn === key;

/** Builds the frame, unless it is that of `key` already; whether it did. */
function build(key, ratio, before) {
  if (drawn === key) return false;
  frame.after = h("img", { class: "after", alt: "" });
  frame.before = before ? h("img", { class: "before", alt: "As it was before", src: before }) : null;
  frame.slider = before ? slider() : null;
  frame.box = h("div", { class: "frame" }, frame.before, frame.after, frame.slider,
    ...(before ? [h("span", { class: "line", "aria-hidden": "true" }), h("span", { class: "grip", "aria-hidden": "true" }, "◂ ▸")] : []));
  frame.caption = h("div", { class: "caption" });
  frame.bar = h("progress", { max: 1, value: 0, "aria-label": "How far it is" });
  frame.curve = svg("polyline", { points: "" });
  frame.graph = svg("svg", { class: "curve", viewBox: "0 0 100 30", preserveAspectRatio: "none", role: "img", "aria-label": "The loss so far" }, frame.curve);
  frame.tools = h("div", { class: "tools", role: "toolbar", "aria-label": "What to do with it" });
  frame.more = h("div", { class: "more" });
  const progress = h("div", { class: "progress" }, frame.bar, frame.graph);
  fill(key, frame.box, h("div", { class: "under" }, frame.caption, progress, frame.tools, frame.more));
  shape(ratio);
  uncover(0);
  return true;
}

/** Hides the progress bar, the curve, or both; an SVG has no property for it. */
function hide(bar, curve) {
  frame.bar.hidden = bar;
  frame.graph.toggleAttribute("hidden", curve);
}

function shape(ratio) {
  if (ratio) frame.box.style.setProperty("--ratio", String(ratio));
}

function slider() {
  const made = h("input", {
    type: "range", class: "compare", min: 0, max: 100, step: 0.5, value: 0,
    "aria-label": "Before and after: how much of the photo is seen",
    oninput: () => uncover(Number(made.value)),
  });
  return made;
}

/** How much of the photo is seen, from the left, in hundredths. */
function uncover(share) {
  frame.box.style.setProperty("--share", `${share}%`);
}

/** Changes the picture once the new one can be drawn: no flicker. */
async function change(url, alt) {
  const next = new Image();
  next.src = url;
  const mine = drawn;
  try {
    await next.decode();
  } catch {
    return;
  }
  if (mine !== drawn) return;
  frame.after.src = url;
  frame.after.alt = alt;
  shape(next.naturalWidth / next.naturalHeight);
}

/** A draft, or that one is being made. */
export function draft(photo, one) {
  build(`draft ${photo}`, 0, photo ? api.copyOf(photo, true) : null);
  hide(true, true);
  frame.tools.replaceChildren();
  frame.more.replaceChildren();
  if (one.error) {
    frame.caption.replaceChildren(h("p", { class: "wrong" }, one.error));
  } else if (one.url) {
    change(one.url, "The draft");
    const made = one.instead
      ? `by a trained network, in ${duration(one.seconds)}: colours and strokes, roughly. Paint optimises each stroke, and makes another picture.`
      : `in ${duration(one.seconds)}, small and short. Paint makes it in full.`;
    frame.caption.replaceChildren(h("h2", {}, "Draft"), h("p", { class: "soft" }, made));
    if (one.instead) {
      frame.tools.replaceChildren(h("button", { type: "button", title: "This very picture, by the trained network", onclick: () => acts.keepDraft(one.instead) }, "Keep this one"));
    }
  } else {
    if (!frame.after.getAttribute("src") && photo) frame.after.src = api.copyOf(photo, true);
    frame.caption.replaceChildren(h("h2", {}, "Draft"), h("p", { class: "soft" }, one.none ? "There is none of this; Paint makes it in full." : "A draft is being made…"));
  }
}

const ended = (job) => job.state === "done" || job.state === "kept";
const isFilm = (job) => job.files[0] === "film";

function heading(job) {
  const size = job.width ? `${job.width} x ${job.height} px` : "";
  const words = {
    waiting: "queued",
    running: "painting",
    paused: acts.films(job) ? "paused" : `paused at step ${job.step}`,
    done: [size, duration(job.seconds)].filter(Boolean).join(", "),
    kept: `stopped at ${acts.films(job) ? "frame" : "step"} ${job.step} of ${job.total || "?"}${size ? `, ${size}` : ""}`,
    failed: "",
  }[job.state];
  return [h("h2", {}, capital(job.title)), h("p", { class: "soft" }, words), job.error ? h("p", { class: "wrong" }, job.error) : null].filter(Boolean);
}

/** A job, in whatever state it is; `live` has what is known of the running one. */
export function show(job, live, poster, framed) {
  if (job.labels.some(Boolean) && ended(job)) return grid(job);
  if (isFilm(job) && ended(job)) return reel(job);
  const of = framed && (job.pictures[framed] ?? [])[0];
  build(`job ${job.id}`, job.width ? job.width / job.height : 0, of ? api.copyOf(of, true) : null);
  const running = job.state === "running";
  frame.box.classList.toggle("busy", running || job.state === "waiting");
  if (ended(job)) change(api.copyOf(`made:${job.id}`, true), capital(job.title));
  else if (running && live.number) change(`/live/${live.number}.jpg`, `${job.title}, as it is now`);
  else if (!frame.after.getAttribute("src")) {
    if (poster || of) change(poster ?? api.copyOf(of, true), "");
  }
  frame.caption.replaceChildren(...heading(job));
  hide(!running, true);
  plot(running ? live.losses : job.losses);
  if (running && live.step) progress(live.step);
  tools(job, live);
  more(job);
}

function more(job) {
  const notes = job.notes.length ? h("details", {}, h("summary", {}, "Notes"), job.notes.map((one) => h("p", {}, one))) : null;
  const named = (name) => (isFilm(job) ? `Download the painted frames beside what was learnt of them` : `Download ${name}`);
  const others = job.files.slice(1).map((name, at) => h("a", { href: `${api.made(job.id, at + 1)}?download`, download: true }, named(name)));
  frame.more.replaceChildren(...[h("div", { class: "others" }, others), notes].filter(Boolean));
}

/** A film that is made. */
function reel(job) {
  const video = { controls: true, loop: true, playsinline: true, preload: "metadata", "aria-label": capital(job.title) };
  if (build(`film ${job.id}`, job.width / job.height, null)) {
    frame.box.replaceChildren(h("video", { ...video, src: api.made(job.id, 0, "mp4"), poster: api.copyOf(`made:${job.id}`, true) }));
  }
  frame.caption.replaceChildren(...heading(job));
  hide(true, true);
  plot(job.losses);
  tools(job, {});
  more(job);
}

/** A new preview of the running job. */
export function preview(job, number) {
  if (drawn === `job ${job.id}`) change(`/live/${number}.jpg`, `${job.title}, as it is now`);
}

/** How far the running job is. */
export function progress(step) {
  if (!frame.caption) return;
  if (step.total) frame.bar.value = step.index / step.total;
  else frame.bar.removeAttribute("value");
  const then = step.counted === "lesson" ? ", then each frame is painted" : "";
  const parts = step.counted === "flow" ? ["looking for what the painted frames show in the others"] : [
    step.total ? `${step.counted} ${step.index} of ${step.total}` : `${step.counted} ${step.index}`,
    `at ${step.scale[1]} x ${step.scale[0]} px`,
    step.left == null ? null : `about ${duration(step.left)} left${then}`,
  ];
  const losses = Object.entries(step.losses).map(([name, value]) => `${name} ${Number(value.toPrecision(3))}`);
  frame.caption.querySelector("p").textContent = parts.filter(Boolean).join(", ");
  frame.graph.setAttribute("aria-label", `The loss so far: ${losses.join(", ")}`);
  frame.graph.replaceChildren(frame.curve, svg("title", {}, losses.join(", ")));
}

/** The loss curve, on a logarithmic scale: most of the fall is in the first steps. */
export function plot(points) {
  if (!frame.graph || points.length < 2) return;
  frame.graph.removeAttribute("hidden");
  const heights = points.map(([, loss]) => Math.log(Math.max(loss, 1e-9)));
  const least = Math.min(...heights);
  const range = Math.max(...heights) - least || 1;
  const [first] = points[0];
  const wide = points[points.length - 1][0] - first || 1;
  const drawn = points.map(([step], at) => `${(100 * (step - first)) / wide},${28 - (26 * (heights[at] - least)) / range}`);
  frame.curve.setAttribute("points", drawn.join(" "));
}

/** The buttons of a job. */
export function tools(job, live) {
  const button = (text, act, more = {}) => h("button", { type: "button", onclick: act, ...more }, text);
  const ask = (what) => () => acts.ask(job, what);
  const states = {
    waiting: [],
    running: [
      button("Pause", ask("pause"), { disabled: !live.step?.holds, title: "Put it aside; the next in the queue begins" }),
      button("Stop and keep", ask("stop"), { disabled: live.step?.keeps === false }),
      acts.canGoOn(job) && button("Go on from here", () => acts.goOn(job), { title: "Stop, and go on from this picture with the settings as they are now" }),
    ],
    paused: [button("Continue", ask("continue"), { class: "primary" })],
    done: made(job, button),
    kept: made(job, button),
    failed: [button("Try again", () => acts.again(job), { class: "primary" })],
  };
  const focused = frame.tools.contains(document.activeElement) ? document.activeElement.textContent : "";
  frame.tools.replaceChildren(...[
    ...states[job.state],
    job.state !== "waiting" && button("Take its settings", () => acts.takeOver(job)),
    removal(job, button),
  ].filter(Boolean));
  [...frame.tools.children].find((one) => one.textContent === focused)?.focus();
}

function made(job, button) {
  const file = api.made(job.id, 0, isFilm(job) ? "mp4" : "png");
  const always = [
    acts.frame(job) && button("Let the film follow", () => acts.followWith(job), { class: "primary", title: "This is a painted frame of a film, which all others can follow" }),
    h("a", { class: "button", href: `${file}?download`, download: true }, "Download"),
    button("Copy as command", () => copy(job)),
  ];
  if (isFilm(job)) return always;
  return [
    ...always,
    job.scalable && button("Make it larger", () => acts.larger(job), { title: "The same picture, twice as large" }),
    acts.canGoOn(job) && button("Go on from here", () => acts.goOn(job), { title: "Begin with this picture, with the settings as they are now" }),
    button("Use as photo", () => acts.usePhoto(job)),
    button("Save as preset…", () => nameIt(job), { title: "Its settings and styles, for other photos" }),
  ];
}

/** Asks for a preset's name. */
function nameIt(job) {
  const name = h("input", { type: "text", id: "preset-name", pattern: "[A-Za-z0-9][A-Za-z0-9_\\-]*", maxlength: 100, required: true, autocomplete: "off", spellcheck: "false" });
  const form = h("form", {
    method: "dialog",
    onsubmit: async (event) => {
      event.preventDefault();
      if (await acts.savePreset(job, name.value.trim())) box.close();
    },
  },
  h("label", { for: "preset-name" }, "Name of the preset"), name,
  h("small", {}, "Letters, digits and hyphens."),
  h("div", { class: "tools" }, h("button", { type: "submit", class: "primary" }, "Save"), h("button", { type: "button", onclick: () => box.close() }, "Cancel")));
  const box = h("dialog", { "aria-label": "Save as a preset" }, form);
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}

/** Asks once more before something is gone that was made. */
function removal(job, button) {
  const waits = job.state === "waiting";
  let sure = waits;
  const made = button(waits ? "Take out of the queue" : "Delete", () => {
    if (sure) {
      acts.remove(job);
      return;
    }
    sure = true;
    made.textContent = "Really delete?";
    setTimeout(() => {
      sure = false;
      made.textContent = "Delete";
    }, 4000);
  }, { class: "quiet" });
  return made;
}

async function copy(job) {
  try {
    const { command } = await api.command(job.id);
    const note = job.state === "kept" ? ` It makes the ${isFilm(job) ? "film" : "picture"} to its end.` : "";
    frame.more.prepend(h("code", { class: "command", tabindex: 0, "aria-label": "The command" }, command));
    frame.more.querySelectorAll(".command").forEach((one, at) => at && one.remove());
    await navigator.clipboard?.writeText(command).then(
      () => say(`The command is copied.${note}`),
      () => say(`Here is the command.${note}`),
    );
  } catch (error) {
    say(error.message, true);
  }
}

/** The cells of a sheet: a click makes one large. */
function grid(job) {
  build(`grid ${job.id}`, 0, null);
  drawn = `grid ${job.id}`;
  const cells = job.labels.map((label, at) => label && h("button", {
    type: "button", class: "cell", "aria-label": `Paint large: ${label}`,
    onclick: () => acts.cell(job, Number(job.files[at].replace("cell-", "")), at),
  }, h("img", { src: api.made(job.id, at), alt: "" }), h("span", {}, label))).filter(Boolean);
  frame.box.classList.add("sheet");
  frame.box.replaceChildren(h("div", { class: "cells" }, cells));
  hide(true, true);
  frame.caption.replaceChildren(...heading(job), h("p", { class: "soft" }, "Choose one: it is painted large."));
  tools(job, {});
  frame.more.replaceChildren();
}
