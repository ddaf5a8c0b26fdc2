import { type AcknowledgedStep, type Check, notYet } from "./acknowledged.ts";
import type { Attempt, SingleUse } from "./attempt.ts";

/** The outcomes of one kind of step, over all restarts of the process. */
export interface Count {
  acknowledged: number;
  /** The process was killed before it answered. */
  unanswered: number;
  /** How often it was looked for after a kill. */
  checks: number;
}

/** Steps that go on until the process is killed, and what is to be true after it has come back. */
export interface Load {
  /** Works until there is no answer any more. */
  run(): Promise<void>;
  /** Looks for all that the last life acknowledged, and for some of what earlier ones did. */
  check(): Promise<void>;
  /** Looks for what was not there yet at a check, until it is there or its time is over. */
  checkLate(): Promise<void>;
  readonly counts: ReadonlyMap<string, Count>;
  readonly violations: string[];
}

const workers = 6;
/** The number of earlier acknowledged results that are checked again after each kill. */
const sampled = 20;
/** Milliseconds in which what is late must come after the last kill: longer than the lease of a killed worker. */
const latest = 90_000;

/** A thing with what makes a new one of it. */
export interface Making {
  readonly thing: SingleUse;
  readonly make: () => Promise<Attempt>;
}

/** @param below a random whole number, from 0 to below the given one */
export function crashLoad(
  { makings, steps, below }: {
    readonly makings: readonly Making[];
    readonly steps: readonly AcknowledgedStep[];
    readonly below: (end: number) => number;
  },
): Load {
  const counts = new Map<string, Count>();
  const violations: string[] = [];
  let ofThisLife: Kept[] = [];
  const ofEarlierLives: Kept[] = [];
  const late = new Set<Kept>();
  const things = makings.map(({ thing, make }) => () => useOnce(thing, make));
  const jobs = [...things, ...things, ...steps.map((step) => () => doStep(step))];

  return {
    counts,
    violations,
    async run() {
      await Promise.all(Array.from({ length: workers }, work));
    },
    async check() {
      const sample = Array.from(
        { length: Math.min(sampled, ofEarlierLives.length) },
        () => ofEarlierLives[below(ofEarlierLives.length)],
      ).filter((kept) => kept !== undefined);
      const due = [...ofThisLife, ...sample];
      ofEarlierLives.push(...ofThisLife.filter(({ lasts }) => lasts));
      ofThisLife = [];
      await Promise.all(due.map(look));
    },
    async checkLate() {
      const giveUpAt = Date.now() + latest;
      while (late.size > 0 && Date.now() < giveUpAt) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        await Promise.all([...late].map(look));
      }
      violations.push(...[...late].map(({ name }) => `${name}: never`));
    },
  };

  async function work() {
    for (;;) {
      try {
        await jobs[below(jobs.length)]?.();
      } catch (error) {
        if (isUnanswered(error)) return;
        violations.push(String(error));
      }
    }
  }

  async function useOnce({ name, refusals }: SingleUse, make: () => Promise<Attempt>) {
    const attempt = await make();
    const isRefused = async () => {
      const outcome = await outcomeOf(attempt);
      return refusals.includes(outcome) ? null : `${outcome} instead of a refusal`;
    };
    const used = `${name}: used`;
    const unused = `${name}: not yet used`;
    if (below(5) === 0) {
      keep(unused, async () => {
        const outcome = await outcomeOf(attempt);
        return outcome === "won" ? await isRefused() : `${outcome} though it was not used`;
      });
      return;
    }
    try {
      const outcome = await outcomeOf(attempt);
      if (outcome !== "won") violations.push(`${name}: ${outcome} at its first use`);
      keep(used, isRefused, true);
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      countOf(used).unanswered++;
      // It was used or it was not: whoever asks now may be the first, and nobody may be the second.
      ofThisLife.push({
        name: used,
        lasts: false,
        async check() {
          await outcomeOf(attempt);
          return await isRefused();
        },
      });
      throw error;
    }
  }

  async function doStep({ name, act }: AcknowledgedStep) {
    try {
      keep(name, await act(), true);
    } catch (error) {
      if (isUnanswered(error)) countOf(name).unanswered++;
      throw error;
    }
  }

  function keep(name: string, check: Check, lasts = false) {
    countOf(name).acknowledged++;
    ofThisLife.push({ name, check, lasts });
  }

  async function look(kept: Kept) {
    const { name, check } = kept;
    countOf(name).checks++;
    const problem = await check().catch((error) => String(error));
    if (problem === notYet) return void late.add(kept);
    late.delete(kept);
    if (problem !== null) violations.push(`${name}: ${problem}`);
  }

  function countOf(name: string): Count {
    const count = counts.get(name) ?? { acknowledged: 0, unanswered: 0, checks: 0 };
    counts.set(name, count);
    return count;
  }
}

interface Kept {
  readonly name: string;
  readonly check: Check;
  /** Whether it can be looked for again and again. */
  readonly lasts: boolean;
}

/** A connection that ended before the answer did; any other error is the server's fault. */
function isUnanswered(error: unknown): boolean {
  return error instanceof TypeError;
}

async function outcomeOf(attempt: Attempt): Promise<string> {
  const made = await attempt(0);
  return typeof made === "string" ? made : await made();
}
