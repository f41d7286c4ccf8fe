// The page: what is wished for on the left, the picture in the middle, and what was made.

import * as api from "./api.js";
import * as choose from "./choose.js";
import * as dials from "./dials.js";
import { capital, h, later, say } from "./dom.js";
import * as film from "./film.js";
import * as history from "./history.js";
import * as stage from "./stage.js";
import { keep, order, roleOf, subjectOf, takeOver, wish } from "./wish.js";

const jobs = new Map();
const live = { number: 0, step: null, losses: [] }; // of the job that runs
const posters = new Map(); // what is shown of a job before it has a picture
let controls;
let shown = null; // a job's number, "draft", "film", or nothing
let draft = { number: 0 };
let worker = { ready: false, broken: "" };
const page = crypto.randomUUID(); // whose drafts are whose
const early = new Map(); // drafts that were made before this page knew their number
let wanted = 0; // the number of its last draft
let awaited = null; // a job that is stopped, so that another goes on from it

const TABS = ["style", "fast", "film", "dream", "texture", "see", "explore"];
const technique = (name = wish.technique) => controls.techniques.find((one) => one.name === name);
const family = (name) => (technique(name).film ? "film" : name.split("_")[0]);

async function act(what) {
  try {
    return await what();
  } catch (error) {
    say(error.message, true);
    return null;
  }
}

// The left side.

function drawTabs() {
  const tabs = TABS.map((tab) => h("button", {
    type: "button", role: "tab", id: `tab-${tab}`, "aria-controls": "panel",
    "aria-selected": String(family(wish.technique) === tab),
    tabindex: family(wish.technique) === tab ? 0 : -1,
    onclick: () => turnTo(tab),
  }, capital(tab)));
  document.getElementById("techniques").replaceChildren(...tabs);
  document.getElementById("panel").setAttribute("aria-labelledby", `tab-${family(wish.technique)}`);
}

function turnTo(tab) {
  const [first] = controls.techniques.filter((one) => family(one.name) === tab);
  wish.technique = tab === "see" ? "see_responses" : first.name;
  if (tab === "explore") wish.settings.explore ??= { vary: ["strength=20,50,80"] };
  keep();
  drawChoice();
  document.getElementById(`tab-${tab}`).focus();
  wished();
}

function drawKinds() {
  const many = controls.techniques.filter((one) => family(one.name) === family(wish.technique));
  const box = h("select", {
    "aria-label": "What to look at",
    onchange: () => turn(box.value),
  }, many.map((one) => h("option", { value: one.name }, one.name.split("_").slice(1).join(" "))));
  box.value = wish.technique;
  document.getElementById("kinds").replaceChildren(...(many.length > 1 ? [box] : []));
}

function drawChoice() {
  drawTabs();
  document.getElementById("about").textContent = `${technique().about}.`;
  drawKinds();
  choose.drawPhoto(technique());
  if (technique().film) film.drawKeys(jobs);
  else choose.drawStyles(technique());
  dials.draw(technique());
  document.getElementById("paint").textContent = technique().film ? "Follow" : "Paint";
}

/** Turns to a technique. */
function turn(name) {
  if (wish.technique !== name) document.querySelector(".scroll").scrollTop = 0;
  wish.technique = name;
  keep();
  drawChoice();
  wished();
}

/** The photo or the sample that is chosen. */
const subject = () => {
  const input = subjectOf(technique());
  return input ? wish[roleOf(input)] : null;
};

const ready = () => technique().inputs.every((one) => one.optional || order(technique()).pictures[one.name].length);

/** The photo or a style has changed, or the technique: a draft of it is what one wants to see. */
function wished() {
  if (technique().film) {
    shown = "film";
    drawStage();
    drawHistory();
    return;
  }
  if (!ready() || (subjectOf(technique()) && !subject())) return;
  shown = "draft";
  draft = { number: 0 };
  drawStage();
  sketch();
}

const sketch = later(async () => {
  const found = await act(() => api.sketch({ ...order(technique()), page }));
  if (!found) draft = { number: 0, error: "There is no draft of this." };
  else if (!found.number) draft = { number: 0, none: true };
  else if (found.number > draft.number) {
    const came = early.get(found.number); // its event may be faster than this answer
    draft = { ...(came ? { ...came, made: !came.error } : { number: found.number }), instead: found.instead };
    wanted = found.number;
  }
  if (shown === "draft") drawStage();
}, 120);

