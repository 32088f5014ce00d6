// Says where every combination of answers leads, as a digest. Run by tests/routing/test_choose_desk.py.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { chooseDesk, readTable } from "../report/routing.js";

const { table, desks, leftOut, most, about, single } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const read = readTable(new TextEncoder().encode(JSON.stringify(table)));
const digest = createHash("sha256");

// In the order of Python's itertools.combinations.
function* combinations(size, start = 0, chosen = []) {
  if (chosen.length === size) yield chosen;
  else for (let at = start; at < about.length; at += 1) yield* combinations(size, at + 1, [...chosen, about[at]]);
}

for (const out of leftOut) {
  for (let size = 0; size <= most; size += 1) {
    for (const chosen of combinations(size)) {
      for (const force of single[0]) for (const category of single[1]) for (const wish of single[2]) {
        const { desk, signposts } = chooseDesk(read, { answers: { about: chosen, force, category, wish }, leftOut: out, desks });
        digest.update(`${desk ?? signposts.join(" ")}\n`);
      }
    }
  }
}
console.log(digest.digest("hex"));
