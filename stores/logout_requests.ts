import { z } from "zod";
import { collection, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  clientId: z.string().nullable(),
  /** One of the client's; null: nobody is sent anywhere. */
  postLogoutRedirectUri: z.string().nullable(),
  state: z.string().nullable(),
  /** The session of a verified ID token; that session ends without a question. */
  sid: z.string().nullable(),
  expiresAt: z.int(),
});
export type LogoutRequest = z.infer<typeof schema>;
const logoutRequests = collection({ family: "logout_requests", version: 1, schema });

export function ref(requestId: string): Ref<LogoutRequest> {
  return logoutRequests.ref(requestId);
}

/** Keeps a checked logout request while the person is asked, under a fresh random id. */
export function add(tx: Transaction, requestId: string, request: LogoutRequest) {
  tx.add(ref(requestId), request);
}
