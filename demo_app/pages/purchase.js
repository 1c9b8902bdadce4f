// Choosing seats, paying, and the ticket in the hand.

import { barcode, poster } from "./posters.js";
import { refresh } from "./programme.js";
import { beat } from "./pulse.js";
import { cents, find, get, h, localTime, money, plural, post } from "./tools.js";

const MOST = 10;
const dialog = find("purchase");

export function close() {
  dialog.close();
}

export async function open(event) {
  const listing = await get(`/listings/${event}`);
  dialog.replaceChildren(form(listing));
  if (!dialog.open) dialog.showModal();
}

function heading(event) {
  const when = localTime(event.starts_at, event.venue.time_zone);
  return h("header", {},
    poster(event),
    h("button", { class: "close", type: "button", "aria-label": "Close", onclick: close }, "×"),
    h("h2", { id: "purchase-title" }, event.title),
    h("p", {}, event.subtitle),
    h("p", { class: "where" }, `${when.weekday}, ${when.date}, ${when.time}`, h("br"),
      `${event.venue.name}, ${event.venue.city}, ${event.venue.country}`));
}

// -- Choosing ----------------------------------------------------------------------------------

function form(event) {
  const { tiers } = event;
  const wanted = new Map();
  const total = h("output", { class: "total" });
  const buy = h("button", { class: "primary", type: "submit" });
  const refusal = h("p", { class: "refusal", role: "alert" });
  const update = () => {
    const tickets = [...wanted.values()].reduce((sum, quantity) => sum + quantity, 0);
    const sum = tiers.reduce((cost, tier) => cost + cents(tier.price) * (wanted.get(tier.id) ?? 0), 0);
    total.textContent = tickets ? `${plural(tickets, "ticket")} · ${money(sum / 100)}` : "Choose your tickets";
    buy.textContent = "Buy";
    buy.disabled = tickets === 0;
  };
  const body = h("form", {},
    h("div", { class: "tiers" }, tiers.map((tier) => row(tier, wanted, update))),
    h("div", { class: "who" },
      h("label", {}, "Name", h("input", { name: "name", required: true, maxlength: "100", autocomplete: "name" })),
      h("label", {}, "Email", h("input", { name: "email", type: "email", required: true, autocomplete: "email" }))),
    refusal,
    h("div", { class: "pay" }, total, buy));
  body.addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    const customer = Object.fromEntries(new FormData(body));
    const lines = [...wanted].filter(([, quantity]) => quantity).map(([tier, quantity]) => ({ tier, quantity }));
    buy.disabled = true;
    buy.textContent = "One moment …";
    try {
      const receipt = await post("/orders", { event: event.id, lines, customer });
      dialog.replaceChildren(ticket(receipt, customer.name));
    } catch (error) {
      refusal.textContent = error.message;
      update();
    }
    refresh(event.id);
    beat();
  });
  update();
  return h("div", { class: "sheet" }, heading(event), body);
}

function row(tier, wanted, update) {
  const count = h("output", {}, "0");
  const most = Math.min(tier.available, MOST);
  const less = h("button", { type: "button", "aria-label": `One ${tier.name} ticket less`, onclick: () => step(-1) }, "−");
  const more = h("button", { type: "button", "aria-label": `One ${tier.name} ticket more`, onclick: () => step(1) }, "+");
  const step = (change) => {
    const quantity = Math.max(0, Math.min(most, (wanted.get(tier.id) ?? 0) + change));
    wanted.set(tier.id, quantity);
    count.textContent = String(quantity);
    less.disabled = quantity === 0;
    more.disabled = quantity === most;
    update();
  };
  less.disabled = true;
  more.disabled = most === 0;
  return h("div", { class: `tier${tier.available ? "" : " gone"}` },
    h("span", { class: "name" }, tier.name, h("small", {}, tier.available ? `${tier.available} of ${tier.capacity} left` : "sold out")),
    h("span", { class: "price" }, money(tier.price)),
    h("span", { class: "stepper" }, less, count, more));
}

// -- The ticket --------------------------------------------------------------------------------

function ticket(order, name) {
  const note = h("p", { class: "refusal", role: "alert" });
  const stub = h("div", { class: "sheet ticket" },
    heading(order.event),
    h("div", { class: "stub" },
      h("p", { class: "thanks" }, `Enjoy the evening, ${name}.`),
      h("ul", {}, order.lines.map((line) => h("li", {}, `${line.quantity} × ${line.tier.name}`, h("span", {}, money(line.unit_price * line.quantity))))),
      h("p", { class: "sum" }, plural(order.tickets, "ticket"), h("span", {}, money(order.total))),
      barcode(order.reference),
      h("code", {}, order.reference)),
    note,
    h("div", { class: "pay" },
      h("button", { class: "quiet", type: "button", onclick: giveBack }, "Give them back"),
      h("button", { class: "primary", type: "button", onclick: close }, "Done")));
  async function giveBack(clicked) {
    clicked.target.disabled = true;
    try {
      await post(`/orders/${order.reference}/cancel`);
      stub.classList.add("returned");
      note.textContent = "Returned, and the money is on its way back.";
    } catch (error) {
      note.textContent = error.message;
    }
    refresh(order.event.id);
    beat();
  }
  return stub;
}
