// The events to come: search, categories, cards.

import { poster } from "./posters.js";
import { bar, find, get, h, localTime, money, plural } from "./tools.js";

const PAGE = window.matchMedia("(max-width: 560px)").matches ? 8 : 24;
let category = "";
let shown = 0;
let asked = 0; // answers to earlier questions come too late
let choose = () => {};

function card(listing) {
  const { venue, tiers } = listing;
  const when = localTime(listing.starts_at, venue.time_zone);
  const left = tiers.reduce((sum, tier) => sum + tier.available, 0);
  const capacity = tiers.reduce((sum, tier) => sum + tier.capacity, 0);
  const open = tiers.filter((tier) => tier.available);
  const cheapest = open.length ? Math.min(...open.map((tier) => Number(tier.price))) : null;
  const scarce = left > 0 && left <= Math.max(4, capacity / 6);
  return h("button", { class: `card${left ? "" : " sold-out"}`, type: "button", "data-event": String(listing.id), onclick: () => choose(listing.id) },
    poster(listing),
    h("time", { class: "date", datetime: listing.starts_at }, h("b", {}, when.day), when.month),
    h("div", { class: "text" },
      h("h3", {}, listing.title),
      h("p", { class: "subtitle" }, listing.subtitle),
      h("p", { class: "place" }, `${venue.city}, ${venue.country}`),
      h("p", { class: "house" }, `${when.weekday.slice(0, 3)} ${when.time} · ${venue.name}`)),
    h("div", { class: "sale" },
      bar(left, capacity, `${left} of ${capacity} left`, scarce ? 1 : 0),
      h("span", { class: scarce ? "left scarce" : "left" }, left ? `${left} left` : "none left"),
      h("span", { class: "price" }, cheapest === null ? "" : `from ${money(cheapest)}`)),
    left ? null : h("span", { class: "stamp" }, "Sold out"));
}

export async function show({ more = false } = {}) {
  const form = new FormData(find("filters"));
  const offset = more ? shown : 0;
  const mine = ++asked;
  find("cards").setAttribute("aria-busy", "true");
  const page = await get("/listings", {
    search: form.get("search").trim(),
    category,
    available: form.has("available"),
    limit: PAGE,
    offset,
  });
  if (mine !== asked) return;
  const cards = page.items.map(card);
  if (more) find("cards").append(...cards);
  else find("cards").replaceChildren(...cards);
  find("cards").removeAttribute("aria-busy");
  shown = offset + page.items.length;
  find("found").textContent = page.total ? `${plural(page.total, "event")}, soonest first` : "Nothing like that is on.";
  find("more").hidden = shown >= page.total;
}

/** Draw one card anew, when its tickets have changed. */
export async function refresh(event) {
  const old = document.querySelector(`.card[data-event="${event}"]`);
  if (old) old.replaceWith(card(await get(`/listings/${event}`)));
}

function chip(value, label) {
  const input = h("input", { type: "radio", name: "category", value, checked: value === category });
  input.addEventListener("change", () => {
    category = value;
    show();
  });
  return h("label", {}, input, h("span", {}, label));
}

export async function start(onChoose) {
  choose = onChoose;
  let typing;
  find("filters").addEventListener("submit", (event) => event.preventDefault());
  find("filters").elements.search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(show, 180);
  });
  find("filters").elements.available.addEventListener("change", () => show());
  find("more").addEventListener("click", () => show({ more: true }));
  const categories = await get("/categories");
  find("chips").append(chip("", "Everything"), ...categories.map(({ value, label }) => chip(value, label)));
  await show();
}
