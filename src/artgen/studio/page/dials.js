// A control for each setting, made from what the technique itself says of it.

import * as api from "./api.js";
import { fileButton } from "./choose.js";
import { capital, h, say } from "./dom.js";
import { adopt, keep, settingsOf, wish } from "./wish.js";

const BESIDE = new Set(["style_weights", "separate", "key"]); // said by the thumbnails, or not at all
const LAYERED = new Set(["layer", "layers", "style_layers", "content_layers"]); // picked among the network's

let known;
let changed;

/** `told` hears of every change of a setting. */
export function start(controls, told) {
  known = controls;
  changed = told;
}

function put(field, value) {
  const settings = settingsOf();
  if (JSON.stringify(value) === JSON.stringify(field.default)) delete settings[field.name];
  else settings[field.name] = value;
  keep();
  changed();
}

const valueOf = (field) => settingsOf()[field.name] ?? field.default;

/** Draws the settings of a technique: a few, and the rest folded away. */
export function draw(technique) {
  const place = document.getElementById("dials");
  const open = new Set([...place.querySelectorAll("details[open]")].map((one) => one.dataset.group));
  const fields = technique.fields.filter((one) => !BESIDE.has(one.name) && !one.positional);
  const named = technique.fields.filter((one) => one.positional && one.name !== "style");
  const first = [...named, ...fields.filter((one) => one.first)];
  const rest = fields.filter((one) => !one.first);
  const groups = Map.groupBy ? Map.groupBy(rest, (one) => one.group) : grouped(rest);
  const folded = [...groups].map(([group, many]) => [group === "Settings" ? "More" : group, many]);
  place.replaceChildren(
    ...preset(technique),
    ...first.map(dial),
    h("details", { class: "all", "data-group": "all", open: open.has("all") },
      h("summary", {}, "All settings"),
      seed(),
      folded.map(([group, many]) => h("fieldset", {}, h("legend", {}, group), many.map(dial)))),
  );
}

function grouped(fields) {
  const groups = new Map();
  for (const one of fields) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  return groups;
}

function preset(technique) {
  const mine = known.presets.filter((one) => one.technique === technique.name);
  if (!mine.length) return [];
  const choose = h("select", {
    id: "preset",
    onchange: () => {
      const found = mine.find((one) => one.name === choose.value);
      adopt(technique.name, found?.settings ?? {});
      const styles = found?.pictures.style;
      if (styles) wish.styles = styles.map((of) => ({ of, name: of.split(":")[1], weight: 1 }));
      if (found?.seed != null) wish.seed = found.seed;
      keep();
      changed(true, choose.value);
    },
  }, h("option", { value: "" }, "None"), mine.map((one) => h("option", { value: one.name }, `${one.name} — ${one.about}`)));
  return [row("preset", "Preset", choose)];
}

function seed() {
  const field = h("input", {
    id: "seed", type: "number", min: 0, step: 1, value: wish.seed,
    onchange: () => {
      wish.seed = Math.max(0, Math.floor(Number(field.value) || 0));
      keep();
      changed();
    },
  });
  return row("seed", "Seed", field, "of every random number");
}

function row(id, label, control, help = "") {
  const hint = help ? h("small", { id: `${id}-help` }, help) : null;
  const input = control.matches("input,select,textarea") ? control : control.querySelector("input,select,textarea");
  if (hint && input) input.setAttribute("aria-describedby", hint.id);
  return h("div", { class: "dial" }, h("label", { for: id }, label), control, hint);
}

function dial(field) {
  const make = { switch: onOff, choice: choice, whole: number, number, numbers: list, texts: lines, picture, text }[field.kind];
  const id = `dial-${field.name}`;
  const made = make(field, id);
  if (field.kind === "switch") {
    return h("div", { class: "dial switch" }, made, h("label", { for: id }, capital(field.label)), h("small", {}, field.help));
  }
  return row(id, capital(field.label), made, field.help);
}

function onOff(field, id) {
  const box = h("input", { id, type: "checkbox", role: "switch", checked: valueOf(field), onchange: () => put(field, box.checked) });
  return box;
}

function choice(field, id) {
  const box = h("select", { id, onchange: () => put(field, box.value) }, field.choices.map((one) => h("option", { value: one }, one)));
  box.value = valueOf(field);
  return box;
}

