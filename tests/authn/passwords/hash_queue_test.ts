import { assert, assertEquals, assertRejects } from "@std/assert";
import { hashQueue } from "../../../src/authn/passwords/hash_queue.ts";
import { HasherBusy } from "../../../src/deps/password_hasher.ts";
import { ask, submitLogin } from "../../support/authorization.ts";
import { aProvider } from "../../support/provider.ts";
import { rateLimitLogs } from "../../limits/strangers.ts";

/** Tasks that end when the test says so. */
function someTasks() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    task: (name: string) => () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    },
    async end(name: string) {
      ends.get(name)?.();
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

Deno.test("hashes beyond the queue are refused at once, and those in it get their turn in order", async () => {
  const inTurn = hashQueue({ concurrency: 2, longest: 3 });
  const { begun, task, end } = someTasks();
  const names = ["a", "b", "c", "d", "e"];
  const done = names.map((name) => inTurn(false, task(name)));
  await assertRejects(() => inTurn(false, task("f")), HasherBusy);
  assertEquals(begun, ["a", "b"]);
  for (const name of names) await end(name);
  assertEquals(await Promise.all(done), names);
  assertEquals(begun, names);
});

Deno.test("known browsers have their own queue, and go before strangers", async () => {
  const inTurn = hashQueue({ concurrency: 1, longest: 2 });
  const { begun, task, end } = someTasks();
  const strangers = ["a", "b", "c"].map((name) => inTurn(false, task(name)));
  await assertRejects(() => inTurn(false, task("d")), HasherBusy);
  const known = ["k", "l"].map((name) => inTurn(true, task(name)));
  await assertRejects(() => inTurn(true, task("m")), HasherBusy);
  for (const name of ["a", "k", "l", "b", "c"]) await end(name);
  await Promise.all([...strangers, ...known]);
  assertEquals(begun, ["a", "k", "l", "b", "c"]);
});

Deno.test("a task that fails gives its place to the next", async () => {
  const inTurn = hashQueue({ concurrency: 1, longest: 1 });
  const failing = inTurn(false, () => Promise.reject(new Error("no memory")));
  const next = inTurn(false, () => Promise.resolve("next"));
  await assertRejects(() => failing, Error, "no memory");
  assertEquals(await next, "next");
  assertEquals(await inTurn(false, () => Promise.resolve("last")), "last");
});

Deno.test("a sign-in beyond the queue is answered 503 with Retry-After, and does not count as a guess", async () => {
  await using provider = await aProvider({ config: { rateLimits: true }, wrap: (kv) => kv });
  const { passwordHasher } = provider.deps;
  const busy = () => Promise.reject(new HasherBusy());
  Object.assign(passwordHasher, { verify: busy, verifyDecoy: busy });
  for (const username of ["alice", "nobody"]) {
    const browser = provider.browser();
    const login = await ask(provider, { browser });
    const { response, body } = await submitLogin(browser, login, { username, password: "x" });
    assertEquals(response.status, 503);
    assertEquals(response.headers.get("retry-after"), "3");
    assert(body.includes("temporarily_unavailable"));
  }
  assertEquals(await rateLimitLogs(provider, /^sign-in/), []);
});
