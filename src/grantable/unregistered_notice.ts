import type { Client } from "../../stores/clients.ts";
import { perObject } from "../../stores/engine/store_memory.ts";
import type { Resource } from "../../stores/resources.ts";
import type { Deps } from "../deps/deps.ts";

/** Enough for any installation. Any further ones are logged after the next start. */
const mostNotices = 1000;

const toldTo = perObject<Deps["logger"], Set<string>>(() => new Set());

/**
 * Logs, once for each process, that a client uses a resource that no registration allows. Only this
 * release still allows it.
 */
export function noteUnregistered({ logger }: Pick<Deps, "logger">, client: Client, at: Resource) {
  const pairs = toldTo(logger);
  const pair = JSON.stringify([client.clientId, at.resource]);
  if (pairs.has(pair) || pairs.size >= mostNotices) return;
  pairs.add(pair);
  logger.warn(
    "a client asks for a resource that it is not registered for, which the next release refuses: \
name the resource in the client's resources, or the client in the resource's clients",
    { clientId: client.clientId, resource: at.resource },
  );
}
