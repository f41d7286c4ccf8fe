// The server, as functions.

/** What the server refuses: one sentence, and what to do about it. */
export class Refused extends Error {}

async function answered(response) {
  const found = await response.json().catch(() => ({}));
  if (!response.ok) {
    const sentence = found.error ?? `The studio answered with ${response.status}.`;
    throw new Refused([sentence, found.hint].filter(Boolean).join(" "));
  }
  return found;
}

async function ask(method, path, body) {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  try {
    return await answered(await fetch(path, { method, ...json }));
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused("The studio does not answer. Is it still running?");
  }
}

export const controls = () => ask("GET", "/api/controls");
export const add = (order) => ask("POST", "/api/jobs", order);
export const sketch = (order) => ask("POST", "/api/drafts", order);
export const tell = (job, what) => ask("POST", `/api/jobs/${job}/${what}`);
export const larger = (job) => ask("POST", `/api/jobs/${job}/larger`);
export const cell = (job, number, size) => ask("POST", `/api/jobs/${job}/cell`, { number, size });
export const savePreset = (job, name) => ask("POST", `/api/jobs/${job}/preset`, { name });
export const command = (job) => ask("GET", `/api/jobs/${job}/command`);
export const remove = (job) => ask("DELETE", `/api/jobs/${job}`);

/** Sends a picture, or one of the `films`; the answer has its reference, `of`. */
export async function upload(file, most, kind = "pictures") {
  if (file.size > most) throw new Refused(`${file.name} has more than ${most / 2 ** 20} MB.`);
  const headers = { "X-Name": encodeURIComponent(file.name), "Content-Type": "application/octet-stream" };
  try {
    return await answered(await fetch(`/api/${kind}`, { method: "POST", headers, body: file }));
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(`${file.name} could not be sent.`);
  }
}

/** Where a small copy of a picture is: 240 px, or 1280 with `large`. */
export function copyOf(reference, large = false) {
  return `/picture?side=${large ? 1280 : 240}&of=${encodeURIComponent(reference)}`;
}

/** Where a picture is that was made, or a film; the first is 0. */
export const made = (job, number = 0, suffix = "png") => `/made/${job}/${number}.${suffix}`;

/** What is known of a film that was sent. */
export const film = (reference) => ask("GET", `/api/films/${reference.replace("upload:", "")}`);

/** Where a whole frame of a film is. */
export const frame = (reference) => `/frame/${reference.replace("frame:", "")}.png`;

/** Hears what happens, until the page is left; `handlers` by kind of event. */
export function listen(handlers, lost) {
  const source = new EventSource("/api/events");
  for (const [kind, handle] of Object.entries(handlers)) {
    source.addEventListener(kind, (event) => handle(JSON.parse(event.data)));
  }
  source.addEventListener("error", () => lost(source.readyState === EventSource.CLOSED));
  addEventListener("pagehide", () => source.close());
}
