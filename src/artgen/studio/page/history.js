// What runs and waits, and everything that was made, the newest first.

import * as api from "./api.js";
import { capital, duration, h } from "./dom.js";

const place = document.getElementById("history");
const WORDS = { waiting: "queued", running: "painting", paused: "paused", kept: "stopped", failed: "failed", done: "" };

/** Draws all jobs; `chosen` is on the stage, `choose` is told which is to be. */
export function draw(jobs, chosen, choose) {
  const focused = document.activeElement?.dataset?.job;
  const all = [...jobs.values()];
  const open = all.filter((one) => ["running", "waiting", "paused"].includes(one.state)).sort(byTurn);
  const over = all.filter((one) => !open.includes(one)).sort((one, other) => other.id - one.id);
  const card = (job) => drawn(job, chosen === job.id, choose);
  place.replaceChildren(
    ...(open.length ? [h("h2", {}, "Queue"), h("ol", { class: "cards" }, open.map(card))] : []),
    h("h2", { id: "history-title" }, "History"),
    over.length ? h("ul", { class: "cards" }, over.map(card)) : h("p", { class: "soft" }, "What you paint is kept here."),
  );
  if (focused) place.querySelector(`[data-job="${focused}"]`)?.focus();
}

function byTurn(one, other) {
  const rank = { running: 0, waiting: 1, paused: 2 };
  return rank[one.state] - rank[other.state] || one.place - other.place;
}

function drawn(job, current, choose) {
  const seen = job.files.length ? `made:${job.id}` : Object.values(job.pictures).flat()[0];
  const cell = job.labels.findIndex(Boolean); // a sheet is too small to be read
  const source = cell > 0 ? api.made(job.id, cell) : seen && api.copyOf(seen);
  const said = WORDS[job.state] || duration(job.seconds);
  return h("li", {}, h(
    "button",
    { type: "button", class: `card ${job.state}`, "data-job": job.id, "aria-current": current ? "true" : null, onclick: () => choose(job.id) },
    source ? h("img", { src: source, alt: "", loading: "lazy" }) : h("span", { class: "blank" }),
    h("span", { class: "name" }, capital(job.title)),
    h("span", { class: "soft" }, `${job.technique.replaceAll("_", " ")}, ${said}`),
  ));
}
