import { openLocalFile } from "../../stores/local_file.ts";
import { snapshot } from "../support/records.ts";

/**
 * Looks in the file of a server that has ended for steps that are half there: a grant or a spent code
 * without its audit event, or an event without what it tells of.
 *
 * @returns a sentence for each; and how many records were looked at
 */
export async function halfDoneSteps(
  file: string,
): Promise<{ problems: string[]; looked: number }> {
  const backend = await openLocalFile(file);
  const records = await snapshot(backend);
  backend.close();

  const grants = new Set<string>();
  const spent = new Set<string>();
  const events: Record<"code_issued" | "code_exchanged", Map<string, number>> = {
    code_issued: new Map(),
    code_exchanged: new Map(),
  };
  for (const [key, value] of records) {
    const [family, id] = JSON.parse(key);
    const record = (value as { record?: Record<string, unknown> }).record ?? {};
    const grantId = String(record.grantId);
    if (family === "grants") grants.add(id);
    if (family === "authorization_codes" && record.spentBy !== null) spent.add(grantId);
    if (family !== "audit_events") continue;
    if (record.type !== "code_issued" && record.type !== "code_exchanged") continue;
    const told = events[record.type];
    told.set(grantId, (told.get(grantId) ?? 0) + 1);
  }

  const problems: string[] = [];
  for (const grantId of grants) {
    if (!events.code_issued.has(grantId)) problems.push(`no event tells of the grant ${grantId}`);
  }
  for (const grantId of spent) {
    if (!events.code_exchanged.has(grantId)) problems.push(`a spent code has no event: ${grantId}`);
  }
  for (const [grantId, count] of events.code_exchanged) {
    if (count > 1) problems.push(`${count} events for one exchange: ${grantId}`);
    if (!spent.has(grantId)) problems.push(`an exchange left its code unspent: ${grantId}`);
  }
  return { problems, looked: records.size };
}
