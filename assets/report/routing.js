// The routing table, evaluated as app/routing/domain.py evaluates it; tests/routing/cases.json keeps the two together.

import { fromUtf8 } from "./bytes.js";
import { Refused, refuseUnless } from "./refused.js";

const external = "external";
const anybody = "*";

export function readTable(bytes) {
  let table;
  try {
    table = JSON.parse(fromUtf8(bytes));
  } catch {
    throw new Refused("routing", "the routing table is not JSON");
  }
  refuseUnless(table?.format === "candour-routing/1", "routing", "the routing table is of a format this page does not know");
  return table;
}

const matches = (rule, about) => rule.about === anybody || about.some((code) => rule.about.includes(code));

// Returns the id of the desk for these answers, or null where the portal should only point elsewhere.
// `desks` maps a desk's id to the ids of its members.
export function chooseDesk(table, { about, leftOut, desks }) {
  const rule = table.rules.find((candidate) => matches(candidate, about));
  refuseUnless(rule !== undefined, "routing", "no rule of the routing table is for this");
  if (rule.to === external) return null;
  for (const desk of [rule.to, ...(table.fall_through[rule.to] ?? [])]) {
    const readers = (desks[desk] ?? []).filter((id) => !leftOut.includes(id));
    if (readers.length >= table.fewest_readers) return desk;
  }
  return null;
}
