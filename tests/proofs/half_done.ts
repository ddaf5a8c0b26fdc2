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
  const told = new Set<string>();
  const exchanges = new Map<string, number>();
  for (const [key, value] of records) {
    const [family, id] = JSON.parse(key);
    const record = (value as { record?: Record<string, unknown> }).record ?? {};
    const grantId = String(record.grantId);
    if (family === "grants") grants.add(id);
    if (family === "authorization_codes" && record.spentBy !== null) spent.add(grantId);
    if (family !== "audit_events") continue;
    told.add(grantId);
    if (record.type !== "code_exchanged") continue;
    exchanges.set(grantId, (exchanges.get(grantId) ?? 0) + 1);
  }

  const problems: string[] = [];
  for (const grantId of grants) {
    if (!told.has(grantId)) problems.push(`no event tells of the grant ${grantId}`);
  }
  for (const grantId of spent) {
    if (!exchanges.has(grantId)) problems.push(`a spent code has no event: ${grantId}`);
  }
  for (const [grantId, count] of exchanges) {
    if (count > 1) problems.push(`${count} events for one exchange: ${grantId}`);
    if (!spent.has(grantId)) problems.push(`an exchange left its code unspent: ${grantId}`);
  }
  return { problems, looked: records.size };
}