/** A setting has changed: another draft, if a draft is what is seen. */
const tuned = later(() => shown === "draft" && sketch(), 250);

function set(redraw, named) {
  if (redraw) {
    drawChoice();
    const box = document.getElementById("preset");
    if (box) box.value = named;
    box?.focus();
    wished();
  }
  tuned();
}

// The stage.

const framed = (job) => technique(job.technique)?.inputs.find((one) => one.frame)?.name;

function drawStage() {
  const job = jobs.get(shown);
  const sent = job?.pictures.film?.[0];
  if (shown === "film" || (shown === null && technique().film)) film.show();
  else if (shown === "draft") stage.draft(subject()?.of, { ...draft, url: draft.made && `/draft/${draft.number}.jpg` });
  else if (job) stage.show(job, job.state === "running" ? live : { number: 0, step: null, losses: [] }, posters.get(job.id) ?? (sent && api.copyOf(sent, true)), framed(job));
  else stage.empty();
}

function look(job) {
  shown = job;
  drawStage();
  drawHistory();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const place = document.getElementById("stage");
  if (place.getBoundingClientRect().top < 0 || innerWidth < 820) place.scrollIntoView({ behavior: still ? "auto" : "smooth" });
}

function drawHistory() {
  history.draw(jobs, shown, look);
}

async function paint(more = {}) {
  const made = await act(() => api.add({ ...order(technique()), ...more }));
  if (made) {
    jobs.set(made.id, jobs.get(made.id) ?? made);
    look(made.id);
  }
  return made;
}

const acts = {
  ask: (job, what) => act(() => api.tell(job.id, what)),
  remove: (job) => act(() => api.remove(job.id)),
  larger: (job) => follow(job, () => api.larger(job.id), api.copyOf(`made:${job.id}`, true)),
  cell: (job, number, file) => {
    const size = wish.settings.style?.size ?? technique("style").fields.find((one) => one.name === "size").default;
    return follow(job, () => api.cell(job.id, number, size), api.made(job.id, file));
  },
  again: (job) => follow(job, () => api.add({ technique: job.technique, settings: job.settings, pictures: job.pictures, seed: job.seed })),
  savePreset: async (job, name) => {
    const saved = await act(() => api.savePreset(job.id, name));
    if (!saved) return false;
    Object.assign(controls, await api.controls());
    if (technique().name === job.technique) drawChoice();
    say(saved.offered ? `Saved: ${name} is among the presets.` : `Saved as ${name}, with a painting of your own: it is used on the command line, by --preset ${name}.`);
    return true;
  },
  keepDraft: (instead) => follow(null, () => api.add({ ...instead, seed: wish.seed }), `/draft/${draft.number}.jpg`),
  takeOver: async (job) => {
    if (acts.films(job) && !(await acts.chooseFilm(job.pictures.film[0]))) return;
    takeOver(job, technique(job.technique));
    if (acts.films(job)) film.takeKeys();
    drawChoice();
    say("Its settings are on the left.");
  },
  films: (job) => technique(job.technique)?.film ?? false,
  ...film.actions({ jobs, turn, act }),
  usePhoto: (job) => {
    wish.photo = { of: `made:${job.id}`, name: job.title };
    keep();
    drawChoice();
    wished();
  },
  canGoOn: (job) => !acts.films(job) && (technique().inputs.some((one) => one.frame) || technique().fields.some((one) => one.name === "init" && one.kind === "picture")),
  goOn: async (job) => {
    if (job.state === "running") {
      awaited = { id: job.id, order: order(technique()) };
      await acts.ask(job, "stop");
    } else {
      await paint(onward(job, order(technique())));
    }
  },
};

/** An order that begins with what a job has made, and keeps its photo where none is chosen. */
function onward(job, wanted) {
  const pictures = { ...wanted.pictures };
  for (const [role, many] of Object.entries(pictures)) if (!many.length) pictures[role] = job.pictures[role] ?? [];
  return { ...wanted, pictures, begin_with: `made:${job.id}` };
}

async function follow(job, ask, poster) {
  const made = await act(ask);
  if (!made) return;
  if (poster) posters.set(made.id, poster);
  jobs.set(made.id, jobs.get(made.id) ?? made);
  look(made.id);
}

