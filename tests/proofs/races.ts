import { parseArgs } from "node:util";
import { atOnce, type Attempt, type Outcome, type SingleUse } from "./attempt.ts";
import { singleUseThings } from "./single_use.ts";
import { grouped, markdownTable } from "./table.ts";
import { aWorld, type World } from "./world.ts";

const usage = `Races each thing that may be used once: 50 attempts at the same time, spread over
several server processes on one KV Connect server. Exactly one of them must win, each time.

  --rounds N      so many races of each thing (50; those that are expensive on purpose: fewer)
  --attempts N    so many attempts in all, instead of --rounds
  --minutes N     begin no more races after so long; none has many before each has had some
  --lanes N       so many races of one thing go on beside each other (3)
  --processes N   server processes (3)
  --file          one process on a local file, instead of several on a KV Connect server
  --only TEXT     only the things whose names hold this text`;

/** Rounds that each thing has, if there is time, before any has more. */
const goals = [10, 50, Infinity];

interface Result {
  readonly name: string;
  rounds: number;
  attempts: number;
  winners: number;
  readonly others: Map<Outcome, number>;
  /** How many were told to come again, and did. */
  unavailable: number;
  /** The faults: no winner, two winners, or an unexpected answer. */
  readonly violations: string[];
}

async function main(): Promise<boolean> {
  const options = readOptions();
  const things = singleUseThings.filter(({ name }) => name.includes(options.only));
  const rounds = options.attempts === null ? options.rounds : Math.ceil(
    options.attempts / atOnce / things.reduce((sum, { every = 1 }) => sum + 1 / every, 0),
  );

  await using world = await aWorld(options);
  const races = things.map((thing) => {
    const { every = 1 } = thing;
    return { thing, every, result: noResult(thing), due: Math.ceil(rounds / every) };
  });
  const end = options.minutes === null ? Infinity : Date.now() + options.minutes * 60_000;
  for (const goal of goals) {
    const open = races.filter(({ result, due }) => result.rounds < Math.min(goal, due));
    // Quick races come first. Slow races get the time that they leave.
    for (const [index, race] of open.sort((a, b) => a.every - b.every).entries()) {
      const { thing, result, due } = race;
      const began = Date.now();
      if (began >= end && result.rounds > 0) continue;
      const until = began + (end - began) / (open.length - index); // a fair share of what is left
      const { lanes } = options;
      await run(world, thing, result, { rounds: Math.min(goal, due), lanes, until });
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      console.error(`${thing.name}: ${result.rounds} rounds, after ${seconds} s`);
    }
  }

  const results = races.map(({ result }) => result);
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

function noResult({ name }: SingleUse): Result {
  const counts = { rounds: 0, attempts: 0, winners: 0, unavailable: 0 };
  return { name, ...counts, others: new Map(), violations: [] };
}

/** Races a thing until it has had so many rounds in all, or the time is over. */
async function run(
  world: World,
  thing: SingleUse,
  result: Result,
  { rounds, lanes, until }: {
    readonly rounds: number;
    readonly lanes: number;
    readonly until: number;
  },
) {
  let begun = result.rounds;
  // A race alone leaves the machine waiting for the store, and its own few for each other.
  const length = thing.alone ? 1 : Math.min(lanes, rounds - begun);
  await Promise.all(Array.from({ length }, async () => {
    const makeOne = await thing.prepare(world);
    while (begun < rounds && (begun === 0 || Date.now() < until)) {
      const round = begun++;
      addRound(result, thing, round, await outcomesOf(await makeOne(), round, result));
    }
  }));
}

function addRound(result: Result, thing: SingleUse, round: number, outcomes: readonly Outcome[]) {
  const winners = outcomes.filter((outcome) => outcome === "won").length;
  result.rounds++;
  result.attempts += outcomes.length;
  result.winners += winners;
  for (const outcome of outcomes.filter((outcome) => outcome !== "won")) {
    result.others.set(outcome, (result.others.get(outcome) ?? 0) + 1);
    if (thing.refusals.includes(outcome)) continue;
    result.violations.push(`${thing.name}, round ${round}: answered ${outcome}`);
  }
  if (winners !== 1) result.violations.push(`${thing.name}, round ${round}: ${winners} winners`);
}

/** The round decides who is first at which process. */
async function outcomesOf(attempt: Attempt, round: number, result: Result): Promise<Outcome[]> {
  const first = await Promise.all(
    Array.from({ length: atOnce }, (_, n) => untilTold(() => attempt(round + n), result)),
  );
  return await Promise.all(
    first.map((made) => typeof made === "string" ? made : untilTold(made, result)),
  );
}

/** A busy machine may answer 503. Then it is asked again, as by any client; one wins all the same. */
async function untilTold<T>(attempt: () => Promise<T>, result: Result): Promise<T> {
  for (let tries = 1;; tries++) {
    const made = await attempt();
    if (tries === 10 || typeof made !== "string" || !made.startsWith("503")) return made;
    result.unavailable++;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
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
      [
        ...[...result.others].map(([outcome, count]) => `${grouped(count)} × ${outcome}`),
        ...(result.unavailable > 0 ? [`${grouped(result.unavailable)} × 503, asked again`] : []),
      ].join(", "),
    ]),
  );
}

function readOptions() {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      rounds: { type: "string", default: "50" },
      attempts: { type: "string" },
      minutes: { type: "string" },
      lanes: { type: "string", default: "3" },
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
    minutes: values.minutes === undefined ? null : positive("minutes", values.minutes),
    lanes: positive("lanes", values.lanes),
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
