// A film: its frames, of which one is taken to be painted, and the painted ones that others follow.

import * as api from "./api.js";
import { fileButton, take } from "./choose.js";
import { h } from "./dom.js";
import * as stage from "./stage.js";
import { frameOf, keep, keysOf, settingsOf, wish } from "./wish.js";

const view = {};
const LARGE = 1024; // px, long side of the largest frame that is painted as large as its film
let acts;
let loading = false;

/** What the buttons do; `jobs` are all jobs, `turn` turns to a technique, `act` says what goes wrong. */
export function actions({ jobs, turn, act }) {
  acts = {
    frame: frameIn,
    /** Chooses a film that was sent before; whether it is there. */
    chooseFilm: async (of) => {
      if (wish.film?.of === of) return true;
      const found = await act(() => api.film(of));
      if (found) wish.film = { ...found, at: 0 };
      return Boolean(found);
    },
    followWith: async (job) => {
      const { film, at } = frameIn(job);
      if (!(await acts.chooseFilm(film))) return;
      wish.film.at = at;
      const key = { film, at, of: `made:${job.id}`, name: job.title };
      if (!wish.keys.some((one) => same(one, key))) toggle(key);
      turn("fast_follow");
      document.getElementById("paint").focus();
    },
    takeFrame: () => {
      const { film } = wish;
      wish.photo = { of: frameOf(film, film.at), name: `${stem(film.name)} ${film.at}` };
      settingsOf("style").size ??= Math.min(Math.max(film.width, film.height), LARGE);
      turn("style");
      document.getElementById("tab-style").focus();
    },
    toggleKey: (key) => {
      toggle(key);
      drawKeys(jobs);
    },
  };
  return acts;
}

const stem = (name) => name.replace(/\.\w+$/, "");

/** The film's reference and the frame's number, of a job that painted a frame; null of any other. */
function frameIn(job) {
  const refs = Object.values(job.pictures).flat();
  const found = refs.map((one) => /^frame:(\w+)-(\d+)$/.exec(one)).find(Boolean);
  const painted = found && ["done", "kept"].includes(job.state) && job.files[0] === "picture" && !job.labels.some(Boolean);
  return painted ? { film: `upload:${found[1]}`, at: Number(found[2]) } : null;
}

/** Shows the film on the stage, frame by frame. */
export function show() {
  const { film } = wish;
  if (!film) {
    stage.empty("Drop a film anywhere on this page.", "Take a frame of it, paint that, and all others follow.");
    return;
  }
  const key = `frames ${film.of}`;
  if (!stage.holds(key)) build(key, film);
  seek(film.at);
}

function build(key, film) {
  view.image = h("img", { alt: "" });
  view.box = h("div", { class: "frame" }, view.image);
  view.box.style.setProperty("--ratio", String(film.width / film.height));
  view.slider = h("input", {
    type: "range", min: 0, max: film.frames - 1, step: 1, "aria-label": "Frame of the film",
    oninput: () => seek(Number(view.slider.value)),
  });
  const step = (by, sign, label) => h("button", {
    type: "button", "aria-label": label, onclick: () => seek(Math.min(Math.max(film.at + by, 0), film.frames - 1)),
  }, sign);
  view.where = h("p", { class: "soft" });
  view.load = h("a", { class: "button", download: true, title: "To paint it by hand" }, "Download this frame");
  stage.fill(key, view.box, h("div", { class: "under" },
    h("div", { class: "scrub" }, step(-1, "◂", "One frame back"), view.slider, step(1, "▸", "One frame on")),
    h("div", { class: "caption" }, h("h2", {}, stem(film.name)), view.where),
    h("div", { class: "tools", role: "toolbar", "aria-label": "What to do with this frame" },
      h("button", { type: "button", class: "primary", title: "It becomes the photo, to be painted", onclick: acts.takeFrame }, "Take this frame"),
      view.load)));
}

/** Goes to a frame; while one is being loaded, only the last one asked for is loaded after it. */
function seek(at) {
  const { film } = wish;
  film.at = at;
  keep();
  view.slider.value = at;
  const seconds = `${(at / film.rate).toFixed(2)} s`;
  view.where.textContent = `frame ${at} (0 to ${film.frames - 1}), at ${seconds}, ${film.width} x ${film.height} px`;
  view.slider.setAttribute("aria-valuetext", `frame ${at}, ${seconds}`);
  view.load.href = api.frame(frameOf(film, at));
  if (!loading) load();
}

async function load() {
  const { film } = wish;
  const [at, image] = [film.at, view.image];
  const next = new Image();
  loading = true;
  next.src = api.copyOf(frameOf(film, at), true);
  try {
    await next.decode();
    if (image === view.image) Object.assign(image, { src: next.src, alt: `Frame ${at} of ${film.name}` });
  } catch {
    // The film ends before it says it does: the last frame stays.
  }
  loading = false;
  if (wish.film && (wish.film.of !== film.of || wish.film.at !== at)) load();
}

/** Chooses a painted frame, or puts it back; there is one of each frame. */
export function toggle(key) {
  const there = wish.keys.some((one) => same(one, key));
  wish.keys = wish.keys.filter((one) => one.film !== key.film || one.at !== key.at);
  if (!there) wish.keys.push(key);
  keep();
}

const same = (one, other) => one.film === other.film && one.at === other.at && one.of === other.of;

/** Makes those of the settings, of a film job, the painted frames that are chosen. */
export function takeKeys() {
  const film = wish.film.of;
  wish.keys = wish.keys.filter((one) => one.film !== film);
  for (const text of settingsOf().key) {
    const [at, of] = text.split("=");
    toggle({ film, at: Number(at), of, name: "painting" });
  }
  delete settingsOf().key;
  keep();
}

/** Draws the painted frames of the film: pictures that were made of its frames, and uploads. */
export function drawKeys(jobs) {
  const place = document.getElementById("styles");
  const focused = document.activeElement?.dataset?.key;
  place.hidden = !wish.film;
  if (place.hidden) return;
  const film = wish.film.of;
  wish.keys = wish.keys.filter((one) => !one.of.startsWith("made:") || jobs.has(Number(one.of.slice(5))));
  const painted = [...jobs.values()]
    .map((job) => ({ ...frameIn(job), of: `made:${job.id}`, name: job.title }))
    .filter((one) => one.film === film);
  const own = wish.keys.filter((one) => one.film === film && one.of.startsWith("upload:"));
  const all = [...painted, ...own].sort((one, other) => one.at - other.at);
  const tiles = all.map((one) => h("button", {
    type: "button", class: "tile", "data-key": `${one.at} ${one.of}`, title: one.name,
    "aria-pressed": String(keysOf(wish.film).some((key) => same(key, one))),
    onclick: () => acts.toggleKey(one),
  }, h("img", { src: api.copyOf(one.of), alt: "", loading: "lazy" }), h("span", {}, `frame ${one.at}`)));
  const add = fileButton("Your own painting", (file) => take(file, "key"), { class: "add", title: "Of the frame that is shown" });
  place.replaceChildren(
    h("h2", { id: "styles-title" }, "Painted frames"),
    ...(all.length ? [] : [h("p", { class: "soft" }, "None yet: take a frame, and paint it here or by hand.")]),
    h("div", { class: "tiles" }, tiles, add));
  if (focused) place.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}
