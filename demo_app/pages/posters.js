// A poster for every event, drawn from its number: the same event always looks the same.

import { s } from "./tools.js";

const WIDTH = 320;
const HEIGHT = 150;

const HUES = { concert: 350, classical: 215, opera: 8, theatre: 285, dance: 165, comedy: 42, family: 125 };

/** Repeatable chance (mulberry32). */
function chance(seed) {
  let state = seed * 0x9e3779b1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const between = (random, low, high) => low + random() * (high - low);

const DRAW = {
  concert(random, paint) {
    const x = between(random, 60, 260);
    return Array.from({ length: 9 }, (_, ring) =>
      s("circle", { cx: x, cy: HEIGHT + 10, r: 24 + ring * 22, fill: "none", stroke: paint(ring), "stroke-width": 9 }));
  },
  classical(random, paint) {
    const height = between(random, 12, 30);
    return Array.from({ length: 5 }, (_, line) => {
      const y = 38 + line * 18;
      const wave = `M-10 ${y} C 80 ${y - height}, 130 ${y + height}, 200 ${y} S 290 ${y - height}, 340 ${y + 6}`;
      return s("path", { d: wave, fill: "none", stroke: paint(line), "stroke-width": 3.5 });
    }).concat(Array.from({ length: 6 }, (_, note) =>
      s("ellipse", { cx: 30 + note * 52 + between(random, -9, 9), cy: between(random, 36, 112), rx: 9, ry: 6.5,
        fill: paint(3), transform: "rotate(-18)", "transform-origin": "center", style: "transform-box: fill-box" })));
  },
  opera(random, paint) {
    return Array.from({ length: 14 }, (_, fold) => {
      const x = fold * 25 - 14;
      const gap = Math.abs(fold - 6.5) * between(random, 7, 12) + 18;
      return s("path", { d: `M${x} 0 H${x + 27} V${HEIGHT - 70 + gap} Q ${x + 13} ${HEIGHT - 52 + gap} ${x} ${HEIGHT - 70 + gap} Z`,
        fill: paint(fold % 4) });
    });
  },
  theatre(random, paint) {
    const tilt = between(random, -14, 14);
    const mask = (x, y, mouth, shade) => s("g", { transform: `translate(${x} ${y}) rotate(${tilt})` },
      s("path", { d: "M-42 -44 Q 0 -60 42 -44 V 4 Q 38 50 0 58 Q -38 50 -42 4 Z", fill: paint(shade) }),
      s("path", { d: `M-26 -14 q 9 -9 18 0 M8 -14 q 9 -9 18 0 M-20 ${mouth > 0 ? 14 : 30} q 20 ${mouth} 40 0`,
        fill: "none", stroke: "hsl(40 60% 96% / .85)", "stroke-width": 6, "stroke-linecap": "round" }));
    return [mask(205, 88, -26, 1), mask(118, 72, 26, 3)];
  },
  dance(random, paint) {
    return Array.from({ length: 10 }, (_, ribbon) => {
      const bend = between(random, 20, 130);
      return s("path", { d: `M${-20 + ribbon * 14} ${HEIGHT + 10} C ${60 + ribbon * 16} ${bend}, ${120 + ribbon * 10} ${HEIGHT - bend}, ${190 + ribbon * 18} -12`,
        fill: "none", stroke: paint(ribbon % 5), "stroke-width": 5, "stroke-linecap": "round" });
    });
  },
  comedy(random, paint) {
    const x = between(random, 120, 230);
    const y = between(random, 48, 70);
    const wide = between(random, 34, 56);
    const face = { fill: "none", stroke: "hsl(40 60% 96%)", "stroke-width": 11, "stroke-linecap": "round" };
    return Array.from({ length: 40 }, (_, dot) =>
      s("circle", { cx: (dot % 10) * 34 + 10, cy: Math.floor(dot / 10) * 40 + 16, r: between(random, 3, 15), fill: paint(dot % 4) }))
      .concat(s("path", { d: `M${x - wide} ${y + 16} q ${wide} ${between(random, 30, 80)} ${wide * 2} 0`, ...face }),
        s("path", { d: `M${x - wide / 2} ${y - 12} v 4 M${x + wide / 2} ${y - 12} v 4`, ...face }));
  },
  family(random, paint) {
    return Array.from({ length: 16 }, (_, star) => {
      const size = between(random, 0.5, 2.1);
      const place = `translate(${between(random, 0, WIDTH)} ${between(random, 0, HEIGHT)}) rotate(${between(random, 0, 72)}) scale(${size})`;
      return s("path", { d: "M0-14 4-4 14-4 6 3 9 13 0 7-9 13-6 3-14-4-4-4z", fill: paint(star % 4), transform: place });
    });
  },
};

export function poster(event) {
  const random = chance(event.id + 17);
  const hue = (HUES[event.category] ?? 200) + between(random, -16, 16);
  const paint = (shade) => `hsl(${hue + shade * 9} 68% ${46 + shade * 7}% / .8)`;
  const picture = s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true" },
    s("rect", { width: WIDTH, height: HEIGHT, fill: `hsl(${hue - 14} 52% 24%)` }),
    (DRAW[event.category] ?? DRAW.comedy)(random, paint));
  picture.classList.add("poster");
  return picture;
}

/** Bars that follow a reference, for the stub of a ticket. */
export function barcode(text) {
  const bars = [];
  let x = 0;
  for (const sign of text.replaceAll("-", "")) {
    const value = parseInt(sign, 16);
    bars.push(s("rect", { x, y: 0, width: 1 + (value & 3), height: 40 }));
    x += 3 + (value & 3) + (value >> 2);
  }
  return s("svg", { viewBox: `0 0 ${x} 40`, preserveAspectRatio: "none", class: "barcode", "aria-hidden": "true" }, bars);
}
