// Small things everybody needs: elements, requests, money and dates.

/** An element: h("p", {class: "note"}, "text", child, …).  Texts are texts: nothing is ever parsed as HTML. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An element of a picture. */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat());
  return element;
}

/** How much of something there is. */
export function bar(value, most, label, low = 0) {
  const part = most ? value / most : 0;
  const filled = h("i");
  filled.style.width = `${part * 100}%`;
  return h("div", { class: part <= low ? "bar low" : "bar", role: "meter", "aria-label": label, "aria-valuenow": String(value), "aria-valuemax": String(most), title: label }, filled);
}

export const find = (id) => document.getElementById(id);

/** What the server said when it said no: problem documents (RFC 9457) have a title, a detail and errors. */
export class Refusal extends Error {
  constructor(status, problem) {
    const errors = (problem.errors ?? []).map((error) => {
      const place = error.pointer?.split("/").at(-1).replace("#", "");
      return place ? `${place}: ${error.detail}` : error.detail;
    });
    super(errors.join("\n") || problem.detail || problem.title || `The server answered ${status}.`);
    this.status = status;
  }
}

async function request(path, options) {
  const response = await fetch(path, options);
  if (!response.ok) throw new Refusal(response.status, await response.json().catch(() => ({})));
  return response.json();
}

export const get = (path, parameters = {}) => {
  const query = new URLSearchParams(parameters).toString();
  return request(query ? `${path}?${query}` : path, { headers: { Accept: "application/json" } });
};

export const post = (path, body) =>
  request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });

/** Amounts come as text, so that no cent is lost; we count in cents. */
export const cents = (amount) => Math.round(Number(amount) * 100);

const euros = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" });
const roundEuros = new Intl.NumberFormat("en", { style: "currency", currency: "EUR", maximumFractionDigits: 0 });
export const money = (amount) => euros.format(amount);
export const roundMoney = (amount) => roundEuros.format(amount);
export const number = (value) => new Intl.NumberFormat("en").format(value);
export const plural = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;

/** The parts of a moment, where the venue is. */
export function localTime(moment, timeZone) {
  const format = (options) => new Intl.DateTimeFormat("en-GB", { timeZone, ...options }).format(new Date(moment));
  return {
    day: format({ day: "numeric" }),
    month: format({ month: "short" }),
    weekday: format({ weekday: "long" }),
    time: format({ hour: "2-digit", minute: "2-digit" }),
    date: format({ day: "numeric", month: "long", year: "numeric" }),
  };
}

export function ago(moment) {
  const seconds = Math.max(0, (Date.now() - new Date(moment)) / 1000);
  if (seconds < 45) return "just now";
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 129600 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86400)} days ago`;
}
