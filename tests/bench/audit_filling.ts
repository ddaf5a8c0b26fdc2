import { newUser } from "../../src/authn/new_accounts/new_account.ts";
import { randomId, randomSecret, systemRandom } from "../../src/crypto/random.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import { systemClock, systemTimers } from "../../stores/engine/kv.ts";
import { kvLimits } from "../../stores/engine/store_errors.ts";
import { openLocalFile } from "../../stores/engine/local_file.ts";
import { createKv, type Kv } from "../../stores/engine/step.ts";
import * as users from "../../stores/users.ts";

/** Each has a place in the order of time and one among the events of its user. A step keeps one key for itself. */
const refreshesPerCommit = Math.floor((kvLimits.mutations - 1) / 2);
/** A local file takes so many steps in one commit. */
const tokensPerCommit = 64;

export interface Filling {
  readonly events: number;
  /** The part of the events, from 0 to 1, that name no user: the store joins those of one moment. */
  readonly joined: number;
}

/**
 * Writes audit events to a file as the server does: of refreshes, and of tokens that clients get for
 * themselves. As many as fit are in one commit, and the next ones are made while it is written.
 */
export async function fill(file: string, { events, joined }: Filling): Promise<void> {
  const surroundings = { clock: systemClock, timers: systemTimers, random: systemRandom };
  const kv = createKv(await openLocalFile(file), surroundings);
  let [written, joint] = [0, 0];
  const write = async () => {
    while (written < events) {
      const isJoint = joint < joined * events && joint <= joined * written;
      const most = isJoint ? tokensPerCommit : refreshesPerCommit;
      const count = Math.min(most, events - written);
      written += count;
      if (isJoint) joint += count;
      await (isJoint ? writeTokens(kv, count) : writeRefreshes(kv, count));
    }
  };
  await Promise.all([write(), write()]);
  await kv.close();
}

const origin = () => ({ address: "203.0.113.7", requestId: randomId(systemRandom) });

/** In one step: events that name a user never share an entry. */
async function writeRefreshes(kv: Kv, count: number) {
  await kv.step(origin(), (tx) => {
    for (let n = 0; n < count; n++) {
      const user = { ...somebody, ref: users.ref(tx.ids.id()) };
      const event = { clientId: "shop", grantId: tx.ids.id(), sessionId: null };
      auditEvents.append(tx, { type: "refresh_token_used", user, ...event });
    }
  });
}

/** Each in a step of its own: of one step, only the first event may share an entry. */
async function writeTokens(kv: Kv, count: number) {
  const steps = Array.from({ length: count }, () =>
    kv.step(origin(), (tx) => {
      auditEvents.append(tx, { type: "token_issued", clientId: "shop", grantId: tx.ids.id() });
    }));
  await Promise.all(steps);
}

/** Their network address is sealed with this key. */
const somebody: Present<users.User> = {
  ref: users.ref(""),
  value: {
    ...newUser({ username: "alice", passwordHash: null, claims: {} }, 0),
    auditKey: randomSecret(systemRandom),
  },
  versionstamp: "",
};
