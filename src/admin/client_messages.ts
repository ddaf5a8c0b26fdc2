/** What operators see of every message to a client. */
export interface ClientMessage {
  readonly clientId: string;
  readonly attempts: number;
  readonly nextAttemptAt: number;
  readonly giveUpAt: number;
  readonly createdAt: number;
  readonly failedAt: number | null;
  readonly lastError: string | null;
  /** Absent: a message that has arrived is not kept. */
  readonly toldAt?: number | null;
}

export const clientMessageStates = ["waiting", "told", "failed"] as const;
export type ClientMessageState = (typeof clientMessageStates)[number];

export function clientMessageState(
  { toldAt = null, failedAt }: Pick<ClientMessage, "toldAt" | "failedAt">,
): ClientMessageState {
  if (toldAt !== null) return "told";
  return failedAt === null ? "waiting" : "failed";
}