function number(field, id) {
  const whole = field.kind === "whole";
  const slides = field.least != null && field.most != null && field.most - field.least <= 360 && !(whole && field.most > 128);
  const step = whole ? 1 : slides ? (field.most - field.least) / 100 : "any";
  const read = (text) => Math.min(Math.max(Number(text), field.least ?? -Infinity), field.most ?? Infinity);
  const limits = { min: field.least, max: field.most };
  const box = h("input", {
    id, type: "number", inputmode: whole ? "numeric" : "decimal", step: whole ? 1 : "any", ...limits, value: valueOf(field),
    onchange: () => {
      const given = box.value === "" ? field.default : whole ? Math.round(read(box.value)) : read(box.value);
      box.value = given;
      if (slider) slider.value = given;
      put(field, given);
    },
  });
  const slider = slides && h("input", {
    type: "range", ...limits, step, value: valueOf(field), "aria-label": capital(field.label),
    oninput: () => { box.value = Number(Number(slider.value).toPrecision(6)); },
    onchange: () => put(field, Number(Number(slider.value).toPrecision(6))),
  });
  return h("div", { class: "number" }, slider, box);
}

function text(field, id) {
  const box = h("input", {
    id, type: "text", placeholder: field.metavar.toLowerCase(), value: valueOf(field), spellcheck: "false", autocomplete: "off",
    list: `${id}-known`, onchange: () => put(field, box.value.trim()),
  });
  const names = LAYERED.has(field.name) ? (known.layers[settingsOf().net ?? "slim"] ?? []) : field.name === "net" ? known.nets : [];
  if (!names.length) box.removeAttribute("list");
  return h("div", {}, box, h("datalist", { id: `${id}-known` }, names.map((one) => h("option", { value: one }))));
}

function list(field, id) {
  const box = h("input", {
    id, type: "text", inputmode: "decimal", placeholder: "1, 2, …", value: valueOf(field).join(", "),
    onchange: () => {
      const numbers = box.value.split(",").map((one) => one.trim()).filter(Boolean).map(Number);
      if (numbers.some(Number.isNaN)) say(`${capital(field.label)}: write numbers with commas between them.`, true);
      else put(field, box.value.trim() ? numbers : field.default);
    },
  });
  return box;
}

function lines(field, id) {
  const box = h("textarea", {
    id, rows: 2, placeholder: field.metavar.toLowerCase(), spellcheck: "false", value: valueOf(field).join("\n"),
    onchange: () => put(field, box.value.split("\n").map((one) => one.trim()).filter(Boolean)),
  });
  return box;
}

/** A picture, several, or pairs of a mask and a style; or one of the choices. */
function picture(field, id) {
  const value = valueOf(field);
  const refs = field.several ? value : field.choices.includes(value) || !value ? [] : [value];
  const putRefs = (many) => put(field, field.several ? many : (many[0] ?? field.default));
  const redraw = (many) => {
    putRefs(many);
    place.replaceWith(picture(field, id));
  };
  const send = async (file) => {
    try {
      const given = await api.upload(file, known.bytes.picture);
      const ref = field.paired ? `${given.of}=style:${known.styles[0]}` : given.of;
      redraw(field.several ? [...refs, ref] : [ref]);
    } catch (error) {
      say(error.message, true);
    }
  };
  const shown = refs.map((ref, index) => {
    const [of, style] = ref.split("=");
    const pick = style && h("select", {
      "aria-label": "Its style",
      onchange: () => redraw(refs.map((one, at) => (at === index ? `${of}=style:${pick.value}` : one))),
    }, known.styles.map((one) => h("option", { value: one }, one)));
    if (pick) pick.value = style.replace("style:", "");
    return h("span", { class: "picked" },
      h("img", { src: api.copyOf(of), alt: "" }), pick,
      h("button", { type: "button", class: "quiet", "aria-label": "Remove this picture", onclick: () => redraw(refs.filter((_, at) => at !== index)) }, "×"));
  });
  const choose = field.choices.length > 1 && !refs.length ? choice(field, id) : null;
  const place = h("div", { class: "picture" }, choose, shown,
    field.several || !refs.length ? fileButton("Choose a picture…", send, { class: "file" }) : null);
  if (!choose) place.querySelector("input")?.setAttribute("id", id);
  return place;
}
