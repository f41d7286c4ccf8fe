// What is painted, and like what: a photo dropped or taken, and paintings with their weights.

import * as api from "./api.js";
import { h, say } from "./dom.js";
import { keep, roleOf, subjectOf, wish } from "./wish.js";

let known;
let changed;
let subject = "photo"; // which picture of the wish is shown: a photo, a texture's sample, or a film
let single = false; // whether the technique shown takes one painting only

const PICTURES = "image/*,.heic,.heif,.tif,.tiff";
const FILMS = "video/*,.mp4,.m4v,.mov,.webm,.mkv,.avi";
const TITLES = { photo: "Photo", sample: "Sample", film: "Film" };
const isFilm = (file) => file.type.startsWith("video/") || /\.(mp4|m4v|mov|webm|mkv|avi)$/i.test(file.name);

/** Builds both choices; `told` hears of every change, and of a film or a painted frame that came. */
export function start(controls, told) {
  known = controls;
  changed = (came) => {
    keep();
    told(came);
  };
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) document.body.classList.remove("dragging");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    const [file, second] = event.dataTransfer.files;
    const two = second && subject !== "film" && !isFilm(file) && !isFilm(second);
    if (two && !document.getElementById("styles").hidden) ask(file, second);
    else if (file) take(file, event.target.closest?.("#styles") ? "style" : "photo");
  });
  document.addEventListener("paste", (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (file) take(file, "photo");
  });
}

/** Asks which of two dropped pictures is the photo; the other one becomes a style. */
function ask(one, two) {
  const answer = (photo, style) => async () => {
    box.remove();
    await take(photo, "photo");
    await take(style, "style");
  };
  const box = h("dialog", { "aria-label": "Which one is the photo?" },
    h("p", {}, "Which one is the photo? The other one is taken as a style."),
    h("button", { type: "button", onclick: answer(one, two) }, one.name),
    h("button", { type: "button", onclick: answer(two, one) }, two.name));
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}

/** Sends a picture, and takes it as the photo or as a painting; a film is taken as a film. */
export async function take(file, as) {
  const film = isFilm(file);
  const zone = document.querySelector(film || as === "photo" ? "#photo .drop" : "#styles .add");
  zone?.setAttribute("aria-busy", "true");
  try {
    const given = film ? await api.upload(file, known.bytes.film, "films") : await api.upload(file, known.bytes.picture);
    if (film) wish.film = { ...given, at: 0 };
    else if (subject === "film") return changed({ key: given });
    else if (as === "photo") wish[subject] = { of: given.of, name: given.name };
    else toggle(given.of, given.name, single);
    changed({ film });
  } catch (error) {
    say(error.message, true);
  } finally {
    zone?.removeAttribute("aria-busy");
  }
}

/** A button that looks like a place to drop a file, and opens the chooser by mouse or key. */
export function fileButton(text, onfile, more = {}, accept = PICTURES) {
  const input = h("input", {
    type: "file",
    accept,
    "aria-label": text,
    onchange: () => {
      if (input.files[0]) onfile(input.files[0]);
      input.value = "";
    },
  });
  return h("label", more, input, h("span", {}, text));
}

/** Draws the photo's place, for a technique that takes one. */
export function drawPhoto(technique) {
  const input = subjectOf(technique);
  const place = document.getElementById("photo");
  place.hidden = !input;
  if (!input) return;
  subject = roleOf(input);
  const given = wish[subject];
  const title = TITLES[subject];
  const drop = fileButton(
    given ? `${given.name}: drop or choose another` : `Drop a ${title.toLowerCase()} here, or choose one`,
    (file) => take(file, "photo"),
    { class: given ? "drop full" : "drop" },
    subject === "film" ? FILMS : PICTURES,
  );
  if (given) drop.prepend(h("img", { src: api.copyOf(given.of), alt: "" }));
  const samples = { sample: known.styles.map((n) => `style:${n}`), photo: known.examples.map((n) => `example:${n}`), film: [] };
  const row = samples[subject].map((of) => {
    const name = of.split(":")[1];
    return h(
      "button",
      {
        type: "button",
        class: "thumb",
        title: name,
        "aria-label": `Take the example ${name}`,
        "aria-pressed": String(given?.of === of),
        onclick: () => {
          wish[subject] = { of, name };
          changed();
        },
      },
      h("img", { src: api.copyOf(of), alt: "", loading: "lazy" }),
    );
  });
  place.replaceChildren(h("h2", { id: "photo-title" }, title), drop, h("div", { class: "examples" }, row));
}

/** Takes a style, or puts it back; `one` is for a technique that takes no more than one. */
function toggle(of, name, one = false) {
  if (one) {
    wish.styles = [{ of, name, weight: 1 }];
    return;
  }
  const at = wish.styles.findIndex((one) => one.of === of);
  if (at < 0) wish.styles.push({ of, name, weight: 1 });
  else wish.styles.splice(at, 1);
}

/** Draws the paintings, for a technique that takes some; `fast` was taught a few, and takes any. */
export function drawStyles(technique) {
  const fast = technique.fields.some((one) => one.positional && one.name === "style");
  const input = technique.inputs.find((one) => one.style);
  const place = document.getElementById("styles");
  place.hidden = !input && !fast;
  if (place.hidden) return;
  const focused = document.activeElement?.dataset?.style;
  single = Boolean(input) && !input.many;
  const names = fast ? known.fast : known.styles;
  const own = wish.styles.filter((style) => !style.of.startsWith("style:"));
  if (fast && !own.length) wish.styles = wish.styles.filter((style) => names.includes(style.of.replace("style:", "")));
  if (single) wish.styles = wish.styles.slice(0, 1);
  const all = [...own, ...names.map((name) => ({ of: `style:${name}`, name }))];
  const tiles = all.map(({ of, name }) =>
    h(
      "button",
      {
        type: "button",
        class: "tile",
        "data-style": of,
        "aria-pressed": String(wish.styles.some((style) => style.of === of)),
        onclick: () => {
          toggle(of, name, single);
          changed();
        },
      },
      h("img", { src: api.copyOf(of), alt: "", loading: "lazy" }),
      h("span", {}, name.replace(/\.\w+$/, "")),
    ),
  );
  const add = fileButton("Your own painting", (file) => take(file, "style"), { class: "add" });
  place.replaceChildren(
    h("h2", { id: "styles-title" }, input?.many || fast ? "Styles" : "Style"),
    ...(single ? [h("p", { class: "soft" }, "One painting: choosing another takes its place.")] : []),
    h("div", { class: "tiles" }, tiles, add),
    ...(wish.styles.length > 1 ? [weights()] : []),
  );
  if (focused) place.querySelector(`[data-style="${CSS.escape(focused)}"]`)?.focus();
}

function weights() {
  const rows = wish.styles.map((one) => {
    const shown = h("output", {}, String(one.weight));
    const slider = h("input", {
      type: "range",
      min: 0,
      max: Math.max(1, one.weight),
      step: 0.05,
      value: one.weight,
      "aria-label": `Weight of ${one.name}`,
      oninput: () => {
        one.weight = Number(slider.value);
        shown.textContent = slider.value;
      },
      onchange: () => changed(),
    });
    return h("label", { class: "weight" }, h("span", {}, one.name), slider, shown);
  });
  return h("div", { class: "weights", role: "group", "aria-label": "Weights" }, rows);
}
