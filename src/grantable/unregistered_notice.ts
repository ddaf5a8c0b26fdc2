import type { Client } from "../../stores/clients.ts";
import type { Resource } from "../../stores/resources.ts";
import type { Deps } from "../deps/deps.ts";

/** Enough for any installation: what comes after that is told at the next start. */
const mostNotices = 1000;

const told = new WeakMap<object, Set<string>>();

/**
 * Tells the operator, once a process, that a client uses a resource for which nobody has registered it.
 * That works for this release alone.
 */
export function noteUnregistered({ logger }: Pick<Deps, "logger">, client: Client, at: Resource) {
  const pairs = told.get(logger) ?? new Set();
  told.set(logger, pairs);
  const pair = JSON.stringify([client.clientId, at.resource]);
  if (pairs.has(pair) || pairs.size >= mostNotices) return;
  pairs.add(pair);
  logger.warn(
    "a client asks for a resource that it is not registered for, which the next release refuses: \
name the resource in the client's resources, or the client in the resource's clients",
    { clientId: client.clientId, resource: at.resource },
  );
}
