// Thirty buyers, ten tickets: made and carried out with the public API, as any client could.

import { show } from "./programme.js";
import { beat } from "./pulse.js";
import { find, get, h, plural, post } from "./tools.js";

const BUYERS = 30;
const TICKETS = 10;

const dots = Array.from({ length: BUYERS }, () => h("i"));

async function secretShow() {
  const { items: [venue] } = await get("/venues", { limit: 1, offset: Math.floor(Math.random() * 150) });
  const tonight = new Date(Date.now() + 6 * 3600 * 1000);
  tonight.setUTCMinutes(0, 0, 0);
  const event = await post("/events", {
    title: "Secret Show",
    subtitle: "ten people, one microphone",
    category: "concert",
    venue: venue.id,
    starts_at: tonight.toISOString(),
  });
  return post("/price-tiers", { event: event.id, name: "Sofa", price: "25.00", capacity: TICKETS });
}

async function buyer(number, tier) {
  const customer = { name: `Buyer ${number + 1}`, email: `rush.${tier.id}.${number + 1}@example.org` };
  try {
    await post("/orders", { event: tier.event, lines: [{ tier: tier.id, quantity: 1 }], customer });
    dots[number].className = "in";
    return "sold";
  } catch (error) {
    dots[number].className = error.status === 409 ? "out" : "failed";
    return error.status === 409 ? "turned away" : "failed";
  }
}

async function rush() {
  find("rush").disabled = true;
  find("verdict").textContent = "Here they come …";
  dots.forEach((dot) => (dot.className = "waiting"));
  try {
    const tier = await secretShow();
    const started = performance.now();
    const outcomes = await Promise.all(dots.map((_, number) => buyer(number, tier)));
    const took = Math.round(performance.now() - started);
    const count = (outcome) => outcomes.filter((each) => each === outcome).length;
    const failed = count("failed") ? `, ${count("failed")} failed` : "";
    find("verdict").textContent = `${plural(count("sold"), "ticket")} sold, ${count("turned away")} turned away${failed}, in ${took} ms.`;
  } catch (error) {
    find("verdict").textContent = error.message;
  }
  find("rush").disabled = false;
  beat();
  show();
}

export function start() {
  find("dots").append(...dots);
  find("rush").addEventListener("click", rush);
}