// What happens.

function drawState() {
  const running = [...jobs.values()].find((one) => one.state === "running");
  const waiting = [...jobs.values()].filter((one) => one.state === "waiting").length;
  const words = worker.broken || (!worker.ready ? "Getting ready…" : running ? `Painting ${running.title}` : "Ready");
  const text = waiting && worker.ready && !worker.broken ? `${words}, ${waiting} waiting` : words;
  const place = document.getElementById("state");
  if (place.textContent !== text) place.textContent = text;
  document.title = running ? `Painting ${running.title} – artgen studio` : "artgen studio";
}

function changedJob(job) {
  const before = jobs.get(job.id);
  jobs.set(job.id, job);
  if (job.state === "running" && before?.state !== "running") Object.assign(live, { number: 0, step: null, losses: job.losses.slice() });
  if (job.state === "failed" && before?.state !== "failed") say(`${capital(job.title)}: ${job.error}`, true);
  if (job.state === "done" && before?.state === "running") say(`${capital(job.title)} is done.`);
  if (awaited?.id === job.id && job.state !== "running") {
    if (job.state === "kept" || job.state === "done") {
      const wanted = onward(job, awaited.order);
      act(() => api.add(wanted)).then((made) => made && look(made.id));
    }
    awaited = null;
  }
  if (shown === job.id) drawStage();
  changedJobs();
}

/** Draws what shows all jobs. */
function changedJobs() {
  drawHistory();
  drawState();
  if (technique().film) film.drawKeys(jobs);
}

const heard = {
  state: (state) => {
    jobs.clear();
    for (const job of state.jobs) jobs.set(job.id, job);
    worker = state.worker;
    Object.assign(live, { number: state.live ?? 0, step: state.step ?? null, losses: state.losses ?? [] });
    const running = state.jobs.find((one) => one.state === "running");
    if (shown === null && running) shown = running.id;
    if (typeof shown === "number" && !jobs.has(shown)) shown = null;
    drawStage();
    changedJobs();
  },
  worker: (state) => {
    worker = state;
    drawState();
  },
  job: changedJob,
  gone: ({ id }) => {
    jobs.delete(id);
    posters.delete(id);
    if (shown === id) shown = null;
    drawStage();
    changedJobs();
  },
  step: (step) => {
    const first = live.step === null || ["holds", "keeps", "counted"].some((one) => live.step[one] !== step[one]);
    live.step = step;
    const loss = Object.values(step.losses).reduce((sum, one) => sum + one, 0);
    if (Object.keys(step.losses).length) live.losses.push([step.index, loss]);
    if (shown !== step.id) return;
    stage.progress(step);
    stage.plot(live.losses);
    if (first) stage.tools(jobs.get(step.id), live);
  },
  live: ({ id, number }) => {
    live.number = number;
    if (shown === id) stage.preview(jobs.get(id), number);
  },
  note: ({ id, sentence }) => {
    const job = jobs.get(id);
    if (job) jobs.set(id, { ...job, notes: [...job.notes, sentence] });
  },
  draft: (made) => {
    early.delete(made.number - 8);
    early.set(made.number, made);
    if (made.number !== wanted) return;
    draft = { ...made, made: !made.error, instead: draft.instead };
    if (shown === "draft") drawStage();
  },
};

function lost(closed) {
  document.getElementById("state").textContent = closed ? "The studio is closed. Start artgen studio once more." : "Looking for the studio…";
}

async function open() {
  window.history.replaceState(null, "", "/"); // the token is in the cookie now
  controls = await api.controls();
  if (!technique()) wish.technique = "style";
  stage.start(acts);
  choose.start(controls, ({ film: isFilm, key } = {}) => {
    if (key && wish.film) film.toggle({ film: wish.film.of, at: wish.film.at, of: key.of, name: key.name });
    turn(isFilm ? "fast_follow" : wish.technique);
  });
  dials.start(controls, set);
  drawChoice();
  api.listen(heard, lost);
  document.getElementById("choose").addEventListener("submit", (event) => {
    event.preventDefault();
    paint();
  });
  document.getElementById("techniques").addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    event.preventDefault();
    const at = TABS.indexOf(family(wish.technique));
    turnTo(TABS[(at + move + TABS.length) % TABS.length]);
  });
}

open().catch((error) => lost(error instanceof api.Refused));
