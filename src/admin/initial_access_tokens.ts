import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as initialAccessTokens from "../../stores/initial_access_tokens.ts";
import type { InitialAccessToken } from "../../stores/initial_access_tokens.ts";
import { digest } from "../crypto/digest.ts";
import { randomId, randomSecret } from "../crypto/random.ts";
import { initialAccessToken } from "../registration/initial_access.ts";

const day = 24 * 60 * 60;

/** An initial access token as an administrator asks for it. */
export const initialAccessTokenSchema = z.strictObject({
  single_use: z.boolean().optional(),
  /** How many clients it may register. */
  max_uses: z.int().min(1).max(10_000).optional(),
  /** Seconds. */
  lifetime: z.int().min(1).max(365 * day).default(7 * day),
  note: z.string().max(256).default(""),
}).refine(({ single_use, max_uses }) => single_use === undefined || max_uses === undefined, {
  path: ["max_uses"],
  error: "must not be beside single_use",
});

/** @returns also the token, which nobody knows yet */
export async function createInitialAccessToken(
  tx: Transaction,
  wanted: z.infer<typeof initialAccessTokenSchema>,
): Promise<{ readonly id: string; readonly record: InitialAccessToken; readonly token: string }> {
  const { single_use: isSingle = true, max_uses: mostUses = null, lifetime, note } = wanted;
  const id = randomId(tx.random);
  const token = initialAccessToken(id, randomSecret(tx.random));
  const record = {
    tokenDigest: await digest(token),
    singleUse: mostUses !== null || isSingle,
    mostUses,
    uses: 0,
    note,
    createdAt: tx.now,
    spentBy: null,
    expiresAt: tx.now + lifetime,
  };
  initialAccessTokens.add(tx, id, record);
  auditEvents.append(tx, { type: "initial_access_token_created", about: id });
  return { id, record, token };
}

/** Withdraws a token. The clients that it registered stay. */
export function withdrawInitialAccessToken(tx: Transaction, entry: Present<InitialAccessToken>) {
  initialAccessTokens.withdraw(tx, entry);
  const about = initialAccessTokens.idOf(entry);
  auditEvents.append(tx, { type: "initial_access_token_withdrawn", about });
}
