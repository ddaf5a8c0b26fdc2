import { assertEquals, assertRejects } from "@std/assert";
import { StoreNotOpened } from "../../../stores/engine/local_file.ts";
import { failedAtStart } from "../../../stores/engine/not_connected.ts";
import { openRemote } from "../../../stores/engine/remote.ts";
import { StoreUnavailable } from "../../../stores/engine/store_errors.ts";
import { testClock } from "../../support/clock.ts";

/** What is said of a store that cannot be opened, because opening it throws this. */
async function refusalAfter(thrown: string): Promise<string> {
  const clock = testClock();
  let isOver = false;
  const open = () => Promise.reject(new TypeError(thrown));
  const opening = assertRejects(() => openRemote(open, { timers: clock.timers }), StoreNotOpened)
    .finally(() => isOver = true);
  while (!isOver) {
    await new Promise((resolve) => setTimeout(resolve));
    clock.advance(1);
  }
  return (await opening).message;
}

const url = "http://kv.example:4512/";

Deno.test("a store that cannot be opened says what failed, without the body of an answer", async () => {
  const open = "Could not open Deno KV database: ";
  const page = "<!DOCTYPE html><title>somebody's page</title>";
  const status = `${open}the metadata endpoint at '${url}' responded with status`;
  const connect = `${open}failed to connect to '${url}': error sending request for url (${url}): \
client error (Connect): tcp connect error: Connection refused (os error 111)`;
  assertEquals(
    await refusalAfter(`${status} 405 Method Not Allowed: ${page}`),
    "what LATCHKEY_KV names answers with the status 405, as no KV Connect server does: check the URL",
  );
  assertEquals(
    await refusalAfter(`${status} 503 Service Unavailable: ${page}`),
    "the KV Connect server answers with the status 503: check LATCHKEY_KV and the server",
  );
  assertEquals(
    await refusalAfter(connect),
    "the KV Connect server did not answer (tcp connect error: Connection refused (os error 111)): \
check LATCHKEY_KV and the server",
  );
  assertEquals(
    await refusalAfter(`anything else, and ${page}`),
    "the KV Connect server did not answer: check LATCHKEY_KV and the server",
  );
});

Deno.test("a store that fails during the start says what failed, without the body of an answer", () => {
  const told = (message: string) => {
    const failure = new StoreUnavailable("a read failed", { cause: new Error(message) });
    return /\((.*)\): see/s.exec(failedAtStart(failure) ?? "")?.[1];
  };
  const call = `KV Connect failed to call '${url}/snapshot_read' (status=400 Bad Request)`;
  assertEquals(told(`${call}: \x1b[31msomebody's page`), call);
  assertEquals(told("Failed to fetch metadata: <p>somebody's page"), "Failed to fetch metadata");
  assertEquals(told("no answer within 3000 ms"), "no answer within 3000 ms");
});
