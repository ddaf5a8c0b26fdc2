import { assert, assertEquals, assertRejects } from "@std/assert";
import { later, tellOfFailedLoads } from "../../src/deps/later.ts";
import { configuredMailer } from "../../src/mail/configured_mailer.ts";
import { passwordHasherLoadedLater } from "../../src/authn/passwords/hasher_loaded_later.ts";
import { passwordHasher } from "../../src/authn/passwords/hasher.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { aProvider } from "../support/provider.ts";
import { silentLogger } from "../support/silent_logger.ts";

Deno.test("code is loaded once, at its first use", async () => {
  let loads = 0;
  const code = later(() => Promise.resolve(++loads));
  assertEquals([code.peek(), code.begun()], [null, null]);
  const twice = (n: number) => Promise.resolve(n * 2);
  assertEquals(await Promise.all([code.use(twice), code.load(), code.use(twice)]), [2, 1, 2]);
  assertEquals([code.peek(), await code.begun()], [1, 1]);
});

Deno.test("code that cannot be loaded is not tried again, is logged once, and leaves the process unready", async () => {
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (line: string) => errors.push(line) };
  await using provider = await aProvider({ logger });
  const ready = async () => {
    const { status, body } = await provider.request("/readyz");
    await body?.cancel();
    return status;
  };
  assertEquals(await ready(), 200);

  let loads = 0;
  tellOfFailedLoads((error) => provider.deps.health.notice("code_not_loaded", error));
  const code = later(async () => {
    loads++;
    await import(`./${"no_such_module"}.ts`);
  });
  for (let n = 0; n < 3; n++) {
    await assertRejects(() => code.use(() => Promise.resolve()), TypeError, "no_such_module");
  }
  assertEquals(loads, 1);
  assertEquals(errors.length, 1);
  assert(errors[0]?.includes("could not be loaded"), errors[0]);
  provider.clock.advance(3600);
  assertEquals(await ready(), 503);
  assertEquals(await provider.deps.health.check(), "code_not_loaded");
});

Deno.test("a damaged store is told before code that could not be loaded, whichever was found first", async () => {
  for (const faults of [["damaged", "code_not_loaded"], ["code_not_loaded", "damaged"]] as const) {
    await using provider = await aProvider();
    const { health } = provider.deps;
    for (const fault of faults) health.notice(fault, new Error(fault));
    assertEquals(await health.check(), "store_damaged", faults.join());
  }
});

Deno.test("a mailer is loaded with the first mail, and once", async () => {
  let loads = 0;
  const sent: string[] = [];
  await using provider = await aProvider();
  const { config } = provider.deps;
  const api = { url: "https://mail.example/", headers: {}, body: { to: "{to}" } };
  const mail = {
    kind: "http" as const,
    from: { name: "Latchkey", address: "id@op.example" },
    // Read when the mailer is made.
    get api() {
      loads++;
      return api;
    },
  };
  const mailer = configuredMailer({ ...config, mail }, {
    fetch: (_, init) => {
      sent.push(String(init?.body));
      return Promise.resolve(new Response(null, { status: 202 }));
    },
    print() {},
    logger: silentLogger,
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(loads, 0);
  const { signal } = new AbortController();
  for (const to of ["alice@example.com", "bob@example.com"]) {
    await mailer.send({ id: "A".repeat(22), to, subject: "s", text: "t", html: "h" }, signal);
  }
  assertEquals([loads, sent.length], [1, 2]);
});

Deno.test("a hasher that is loaded later knows a cheaper hash, and is closed before its first use too", async () => {
  passwordHasherLoadedLater(systemRandom).close();
  using cheap = passwordHasher(systemRandom, { memoryKiB: 8, iterations: 1 });
  const old = await cheap.hash("correct horse");
  const hasher = passwordHasherLoadedLater(systemRandom);
  assert(await hasher.verify("correct horse", old));
  assertEquals(await hasher.verifyDecoy("correct horse"), false);
  assertEquals([hasher.needsRehash(old), hasher.needsRehash(await hasher.hash("x"))], [
    true,
    false,
  ]);
  hasher.close();
});
