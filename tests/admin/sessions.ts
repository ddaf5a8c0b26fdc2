import * as sessions from "../../stores/sessions.ts";
import type { Session } from "../../stores/sessions.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { TestProvider } from "../support/provider.ts";

/** A session as a sign-in leaves it. @param now epoch seconds */
function aSession(userId: string, now: number): Session {
  return {
    userId,
    secretDigest: "A".repeat(43),
    sid: "A".repeat(22),
    authTime: now,
    amr: ["pwd"],
    acr: "urn:latchkey:acr:1",
    sessionEpoch: 1,
    epoch: 1,
    providerEpoch: 1,
    address: "203.0.113.9",
    userAgent: "a browser",
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + 3600,
    endsAt: now + 86_400,
  };
}

/** Gives a person many sessions at once. @returns their ids */
export async function addSessions(
  { deps }: TestProvider,
  userId: string,
  count: number,
): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `session-${n}-`.padEnd(22, "x"));
  for (let start = 0; start < count; start += 200) {
    await deps.kv.step(systemOrigin, (tx) => {
      for (const id of ids.slice(start, start + 200)) {
        sessions.add(tx, id, aSession(userId, tx.now));
      }
    });
  }
  return ids;
}
