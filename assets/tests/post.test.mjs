import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { multipart, post } from "../report/post.js";
import { refusedAs } from "./support.mjs";

let asked;

// Answers requests in order: [status, answer, headers] or an Error for a lost connection.
function serverSaying(...answers) {
  asked = [];
  mock.method(globalThis, "fetch", async (path, settings) => {
    asked.push({ path, ...settings });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    const [status, body, headers = {}] = answer;
    return new Response(JSON.stringify(body), { status, headers });
  });
}

// What the server would read of a body.
const fieldsOf = (body) => new Response(body, { headers: { "Content-Type": body.type } }).formData();

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

const envelope = new Blob(["sealed"]);
const send = (settings) => post("/report/envelope", (ticket) => multipart({ ticket, desk: "psd", tag: "t", mailbox: "m", urgent: "" }, envelope), { ticket: "first", ...settings });
const stored = { look_again: "2026-11-29", collected_after: "2026-11-21" };

async function passTime(promise) {
  let settled = false;
  promise.finally(() => (settled = true)).catch(() => {});
  while (!settled) {
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(1000);
  }
  return promise;
}

test("it sends the protocol's fields in their order and no cookie", async () => {
  serverSaying([201, stored]);
  assert.deepEqual({ ...(await send()) }, { ...stored, isNew: true });
  const [{ path, method, credentials, referrerPolicy, body }] = asked;
  assert.deepEqual([path, method, credentials, referrerPolicy], ["/report/envelope", "POST", "omit", "no-referrer"]);
  const fields = await fieldsOf(body);
  assert.deepEqual([...fields.keys()], ["ticket", "desk", "tag", "mailbox", "urgent", "envelope"]);
  assert.equal(fields.get("envelope").name, "envelope");
  assert.equal(await fields.get("envelope").text(), "sealed");
});

test("stored before is not an error", async () => {
  serverSaying([200, stored]);
  assert.equal((await send()).isNew, false);
});

test("a stale ticket is exchanged once", async () => {
  serverSaying([409, { error: "stale_ticket", message: "", ticket: "second" }], [201, stored]);
  assert.equal((await send()).isNew, true);
  const sent = await Promise.all(asked.map(({ body }) => fieldsOf(body)));
  assert.deepEqual(sent.map((fields) => fields.get("ticket")), ["first", "second"]);
  serverSaying([409, { error: "stale_ticket", message: "", ticket: "second" }], [409, { error: "stale_ticket", message: "", ticket: "third" }]);
  await assert.rejects(send(), refusedAs("stale_ticket"));
});

test("a busy server is asked again after the time it named, and not for ever", async () => {
  const waits = [];
  serverSaying([503, { error: "busy", message: "", ticket: null }, { "Retry-After": "7" }], [201, stored]);
  assert.equal((await passTime(send({ onWait: (seconds) => waits.push(seconds) }))).isNew, true);
  assert.ok(waits.length === 1 && waits[0] >= 7 && waits[0] < 9, String(waits));
  const busy = [503, { error: "busy", message: "", ticket: null }, {}];
  serverSaying(busy, busy, busy, busy, busy, [201, stored]);
  await assert.rejects(passTime(send()), refusedAs("busy"));
});

test("a lost connection and an answer that is not the protocol's say that nothing is lost", async () => {
  serverSaying(new TypeError("Failed to fetch"));
  await assert.rejects(send(), refusedAs("unreachable"));
  mock.restoreAll();
  mock.method(globalThis, "fetch", async () => new Response("<html>proxy</html>", { status: 502 }));
  await assert.rejects(send(), refusedAs("unreachable"));
});

test("other refusals come back with their sentence", async () => {
  for (const [status, error] of [[400, "wrong_length"], [413, "too_large"], [507, "full"], [400, "unheard_of"]]) {
    serverSaying([status, { error, message: "", ticket: null }]);
    await assert.rejects(send(), (refused) => refused.code === error && refused.message.length > 20);
  }
});
