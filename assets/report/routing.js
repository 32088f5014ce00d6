// The routing table, evaluated as app/routing/domain.py evaluates it; tests/routing keeps the two together.

import { fromUtf8 } from "./bytes.js";
import { Refused, refuseUnless } from "./refused.js";

const external = "external";

export function readTable(bytes) {
  let table;
  try {
    table = JSON.parse(fromUtf8(bytes));
  } catch {
    throw new Refused("routing", "the routing table is not JSON");
  }
  refuseUnless(table?.format === "candour-routes/2", "routing", "the routing table is of a format this page does not know");
  return table;
}

// A question that was not answered is answered with "".
const matches = ({ when }, answers) =>
  Object.entries(when).every(([question, codes]) => [answers[question]].flat().some((code) => codes.includes(code)));

// A force's own desk of a kind, or else the one for all.
const deskOf = (kind, force, desks) => [`${kind}-${force}`, kind].find((id) => Object.hasOwn(desks, id));

// Returns {desk} with the id of the desk for these answers, or with null and the signposts to show where
// nobody here should read it. `answers` has about (a list), force, category and wish; `desks` maps a desk's
// id to the ids of its members; `fallThrough` is the keyring's own.
export function chooseDesk(table, { answers, leftOut, desks, fallThrough = {} }) {
  const rule = table.rules.find((candidate) => matches(candidate, answers));
  refuseUnless(rule !== undefined, "routing", "no rule of the routing table is for this");
  const barred = new Set(table.bars.filter((bar) => matches(bar, answers)).flatMap((bar) => bar.desks));
  const falls = rule.falls_to ?? fallThrough[rule.to] ?? table.fall_through[rule.to];
  for (const kind of rule.to === external ? [] : [rule.to, ...falls]) {
    const desk = deskOf(kind, answers.force, desks);
    if (barred.has(kind) || desk === undefined) continue;
    const readers = desks[desk].filter((id) => !leftOut.includes(id));
    if (readers.length >= table.fewest_readers) return { desk, signposts: [] };
  }
  return { desk: null, signposts: rule.signposts ?? table.usual_signposts };
}
