// Elements made from text that is never read as markup: names of files come from anywhere.

const AS_PROPERTY = new Set(["value", "checked", "disabled", "hidden", "textContent", "htmlFor"]);

/** An element with attributes, listeners (`onclick`) and children. */
export function h(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (AS_PROPERTY.has(key)) made[key] = value;
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((one) => one != null && one !== false));
  return made;
}

/** An SVG element. */
export function svg(tag, given = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(given)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** 65 s as `1 min 5 s`. */
export function duration(seconds) {
  const whole = Math.round(seconds);
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A word that begins a line. */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Calls `act` once, a while after the last call. */
export function later(act, milliseconds) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, milliseconds);
  };
}

let clearing = 0;

/** Says a sentence to the user, for a while. */
export function say(sentence, wrong = false) {
  const said = document.getElementById("said");
  said.replaceChildren(h("p", { class: wrong ? "wrong" : "" }, sentence));
  clearTimeout(clearing);
  clearing = setTimeout(() => said.replaceChildren(), wrong ? 9000 : 4000);
}
