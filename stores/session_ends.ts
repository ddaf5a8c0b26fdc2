import { z } from "zod";
import type { CommitBatch } from "./engine/kv.ts";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({ expiresAt: z.int() });
type SessionEnd = z.infer<typeof schema>;
/** Sessions that have ended, and whose clients may not all have a message in the outbox yet. */
const sessionEnds = collection({ family: "session_ends", version: 1, schema });
/** Users some of whose sessions an epoch or a status has ended, without a list of these sessions. */
const sessionSweeps = collection({ family: "session_sweeps", version: 1, schema });

export const ended: Collection<SessionEnd> = sessionEnds;
export const sweeps: Collection<SessionEnd> = sessionSweeps;

const day = 86_400;
/** Seconds for which the end of a session waits for a process that tells its clients. */
const kept = 7 * day;
/** Instead of a user's id, which always has 22 characters. */
const everybody = "everybody";

export function endedRef(sessionId: string): Ref<SessionEnd> {
  return sessionEnds.ref(sessionId);
}

function sweepRef(userId: string | null): Ref<SessionEnd> {
  return sessionSweeps.ref(userId ?? everybody);
}

export function endedIdOf({ ref }: Present<SessionEnd>): string {
  return String(ref.key[1]);
}

/** The user of a sweep; null: everybody. */
export function sweptUserOf({ ref }: Present<SessionEnd>): string | null {
  return ref.key[1] === everybody ? null : String(ref.key[1]);
}

/**
 * Records that a session has ended, in the commit that ends it. Several steps may end a session: they
 * leave one record.
 */
export function addEnd(tx: Transaction, sessionId: string) {
  tx.add(endedRef(sessionId), { expiresAt: tx.now + kept });
}

/**
 * Records that sessions have ended which this commit does not name, because it raises an epoch or suspends
 * a user. A worker finds them afterwards: they are those that are still stored and not valid.
 *
 * @param userId null: sessions of all users
 */
export function addSweep(tx: Transaction, userId: string | null) {
  tx.add(sweepRef(userId), { expiresAt: tx.now + kept });
}

/** Whether a commit has ended sessions, so that the worker has something to do. */
export function endsSessions({ mutations }: CommitBatch): boolean {
  return mutations.some(({ type, key }) =>
    type === "set" && (key[0] === sessionEnds.family || key[0] === sessionSweeps.family)
  );
}
