import { z } from "zod";
import { auditEventKinds } from "../../stores/audit_event_types.ts";
import type { AuditEvent } from "../../stores/audit_events.ts";
import type { AuditLeaf, AuditSeal } from "../../stores/audit_seals.ts";
import * as auditSeals from "../../stores/audit_seals.ts";
import type { Collection } from "../../stores/engine/collection.ts";
import { eachPage } from "../../stores/engine/each_entry.ts";
import type { Deps } from "../deps/deps.ts";
import { earliestArrival } from "./arrival.ts";
import { eventPages, isUpTo, type StoredEvent } from "./events_in_order.ts";
import { publicKeyOf } from "./seal_signature.ts";

/**
 * One line of an export of the audit trail, which can be verified without the server. The events are in
 * their stored form, in which personal data is sealed.
 */
export type TrailLine =
  | { readonly kind: "key"; readonly publicJwk: Record<string, unknown> }
  | { readonly kind: "seal"; readonly sequence: number; readonly jws: string }
  | { readonly kind: "leaves"; readonly sequence: number; readonly leaves: readonly AuditLeaf[] }
  | {
    readonly kind: "event";
    readonly id: string;
    /** Whether a seal must contain it: it was committed before the newest seal. */
    readonly sealed: boolean;
    readonly event: AuditEvent;
  };

const leafSchema = z.object({
  id: z.string(),
  time: z.number(),
  digest: z.string(),
  kind: z.enum(auditEventKinds).optional(),
});

/** A line as it is read back from a file. */
export const trailLineSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("key"), publicJwk: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal("seal"), sequence: z.int(), jws: z.string() }),
  z.object({ kind: z.literal("leaves"), sequence: z.int(), leaves: z.array(leafSchema) }),
  z.object({
    kind: z.literal("event"),
    id: z.string(),
    sealed: z.boolean(),
    event: z.custom<AuditEvent>((value) => typeof value === "object" && value !== null),
  }),
]);

/** The whole trail: the key, each seal with its leaves in order, then the events. */
export async function* auditTrail(deps: Deps): AsyncGenerator<TrailLine> {
  const publicJwk = await publicKeyOf(deps);
  if (publicJwk !== null) yield { kind: "key", publicJwk };
  let last: AuditSeal | null = null;
  for await (const { value: seal } of records(deps, auditSeals.seals)) {
    const { sequence, jws } = seal;
    yield { kind: "seal", sequence, jws };
    for await (
      const { value } of records(deps, auditSeals.leaves, { prefix: [sequence], limit: 1 })
    ) {
      yield { kind: "leaves", sequence, leaves: value.leaves };
    }
    last = seal;
  }
  const earliest = await earliestArrival(deps, last);
  for await (const events of eventPages(deps, [0])) {
    for (const stored of events) {
      const { id, event } = stored;
      const sealed = last !== null && isSealed(stored, last, earliest);
      yield { kind: "event", id, sealed, event };
    }
  }
}

/** Whether a seal up to the last one must contain the event. */
function isSealed(stored: StoredEvent, { until, pass }: AuditSeal, earliest: number): boolean {
  const { versionstamp, event } = stored;
  if (versionstamp <= until) return true;
  if (pass !== null && versionstamp <= pass.upTo && isUpTo(stored, pass.reached)) return true;
  // No event arrives later than this: one with an earlier date was inserted afterwards.
  return event.time < earliest;
}

async function* records<T>(
  deps: Deps,
  collection: Collection<T>,
  { prefix = [], limit = 100 }: {
    readonly prefix?: readonly (string | number)[];
    /** The number that can be read in a few milliseconds. */
    readonly limit?: number;
  } = {},
) {
  for await (const entries of eachPage(deps, { collection, prefix, limit })) yield* entries;
}
