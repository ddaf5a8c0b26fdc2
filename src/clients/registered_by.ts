import type { Client } from "../../stores/clients.ts";

/** Who wrote a client's metadata. Only what an operator wrote is trusted. */
export function registeredBy(
  { registration, document }: Client,
): "document" | "operator" | "client" {
  if (document !== null) return "document";
  return registration === null ? "operator" : "client";
}

/** Whether an operator has written a member. Nobody here has checked what a client says of itself. */
export function isOperators(client: Client, member: string): boolean {
  return registeredBy(client) === "operator" || client.operatorSet.includes(member);
}

/**
 * The name of a client in a mail; null if no operator has written it. Anybody could otherwise send any words
 * to users in our name: it may even look like a link.
 */
export function nameForMails(client: Client): string | null {
  return isOperators(client, "client_name") ? client.clientName : null;
}

/** Whether a client has chosen its name itself: it may be the name of anybody else. @see RFC 7591 section 5 */
export function hasNamedItself(client: Client): boolean {
  return registeredBy(client) === "client" && !client.operatorSet.includes("client_name");
}
