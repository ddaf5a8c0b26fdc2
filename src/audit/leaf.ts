import type { AuditEvent } from "../../stores/audit_events.ts";
import type { AuditLeaf } from "../../stores/audit_seals.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import { digest } from "../crypto/digest.ts";

/** The leaf of an event in a seal: a digest of its stored form, in which personal data is sealed. */
export async function leafOf(id: string, event: AuditEvent): Promise<AuditLeaf> {
  return { id, time: event.time, digest: await digest(canonicalJson({ id, event })) };
}

/** The text of a leaf, as the tree hashes it. */
export function leafText({ id, time, digest }: AuditLeaf): string {
  return canonicalJson([id, time, digest]);
}
