import { decodeJwt } from "jose";
import type { Session } from "../../stores/sessions.ts";
import { StoreUnavailable } from "../../stores/engine/store_errors.ts";
import type { OutgoingRequest, Transport } from "../../src/deps/transport.ts";
import { deliverPings } from "../../src/backchannel/deliver_pings.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { tellOfLogouts } from "../../src/logout/worker.ts";
import type { Scheduler } from "../support/scheduler.ts";
import type { Chance } from "./chance.ts";
import type { FaultPlan } from "./faults.ts";
import type { History } from "./history.ts";
import { isSessionAlive } from "./tokens.ts";
import { isPing, readPing } from "./pings.ts";
import type { World } from "./world.ts";

/** The applications that are told of logouts and answers: they are as unreliable as the store. */
export interface Applications extends Transport {
  /** What was accepted: as `shop sid` the end of a session, as `ping` and the id of a grant an answer. */
  readonly told: ReadonlySet<string>;
}

export function applications({ history, findings, faultPlan, scheduler, chance }: {
  readonly history: History;
  readonly findings: string[];
  readonly faultPlan: FaultPlan;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
}): Applications {
  const told = new Set<string>();
  return {
    told,
    resolve: () => Promise.resolve(["8.8.8.8"]),
    async send(request) {
      await scheduler.timers.sleep(faultPlan.latency());
      const roll = faultPlan.isClear ? 1 : chance.fraction();
      if (roll < 0.1) throw new Error("the request got lost");
      const message = isPing(request) ? readPing(request, history) : readLogout(request, history);
      findings.push(...message.problems);
      if (roll < 0.2) throw new Error("the answer got lost");
      if (roll < 0.3) return answer(503);
      told.add(message.told);
      return answer(200);
    },
  };
}

function readLogout({ body }: OutgoingRequest, history: History) {
  const token = new URLSearchParams(body ?? "").get("logout_token") ?? "";
  const { aud, sid } = decodeJwt(token);
  const isAlive = liveSids(history).has(String(sid));
  return { told: `${aud} ${sid}`, problems: isAlive ? ["told of a session that is alive"] : [] };
}

function answer(status: number) {
  return { status, headers: new Headers(), bytes: new Uint8Array() };
}

/** Workers that tell clients while users are active. Their process may die before they finish. */
export function tell(world: World) {
  const chance = world.chanceOf("messenger");
  const times = chance.pick([0, 0, 1, 3]);
  for (let n = 0; n < times; n++) {
    world.scheduler.timers.sleep(chance.between(0, 6000))
      .then(() => tellAll(world.processAt(chance.between(0, world.slots - 1)).deps))
      .catch((error) => {
        if (error instanceof StoreUnavailable) return;
        world.findings.push(`a worker failed: ${error.stack}`);
      });
  }
}

async function tellAll(deps: Deps): Promise<number | null> {
  const told = await Promise.all([tellOfLogouts(deps), deliverPings(deps)]);
  const times = told.flatMap(({ nextDueAt }) => nextDueAt ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

/** When all is quiet: the workers go on until nothing is left to be told. */
export async function tellTheRest({ processAt, scheduler, findings }: World) {
  for (let n = 0; n < 60; n++) {
    const nextDueAt = await tellAll(processAt(0).deps);
    if (nextDueAt === null) return;
    const wait = nextDueAt * 1000 - scheduler.clock.milliseconds();
    await scheduler.timers.sleep(Math.max(wait, 1000));
  }
  findings.push("the messages to clients never end");
}

/** Each client that got an ID token in a session that has ended was told of that, and nothing is left. */
export function* clientsTold({ history, eventLog, told }: World): Generator<string> {
  const alive = liveSids(history);
  const given = [
    ...eventLog.receipts.map(({ clientId, tokens }) => ({ clientId, idToken: tokens.id_token })),
    ...eventLog.inFront,
  ];
  for (const { clientId, idToken } of given) {
    if (!toldClients.includes(clientId) || !idToken) continue;
    const { sid } = decodeJwt(idToken);
    if (alive.has(String(sid)) || told.has(`${clientId} ${sid}`)) continue;
    yield `${clientId} was not told of the end of a session: ${sid}`;
  }
  for (const { key } of history.records.values()) {
    const isLeft = ["session_ends", "session_sweeps", "logout_outbox_due"].includes(String(key[0]));
    if (isLeft) yield `was left behind: ${key.join(" ")}`;
  }
}

/** Those with a `backchannel_logout_uri`. */
const toldClients: readonly string[] = ["shop", "desk"];

function liveSids(history: History): Set<string> {
  const found = new Set<string>();
  for (const { key, record } of history.records.values()) {
    if (key[0] !== "sessions" || !isSessionAlive(history, String(key[1]))) continue;
    found.add((record as Session).sid);
  }
  return found;
}
