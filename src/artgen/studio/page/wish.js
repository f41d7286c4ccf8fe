// What this tab wishes to paint. It is kept while the tab is open, so that a reload loses nothing.

const KEY = "artgen-wish";
const START = { technique: "style", photo: null, sample: null, film: null, keys: [], styles: [{ of: "style:starry", name: "starry", weight: 1 }], settings: {}, seed: 0 };

const kept = () => {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
};

export const wish = { ...structuredClone(START), ...kept() };

/** Which picture of the wish an input takes: a texture's sample is none to look at, nor to paint. */
export const roleOf = (input) => (["sample", "film"].includes(input.name) ? input.name : "photo");

/** The reference of a frame of a film, by its number. */
export const frameOf = (film, at) => `${film.of.replace("upload:", "frame:")}-${at}`;

/** The painted frames that were chosen of a film. */
export const keysOf = (film) => wish.keys.filter((one) => film && one.film === film.of);

/** The picture that a technique is about, which is no style; undefined if it takes none. */
export const subjectOf = (technique) => technique.inputs.find((one) => !one.style);

/** Remembers the wish as it is now. */
export function keep() {
  sessionStorage.setItem(KEY, JSON.stringify(wish));
}

/** The settings of a technique that differ from its defaults. */
export function settingsOf(name = wish.technique) {
  wish.settings[name] ??= {};
  return wish.settings[name];
}

/** The order that the server is sent. */
export function order(technique) {
  const settings = { ...settingsOf(technique.name) };
  const pictures = {};
  for (const input of technique.inputs) {
    const many = input.style ? wish.styles.map((one) => one.of) : wish[roleOf(input)] ? [wish[roleOf(input)].of] : [];
    pictures[input.name] = input.many ? many : many.slice(0, 1);
  }
  if (technique.film) settings.key = keysOf(wish.film).map((one) => `${one.at}=${one.of}`);
  const weights = wish.styles.map((one) => one.weight);
  const uneven = weights.some((one) => one !== weights[0]);
  if (technique.fields.some((one) => one.name === "style_weights") && uneven) {
    settings.style_weights = weights;
  }
  if (technique.fields.some((one) => one.positional && one.name === "style")) {
    const trained = wish.styles.every((one) => one.of.startsWith("style:"));
    const named = ({ of, weight }) => (trained ? of.replace("style:", "") : of) + (weight === 1 ? "" : `=${weight}`);
    settings.style = wish.styles.map(named).join(",");
  }
  return { technique: technique.name, settings, pictures, seed: wish.seed };
}

const named = (of, weight) => ({ of, name: of.split(":")[1], weight });

/** Takes settings; a mixture of styles among them becomes the styles that are chosen. */
export function adopt(technique, { style, ...settings }) {
  if (style) {
    wish.styles = style.split(",").map((one) => {
      const [name, weight] = one.split("=");
      return named(name.includes(":") ? name : `style:${name}`, Number(weight ?? 1));
    });
  }
  wish.settings[technique] = settings;
  keep();
}

/** Takes over what a job was made with. */
export function takeOver(job, technique) {
  wish.technique = job.technique;
  wish.seed = job.seed;
  const settings = { ...job.settings };
  const weights = settings.style_weights ?? [];
  delete settings.style_weights;
  for (const input of technique.inputs) {
    const many = job.pictures[input.name] ?? [];
    if (technique.film) continue;
    if (input.style) wish.styles = many.map((of, index) => named(of, weights[index] ?? 1));
    else if (many.length) wish[roleOf(input)] = { of: many[0], name: job.title.split(",")[0] };
  }
  adopt(job.technique, settings);
}
