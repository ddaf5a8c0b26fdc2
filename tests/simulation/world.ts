import type { Scheduler } from "../support/scheduler.ts";
import type { Authenticator } from "../support/authenticator.ts";
import { answerProblem } from "./invariants/answers.ts";
import type { Chance } from "./chance.ts";
import type { EventLog } from "./event_log.ts";
import type { History } from "./history.ts";
import type { Person } from "./people.ts";
import { ConnectionLost, type Process } from "./process.ts";
import type { PassedRequest } from "./request_flood.ts";

/** The surroundings of a run's users and clients. */
export interface World {
  readonly seed: number;
  readonly scheduler: Scheduler;
  readonly eventLog: EventLog;
  readonly history: History;
  readonly counts: Counts;
  /** The process that lives in a slot; one that has died is there until its successor is. */
  processAt(slot: number): Process;
  readonly slots: number;
  /** The faults, as sentences. */
  readonly findings: string[];
  chanceOf(party: string): Chance;
  /** The devices of the users. */
  authenticatorOf(person: Pick<Person, "username">): Authenticator;
  /** What clients were told: as `shop sid` the end of a session, as `ping` and the id of a grant an answer. */
  readonly told: ReadonlySet<string>;
  /** Whether requests and mails are limited. */
  readonly limited: boolean;
  /** The requests of the flood that passed its limit. */
  readonly passedRequests: PassedRequest[];
}

/** The size of a run. */
export interface Counts {
  requests: number;
  /** Answers by status; `lost` if the process died. */
  readonly answers: Record<string, number>;
  /** Uses by kind, such as `invitation`. */
  readonly openings: Record<string, number>;
  unanswered: number;
  reruns: number;
  unknownOutcomes: number;
  undelivered: number;
  deaths: number;
  jumps: number;
  checked: number;
}

/** One who sends requests: mostly to one process, now and then to another. */
export interface Party {
  readonly world: World;
  readonly chance: Chance;
  /** @throws {ConnectionLost} */
  send(path: string, init?: RequestInit, to?: Process): Promise<Response>;
  /** The process that gets the next request. */
  choose(): Process;
  /** Waits for up to so many milliseconds. */
  pause(most: number): Promise<void>;
}

/** A party whose decisions follow from the seed and its name. */
export function party(world: World, name: string): Party {
  const chance = world.chanceOf(name);
  const home = chance.between(0, world.slots - 1);
  const choose = () =>
    world.processAt(chance.happens(0.8) ? home : chance.between(0, world.slots - 1));
  return {
    world,
    chance,
    choose,
    send: (path, init, to = choose()) => request(world, to, path, init),
    pause: (most) => world.scheduler.timers.sleep(chance.fraction() * most),
  };
}

/** Milliseconds after which nobody waits any more: retries, deadlines and two steps in turn take less. */
const longestAnswer = 120_000;

async function request(
  { counts, findings, scheduler }: World,
  process: Process,
  path: string,
  init?: RequestInit,
): Promise<Response> {
  counts.requests++;
  counts.unanswered++;
  const began = scheduler.elapsed;
  try {
    const response = await process.request(path, init);
    const took = scheduler.elapsed - began;
    const problem = took > longestAnswer
      ? `answered after ${took} ms`
      : answerProblem(path, response);
    if (problem) findings.push(`${init?.method ?? "GET"} ${path.split("?")[0]}: ${problem}`);
    count(counts, String(response.status));
    return response;
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    count(counts, "lost");
    throw error;
  } finally {
    counts.unanswered--;
  }
}

function count({ answers }: Counts, status: string) {
  answers[status] = (answers[status] ?? 0) + 1;
}

/** Does it again for as long as the server is out of order, with patience that has an end. */
export async function patiently<T>(
  { pause }: Party,
  work: () => Promise<T>,
  isOver: (result: T) => boolean,
  tries = 6,
): Promise<T | null> {
  for (let tried = 1;; tried++) {
    const result = await unlessLost(work);
    if (result !== null && isOver(result)) return result;
    if (tried === tries) return result;
    await pause(200 * 2 ** tried);
  }
}

/** Null if the process died before it had answered. */
export async function unlessLost<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConnectionLost) return null;
    throw error;
  }
}
