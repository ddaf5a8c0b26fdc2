import { parseArgs } from "node:util";
import { seededRandom } from "../support/random.ts";
import { acknowledgedSteps } from "./acknowledged.ts";
import { crashLoad, type Load } from "./crash_load.ts";
import { guessesWithKills } from "./guess_limits.ts";
import { halfDoneSteps } from "./half_done.ts";
import { sealedWithKills } from "./sealed_trail.ts";
import { singleUseThings } from "./single_use.ts";
import { grouped, markdownTable } from "./table.ts";
import { aWorld } from "./world.ts";

const usage = `Kills a server process under load at random moments, and starts it again on the same
file. Every step that was acknowledged must be there, and what was used once must stay used. A wrong
guess that was answered must count.

  --kills N    so many kills (100)
  --seed N     where the random moments begin; without it, somewhere else each time`;

/** Milliseconds; the load goes on for a random part of it before each kill. */
const longestLife = 1200;

/** Kills while the audit trail is sealed at the end. */
const sealingKills = 10;

async function main(): Promise<boolean> {
  const { kills, seed } = readOptions();
  console.error(`--kills ${kills} --seed ${seed}`);
  const random = seededRandom(seed);
  const below = (end: number) => new DataView(random.bytes(4).buffer).getUint32(0) % end;

  await using world = await aWorld({ processes: 1, file: true });
  const things = singleUseThings.filter(({ onlyRaced, mayRepeat }) => !onlyRaced && !mayRepeat);
  const makings = await Promise.all(
    things.map(async (thing) => ({ thing, make: await thing.prepare(world) })),
  );
  const load = crashLoad({ makings, steps: await acknowledgedSteps(world), below });

  let starting = 0;
  for (let kill = 1; kill <= kills && load.violations.length < 20; kill++) {
    const running = load.run();
    await new Promise((resolve) => setTimeout(resolve, below(longestLife)));
    await world.processes[0]?.kill("SIGKILL");
    await running;
    const began = Date.now();
    await world.restart(0);
    starting += Date.now() - began;
    await load.check();
    if (kill % 10 === 0) console.error(`${kill} kills, ${load.violations.length} violations`);
  }

  await load.checkLate();
  await world.processes[0]?.kill("SIGTERM");
  const { problems, looked } = await halfDoneSteps(world.file);
  console.log(tableOf(load));
  console.log(
    `\n${kills} kills; a start took ${Math.round(starting / kills)} ms on average. ` +
      `Of ${grouped(looked)} records at the end, ${problems.length} lack their audit event.`,
  );
  const sealed = await sealedWithKills(world.file, { kills: sealingKills, below });
  console.log(
    `The audit trail was sealed with ${sealingKills} kills: ${grouped(sealed.events)} events in ` +
      `${sealed.seals} seals, of which ${sealed.problems.length} have a problem.`,
  );
  const guesses = await guessesWithKills(below);
  for (const { what, answered, unanswered } of guesses) {
    console.log(
      `${what}, with a kill at each: the limit held after ${answered} answers and ${unanswered} kills before one.`,
    );
  }
  const forgiven = guesses.flatMap(({ problem }) => problem ?? []);
  const violations = [...load.violations, ...problems, ...sealed.problems, ...forgiven];
  for (const violation of violations.slice(0, 20)) console.error(violation);
  if (violations.length > 0) console.error(world.processes[0]?.output().slice(-4000));
  return violations.length === 0;
}

function tableOf({ counts }: Load): string {
  const numbers = ["Acknowledged", "Killed before the answer", "Looked for after a kill"];
  return markdownTable(
    ["Step", ...numbers.map((right) => ({ right }))],
    [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => [
      name,
      grouped(count.acknowledged),
      grouped(count.unanswered),
      grouped(count.checks),
    ]),
  );
}

function readOptions() {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      kills: { type: "string", default: "100" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    Deno.exit(0);
  }
  const [kills, seed] = [Number(values.kills), Number(values.seed)];
  if (!Number.isInteger(kills) || kills < 1) throw new Error("--kills must be a whole number");
  if (!Number.isInteger(seed)) throw new Error("--seed must be a whole number");
  return { kills, seed };
}

if (import.meta.main) Deno.exit(await main() ? 0 : 1);
