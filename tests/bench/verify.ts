import { settleTime } from "../../src/audit/seal.ts";
import type { Browser } from "../support/browser.ts";
import { anInstallation } from "../support/server_process.ts";
import { fill } from "./audit_filling.ts";
import { joined, pacedLoad } from "./load.ts";
import { maintained } from "./maintained.ts";
import { benchClients, benchResources, operations, operator, person } from "./operations.ts";
import { signedIn } from "./operations.ts";
import { readOptions } from "./options.ts";
import { table } from "./table.ts";
import { targetOf } from "./target.ts";

const connections = 16;
const measures = ["p50", "p95", "p99"] as const;

/** Prints how much slower the token endpoint is while the server seals and verifies many audit events. */
async function main() {
  const options = readOptions(Deno.args, { events: "100000", seconds: "10", rate: "60" });
  const [events, seconds, rate] = [options.events, options.seconds, options.rate].map(Number);
  if (!events || !seconds || !rate) throw new Error("the options are numbers above 0");
  await using installation = await anInstallation({
    clients: [...benchClients, operator],
    resources: benchResources,
    users: [person],
    env: { LATCHKEY_LOG_LEVEL: "warn" },
  });
  const first = await installation.start(); // it makes the keys and the people
  await first.kill("SIGTERM");
  await fill(`${installation.directory}/kv.sqlite`, { events, joined: 0 });

  const server = await installation.start();
  const target = targetOf(installation.issuer, server);
  const people: Browser[] = [];
  while (people.length < connections) people.push(await signedIn(target));
  const refresh = operations.find(({ name, signature }) =>
    name === "refresh" && signature === "ES256"
  );
  if (refresh === undefined) throw new Error("there is no such operation");
  const loop = await Promise.all(people.map((browser) => refresh.prepare(target, browser)));
  const measured = (long: number | Promise<unknown>) => pacedLoad(loop, long, rate);

  await measured(seconds / 5); // until it is warm
  const before = await measured(seconds);
  const sealBegan = performance.now();
  const sealing = await measured(maintained(target, "seal"));
  // It waits so long before it begins.
  const sealed = (performance.now() - sealBegan - settleTime) / 1000;
  const verification = maintained(target, "verify");
  const begun = performance.now();
  const verifying = await measured(verification);
  const took = (performance.now() - begun) / 1000;
  const { state } = await verification;
  if (state !== "intact") throw new Error(`the trail is ${state}`);
  // Before and after, so that a machine that gets busier meanwhile does not count as slow.
  const alone = joined([before, await measured(seconds)]);

  console.log(`Refreshes (ES256), ${rate} a second, on a file with ${events} audit events; the \
sealing took ${sealed.toFixed(1)} s (${(events / sealed).toFixed(0)} events a second), the \
verification ${took.toFixed(1)} s\n`);
  const rows = Object.entries({ alone, sealing, verifying }).map(([name, load]) => [
    name,
    ...measures.map((measure) => load[measure].toFixed(1)),
    (load.p99 / alone.p99).toFixed(2),
  ]);
  console.log(table(["meanwhile", "p50 ms", "p95 ms", "p99 ms", "p99 to alone"], rows));
}

if (import.meta.main) await main();
