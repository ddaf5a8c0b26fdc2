import { parseArgs } from "node:util";
import { type Attempt, type Outcome, type SingleUse, singleUseThings } from "./single_use.ts";
import { grouped, markdownTable } from "./table.ts";
import { aWorld, type World } from "./world.ts";

const usage = `Races each thing that may be used once: 50 attempts at the same time, spread over
several server processes on one KV Connect server. Exactly one of them must win, each time.

  --rounds N      so many races of each thing (50; those that are expensive on purpose: fewer)
  --attempts N    so many attempts in all, instead of --rounds
  --processes N   server processes (3)
  --file          one process on a local file, instead of several on a KV Connect server
  --only TEXT     only the things whose names hold this text`;

/** How many come for the same thing at the same time. */
const atOnce = 50;

interface Result {
  readonly name: string;
  rounds: number;
  attempts: number;
  winners: number;
  readonly others: Map<Outcome, number>;
  /** What must not happen: no winner, two winners, an answer that is no refusal. */
  readonly violations: string[];
}

async function main(): Promise<boolean> {
  const options = readOptions();
  const things = singleUseThings.filter(({ name }) => name.includes(options.only));
  const rounds = options.attempts === null ? options.rounds : Math.ceil(
    options.attempts / atOnce / things.reduce((sum, { every = 1 }) => sum + 1 / every, 0),
  );

  await using world = await aWorld(options);
  const results: Result[] = [];
  for (const thing of things) {
    const began = Date.now();
    const result = await race(world, thing, Math.ceil(rounds / (thing.every ?? 1)));
    results.push(result);
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    console.error(`${thing.name}: ${result.rounds} rounds in ${seconds} s`);
  }

  console.log(tableOf(results));
  const violations = results.flatMap((result) => result.violations);
  for (const violation of violations.slice(0, 20)) console.error(violation);
  if (violations.length > 0) {
    for (const { output, url } of world.processes) {
      console.error(`--- the end of what ${url} has written:\n${output().slice(-2000)}`);
    }
  }
  return violations.length === 0;
}

async function race(world: World, thing: SingleUse, rounds: number): Promise<Result> {
  const result: Result = {
    name: thing.name,
    rounds: 0,
    attempts: 0,
    winners: 0,
    others: new Map(),
    violations: [],
  };
  const makeOne = await thing.prepare(world);
  for (; result.rounds < rounds; result.rounds++) {
    const outcomes = await outcomesOf(await makeOne(), result.rounds);
    const winners = outcomes.filter((outcome) => outcome === "won").length;
    result.attempts += outcomes.length;
    result.winners += winners;
    for (const outcome of outcomes.filter((outcome) => outcome !== "won")) {
      result.others.set(outcome, (result.others.get(outcome) ?? 0) + 1);
      if (thing.refusals.includes(outcome)) continue;
      result.violations.push(`${thing.name}, round ${result.rounds}: answered ${outcome}`);
    }
    if (winners !== 1) {
      result.violations.push(`${thing.name}, round ${result.rounds}: ${winners} winners`);
    }
  }
  return result;
}

/** The round decides who is first at which process. */
async function outcomesOf(attempt: Attempt, round: number): Promise<Outcome[]> {
  const first = await Promise.all(
    Array.from({ length: atOnce }, (_, n) => attempt(round + n)),
  );
  return await Promise.all(first.map((made) => typeof made === "string" ? made : made()));
}

function tableOf(results: readonly Result[]): string {
  const columns = ["Used once", "Rounds", "Attempts", "Winners", "Everybody else"];
  const [name = "", ...others] = columns;
  const right = others.slice(0, 3).map((column) => ({ right: column }));
  return markdownTable(
    [name, ...right, others[3] ?? ""],
    results.map((result) => [
      result.name,
      grouped(result.rounds),
      grouped(result.attempts),
      grouped(result.winners),
      [...result.others].map(([outcome, count]) => `${grouped(count)} × ${outcome}`).join(", "),
    ]),
  );
}

function readOptions() {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      rounds: { type: "string", default: "50" },
      attempts: { type: "string" },
      processes: { type: "string", default: "3" },
      file: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    Deno.exit(0);
  }
  const { file } = values;
  return {
    rounds: positive("rounds", values.rounds),
    attempts: values.attempts === undefined ? null : positive("attempts", values.attempts),
    // Two processes on one file would be refused by the server.
    processes: file ? 1 : positive("processes", values.processes),
    file,
    only: values.only,
  };
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`--${name} must be a whole number above 0`);
}

if (import.meta.main) Deno.exit(await main() ? 0 : 1);
