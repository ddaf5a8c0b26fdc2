import { assert, assertEquals } from "@std/assert";
import { orderedCrypto } from "./crypto.ts";
import { anInstallation } from "./installation.ts";
import { add, emptyTotal, failureText } from "./report.ts";
import { runSeed } from "./run.ts";
import { test } from "./test.ts";

const seeds = 100;

test("with any failure, nothing is used twice, lost, left without its audit event or left dangling", async () => {
  using crypto = orderedCrypto();
  const installation = await anInstallation();
  const total = emptyTotal();
  for (let seed = 1; seed <= seeds; seed++) {
    add(total, await runSeed(seed, { crypto, installation }));
  }

  assertEquals(total.failures.map((failure) => failureText(failure, [])), []);
  // A proof that nothing went wrong in would prove nothing.
  const { unknownOutcomes = 0, undelivered = 0, deaths = 0, jumps = 0 } = total.numbers;
  assert(unknownOutcomes > 0 && undelivered > 0 && deaths > 0 && jumps > 0);
  assertEquals(Object.keys(total.openings).sort(), [
    "address_change",
    "authenticator_app",
    "invitation",
    "passkey_authentication",
    "passkey_registration",
    "password_reset",
    "sign_up",
  ]);
});

test("a seed always gives the same calls to the store", async () => {
  using crypto = orderedCrypto();
  const first = await tracesOf(crypto);
  const second = await tracesOf(crypto);
  for (const [n, trace] of first.entries()) assertEquals(trace, second[n]);
  assert(first.every((trace) => trace.length > 0));
});

test("the report of a failing seed shows the fault, the events before it, and the command to replay it", () => {
  const text = failureText({ seed: 7, findings: ["it was spent twice"] }, ["p1.1 read"]);
  assertEquals(text.split("\n"), [
    "p1.1 read",
    "",
    "seed 7:",
    "  it was spent twice",
    "replay: deno task prove:simulation --seed 7",
  ]);
});

async function tracesOf(crypto: ReturnType<typeof orderedCrypto>): Promise<string[][]> {
  // Its keys are made anew, and must make no difference.
  const installation = await anInstallation();
  const traces: string[][] = [];
  for (let seed = 1; seed <= 20; seed++) {
    const trace: string[] = [];
    await runSeed(seed, { crypto, installation, trace });
    traces.push(trace);
  }
  return traces;
}
