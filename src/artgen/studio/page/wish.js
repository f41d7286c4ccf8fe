// What this tab wishes to paint. It is kept while the tab is open, so that a reload loses nothing.

const KEY = "artgen-wish";
const START = { technique: "style", photo: null, styles: [{ of: "style:starry", name: "starry", weight: 1 }], settings: {}, seed: 0 };

const kept = () => {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
};

export const wish = { ...structuredClone(START), ...kept() };

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
    const many = input.style ? wish.styles.map((one) => one.of) : wish.photo ? [wish.photo.of] : [];
    pictures[input.name] = input.many ? many : many.slice(0, 1);
  }
  const weights = wish.styles.map((one) => one.weight);
  const uneven = weights.some((one) => one !== weights[0]);
  if (technique.fields.some((one) => one.name === "style_weights") && uneven) {
    settings.style_weights = weights;
  }
  if (technique.fields.some((one) => one.positional && one.name === "style")) {
    const named = ({ of, weight }) => of.replace("style:", "") + (weight === 1 ? "" : `=${weight}`);
    settings.style = wish.styles.map(named).join(",");
  }
  return { technique: technique.name, settings, pictures, seed: wish.seed };
}

/** Takes over what a job was made with. */
export function takeOver(job, technique) {
  wish.technique = job.technique;
  wish.seed = job.seed;
  const settings = { ...job.settings };
  const weights = settings.style_weights ?? [];
  delete settings.style_weights;
  const named = (of, weight) => ({ of, name: of.split(":")[1], weight });
  for (const input of technique.inputs) {
    const many = job.pictures[input.name] ?? [];
    if (input.style) wish.styles = many.map((of, index) => named(of, weights[index] ?? 1));
    else if (many.length) wish.photo = { of: many[0], name: job.title.split(",")[0] };
  }
  if (job.technique === "fast_apply" && settings.style) {
    wish.styles = settings.style.split(",").map((one) => {
      const [name, weight] = one.split("=");
      return named(`style:${name}`, Number(weight ?? 1));
    });
    delete settings.style;
  }
  wish.settings[job.technique] = settings;
  keep();
}
