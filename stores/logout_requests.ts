import { z } from "zod";
import { collection, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  clientId: z.string().nullable(),
  /** One that the client registered, perhaps at another loopback port; null: no redirect. */
  postLogoutRedirectUri: z.string().nullable(),
  state: z.string().nullable(),
  /** The `sid` of a verified ID token. That session ends without asking the user. */
  sid: z.string().nullable(),
  /** Whom that token was about, as the client sees them. Records of earlier releases do not say. */
  subject: z.string().nullable().default(null),
  expiresAt: z.int(),
});
export type LogoutRequest = z.infer<typeof schema>;
const logoutRequests = collection({ family: "logout_requests", version: 1, schema });

export function ref(requestId: string): Ref<LogoutRequest> {
  return logoutRequests.ref(requestId);
}

/** Stores a checked logout request while the user is asked, under a fresh random id. */
export function add(tx: Transaction, requestId: string, request: LogoutRequest) {
  tx.add(ref(requestId), request);
}
