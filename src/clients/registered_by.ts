import type { Client } from "../../stores/clients.ts";

/** Who wrote a client's metadata. Only what an operator wrote is trusted. */
export function registeredBy(
  { registration, document }: Client,
): "document" | "operator" | "client" {
  if (document !== null) return "document";
  return registration === null ? "operator" : "client";
}
