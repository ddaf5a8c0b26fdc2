import { z } from "zod";
import { type AuditEvent, idOf } from "../../stores/audit_events.ts";
import { auditEventTypes } from "../../stores/audit_event_types.ts";
import type { Present } from "../../stores/engine/collection.ts";
import { addressesOf, findAuditEvents } from "../../src/admin/audit_events.ts";
import { exportedAuditTrail } from "../../src/admin/audit_trail.ts";
import { likelyName } from "../../src/config/variables.ts";
import { canonicalJson } from "../../src/crypto/canonical_json.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { JsonObject } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { answeredByQuery, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { pageOf, pageParameters } from "./http/paging.ts";
import { Problem } from "../http/problem.ts";
import { noQuery } from "./http/query.ts";
import { readRequest } from "./http/request.ts";
import { verifyQuery, verifyTrail } from "./maintenance.ts";

/** The audit trail: its events, its verification and its export. */
export function auditEventRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/audit-events", answeredByQuery(deps, eventQuery, list))
    // Not safe: it starts an operation, as the POST at /maintenance/verify does.
    .get("/audit-events/verify", answeredByQuery(deps, verifyQuery, verifyTrail), { isSafe: false })
    .get("/audit-events/export", async (c) => {
      const request = await readRequest(c, deps, noQuery);
      await request.step(() => {});
      const lines = exportedAuditTrail(deps);
      return c.body(lines, 200, { "Content-Type": "application/x-ndjson" });
    });
}

const instant = z.union([
  z.string().regex(/^\d{1,11}$/).transform((seconds) => Number(seconds) * 1000),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
], "must be epoch seconds, or a time as 2026-01-31T12:00:00Z");
const name = z.string().max(256);
// A misspelt type would look as if nothing had happened.
const type = name.refine((text) => Object.hasOwn(auditEventTypes, text), {
  error: ({ input }) => {
    const known = Object.keys(auditEventTypes).sort();
    const meant = likelyName(String(input), known);
    return `is no type of events: it may be meant to be ${meant}. All of them: ${known.join(", ")}`;
  },
});

const eventQuery = z.strictObject({
  ...pageParameters,
  type: type.optional(),
  user_id: name.optional(),
  client_id: name.optional(),
  from: instant.optional(),
  to: instant.optional(),
});

/** Lists events, the newest first. A page may be short: only one without `next_cursor` is the last. */
const list: Endpoint<z.infer<typeof eventQuery>> = async (deps, request) => {
  const { limit, cursor, ...filters } = await request.step((_tx, { query }) => query);
  const { type, user_id: userId, client_id: clientId, from, to } = filters;
  if ((from ?? 0) > (to ?? Infinity)) {
    throw new Problem("invalid_request", "in the query, from must not be later than to");
  }
  const listed = `audit_events ${canonicalJson(filters)}`;
  return await pageOf(deps, listed, { limit, cursor }, async ({ limit, cursor: position }) => {
    const about = { type, userId, clientId, from, to };
    const page = await findAuditEvents(deps, about, { limit, position });
    const addresses = await addressesOf(deps, page.events);
    const items = page.events.map((event, n) => show(event, addresses[n] ?? null));
    return { items, position: page.position };
  });
};

function show(event: Present<AuditEvent>, address: string | null): JsonObject {
  const { value } = event;
  return {
    id: idOf(event),
    type: value.type,
    time: new Date(value.time).toISOString(),
    actor: value.actor,
    outcome: value.outcome,
    reason: value.reason,
    client_id: value.clientId,
    user_id: value.userId,
    grant_id: value.grantId,
    session_id: value.sessionId,
    about: value.about,
    address,
    request_id: value.requestId,
  };
}
