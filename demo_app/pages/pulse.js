// What moves: today's numbers, the last sales, the state of the database.

import { ago, bar, find, get, h, money, number, roundMoney, s } from "./tools.js";

const EVERY = 3000;
const DAYS = 30;
let newest = "";

function count(name, text) {
  const place = document.querySelector(`[data-number="${name}"]`);
  if (place.textContent === text) return;
  const first = place.textContent === "–";
  place.textContent = text;
  if (!first) place.animate([{ color: "var(--accent)", transform: "scale(1.08)" }, {}], { duration: 700, easing: "ease-out" });
}

function sold(sale, fresh) {
  return h("li", { class: fresh ? "fresh" : "" },
    h("span", { class: "what" }, `${sale.tickets} × ${sale.title}`),
    h("span", { class: "amount" }, money(sale.total)),
    h("span", { class: "when" }, `${sale.city} · ${ago(sale.placed_at)}`));
}

function fact(name, ...value) {
  return [h("dt", {}, name), h("dd", {}, ...value)];
}

function engine(database, tookMs) {
  const { pool } = database;
  const facts = [
    ...fact("Database", database.vendor === "postgresql" ? "PostgreSQL" : "SQLite"),
    ...fact("Its answer", `${database.answers_in_ms.toFixed(1)} ms`),
    ...fact("This panel", `${Math.round(tookMs)} ms`),
  ];
  if (pool.pool_size !== undefined) {
    const used = pool.pool_size - pool.pool_available;
    facts.push(
      ...fact("Connections", `${used} busy of ${pool.pool_size}`, bar(pool.pool_size, pool.pool_max, `${pool.pool_size} of at most ${pool.pool_max} open`)),
      ...fact("Handed out", `${number(pool.requests_num)} times`),
      ...fact("After a wait", `${number(pool.requests_queued ?? 0)} times`));
  } else {
    facts.push(...fact("Connections", pool.open ? "open" : "closed"));
  }
  find("engine").replaceChildren(...facts);
}

function healthy(ok, text) {
  find("health").className = `health ${ok ? "ok" : "bad"}`;
  find("health").lastElementChild.textContent = text;
}

export async function beat() {
  const started = performance.now();
  try {
    const pulse = await get("/pulse");
    count("events", number(pulse.events));
    count("cities", number(pulse.cities));
    count("tickets", number(pulse.today.tickets));
    count("revenue", roundMoney(pulse.today.revenue));
    find("ticker").replaceChildren(...pulse.latest.map((sale) => sold(sale, newest && sale.placed_at > newest)));
    const latest = pulse.latest[0]?.placed_at ?? newest;
    if (newest && latest !== newest) chart();
    newest = latest;
    engine(pulse.database, performance.now() - started);
    healthy(pulse.database.status === "ok", pulse.database.status === "ok" ? "healthy" : "database is down");
  } catch (error) {
    healthy(false, error.status ? "database is down" : "no answer");
  }
}

export async function chart() {
  const days = await get("/reports/sales", { by: "day", days: DAYS });
  const highest = Math.max(1, ...days.map((day) => Number(day.revenue)));
  const bars = days.map((day, index) => {
    const height = Math.max(1.5, (Number(day.revenue) / highest) * 100);
    const bar = s("rect", { x: index * 10 + 1, y: 100 - height, width: 8, height, rx: 1.5, class: index === DAYS - 1 ? "today" : "" });
    bar.append(s("title", {}, `${day.label}: ${day.tickets} tickets, ${money(day.revenue)}`));
    return bar;
  });
  const total = days.reduce((sum, day) => sum + Number(day.revenue), 0);
  const tickets = days.reduce((sum, day) => sum + day.tickets, 0);
  find("chart").setAttribute("viewBox", `0 0 ${DAYS * 10} 100`);
  find("chart").setAttribute("preserveAspectRatio", "none");
  find("chart").replaceChildren(...bars);
  find("chart-caption").textContent = `The last ${DAYS} days: ${number(tickets)} tickets, ${roundMoney(total)}`;
}

export function start() {
  beat();
  chart();
  setInterval(() => document.hidden || beat(), EVERY);
}
