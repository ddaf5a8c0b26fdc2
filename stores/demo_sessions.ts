import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import { collection, type Entry, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const headers = z.record(z.string(), z.string());

const exchange = z.object({
  step: z.enum([
    "discovery",
    "authorization",
    "callback",
    "token",
    "userinfo",
    "refresh",
    "introspection",
    "revocation",
    "logout",
  ]),
  request: z.object({
    method: z.string(),
    url: z.string(),
    headers: headers.optional(),
    body: z.string().optional(),
  }),
  /** Absent if the browser navigated by itself. */
  response: z.object({ status: z.int(), headers, body: z.string() }).optional(),
});
export type Exchange = z.infer<typeof exchange>;

const pendingSignIn = z.object({ state: z.string(), nonce: z.string(), codeVerifier: z.string() });
export type PendingSignIn = z.infer<typeof pendingSignIn>;

const tokens = z.object({
  subject: z.string(),
  /** The name from the last userinfo answer; without one, the subject. */
  name: z.string(),
  idToken: z.string(),
  accessToken: z.string(),
  refreshToken: z.string().nullable(),
  /** The JSON as received, if it is not too large: the claims, or the error after the token was revoked. */
  userinfo: z.string().nullable(),
});
export type DemoTokens = z.infer<typeof tokens>;

const schema = z.object({
  /** Newest last. Two tabs or a double click start two sign-ins. */
  pending: z.array(pendingSignIn),
  tokens: tokens.nullable(),
  /** The `state` of the sign-out request under way. */
  signOutState: z.string().nullable(),
  notice: z.object({ kind: z.enum(["info", "error"]), message: z.string() }).nullable(),
  exchanges: z.array(exchange),
  expiresAt: z.int(),
});
export type DemoSession = z.infer<typeof schema>;
export type DemoContent = Omit<DemoSession, "expiresAt">;

const demoSessions = collection({ family: "demo_sessions", version: 1, schema });

/** The place of the demo's data about one browser, by the secret in its cookie. */
export async function ref(secret: string): Promise<Ref<DemoSession>> {
  return demoSessions.ref(await digest(secret));
}

const lifetime = 8 * 60 * 60;

/** Replaces the demo's data, for 8 hours. Only the newest exchanges are kept. */
export function keep(tx: Transaction, found: Entry<DemoSession>, content: DemoContent) {
  const session = { ...fitting(content), expiresAt: tx.now + lifetime };
  if (found.value === null) tx.create(found.ref, session);
  else tx.replace(found, session);
}

// The store allows at most 64 KB per value.
const most = 50_000;
const mostPending = 4;

function fitting(content: DemoContent): DemoContent {
  const pending = content.pending.slice(-mostPending);
  let room = most - bytes({ ...content, pending, exchanges: [] });
  const exchanges: Exchange[] = [];
  for (const one of content.exchanges.toReversed()) {
    room -= bytes(one);
    if (room < 0) break;
    exchanges.unshift(one);
  }
  return { ...content, pending, exchanges };
}

/**
 * The estimated size in the store: a text with any character outside of Latin-1 takes two bytes per
 * character.
 */
function bytes(value: unknown): number {
  const text = JSON.stringify(value);
  // deno-lint-ignore no-control-regex
  return /[^\u0000-\u00ff]/.test(text) ? text.length * 2 : text.length;
}
