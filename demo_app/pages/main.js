// The page: every part starts by itself; the address says which event is open (#event/12).

import * as programme from "./programme.js";
import * as pulse from "./pulse.js";
import * as purchase from "./purchase.js";
import * as rush from "./rush.js";
import { find } from "./tools.js";

function follow() {
  const chosen = location.hash.match(/^#event\/(\d+)$/);
  if (chosen) purchase.open(chosen[1]).catch(() => history.replaceState(null, "", location.pathname));
  else purchase.close();
}

find("purchase").addEventListener("close", () => history.replaceState(null, "", location.pathname));
find("purchase").addEventListener("click", (event) => event.target === find("purchase") && purchase.close());
window.addEventListener("hashchange", follow);

programme.start((event) => (location.hash = `event/${event}`)).catch(() => (find("found").textContent = "The programme cannot be read just now."));
pulse.start();
rush.start();
follow();
