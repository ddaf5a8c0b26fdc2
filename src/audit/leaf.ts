import { kindOf } from "../../stores/audit_event_types.ts";
import type { AuditEvent } from "../../stores/audit_events.ts";
import type { AuditLeaf } from "../../stores/audit_seals.ts";
import { digestNow } from "../crypto/digest.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";

/**
 * The leaf of an event in a seal: a digest of its stored form, in which personal data is sealed. The kind
 * says how long the event must be stored.
 */
export function leafOf(
  id: string,
  event: AuditEvent,
): AuditLeaf & Pick<Required<AuditLeaf>, "kind"> {
  const digest = digestNow(canonicalJson({ event, id }));
  return { id, time: event.time, digest, kind: kindOf(event.type) };
}

/** The text of a leaf, as the tree hashes it. Leaves of earlier releases have no kind. */
export function leafText({ id, time, digest, kind }: AuditLeaf): string {
  return canonicalJson(kind === undefined ? [id, time, digest] : [id, time, digest, kind]);
}
