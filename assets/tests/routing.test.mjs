import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { chooseDesk, readTable } from "../report/routing.js";
import { refusedAs } from "./support.mjs";

const at = (path) => new URL(`../../${path}`, import.meta.url);
const table = readTable(readFileSync(at("app/routing/table.json")));
const cases = JSON.parse(readFileSync(at("tests/routing/cases.json"), "utf8"));
// The same people as in tests/routing/test_choose_desk.py.
const everybody = { psd: ["amara", "tom", "helen"], independent: ["ruth", "dev"] };

test("the browser decides as the server does", () => {
  assert.ok(cases.length > 0);
  for (const { why, about, left_out = [], desks = everybody, desk } of cases) {
    assert.equal(chooseDesk(table, { about, leftOut: left_out, desks }) ?? "external", desk, why);
  }
});

test("a table of another format is refused", () => {
  for (const text of ["", "[]", '{"format": "candour-routing/2"}']) {
    assert.throws(() => readTable(new TextEncoder().encode(text)), refusedAs("routing"));
  }
});
