import type { LogoutMessage } from "../../stores/logout_outbox.ts";

export const logoutMessageStates = ["waiting", "told", "failed"] as const;
export type LogoutMessageState = (typeof logoutMessageStates)[number];

export function logoutMessageState({ toldAt, failedAt }: LogoutMessage): LogoutMessageState {
  if (toldAt !== null) return "told";
  return failedAt === null ? "waiting" : "failed";
}
