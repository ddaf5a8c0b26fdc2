import { auditEventsIn } from "../support/audit_records.ts";
import { openLocalFile } from "../../stores/engine/local_file.ts";
import { snapshot } from "../support/records.ts";
import { storedRecord } from "../support/stored_record.ts";

/**
 * Looks in the file of a server that has ended for steps that are half there: a grant, a spent code or
 * what belongs to an account without its audit event, or an event without what it tells of.
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
  /** By event type: the ids that must have an event, and the ids that have one. */
  const ofAccounts = new Map(accountEvents.map((type) => [type, tally()] as const));
  for (const [key, value] of records) {
    const [family, id] = JSON.parse(key);
    const { record } = storedRecord(JSON.parse(key), value);
    const grantId = String(record.grantId);
    if (family === "grants") grants.add(id);
    if (family === "authorization_codes" && record.spentBy !== null) spent.add(grantId);
    if (family === "users") ofAccounts.get("user_created")?.there.push(id);
    if (family === "passkeys") ofAccounts.get("passkey_added")?.there.push(id);
    const isAccepted = family === "invitations" && record.spentBy !== null;
    if (isAccepted) ofAccounts.get("invitation_accepted")?.there.push(id);
    // What a client got for itself is in its token.
    if (family === "access_tokens" && record.ownGrant) grants.add(grantId);
    for (const event of auditEventsIn(JSON.parse(key), value)) {
      const isAboutPerson = event.type === "user_created";
      ofAccounts.get(event.type)?.told.push(String(isAboutPerson ? event.userId : event.about));
      if (event.grantId !== null) told.add(event.grantId);
      if (event.type !== "code_exchanged" || event.grantId === null) continue;
      exchanges.set(event.grantId, (exchanges.get(event.grantId) ?? 0) + 1);
    }
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
  for (const [type, { there, told }] of ofAccounts) {
    for (const id of there) if (!told.includes(id)) problems.push(`no ${type} tells of ${id}`);
    for (const id of told) if (!there.includes(id)) problems.push(`${type} of what is not: ${id}`);
    if (new Set(told).size < told.length) problems.push(`${type} twice for one commit`);
  }
  return { problems, looked: records.size };
}

const accountEvents = ["user_created", "passkey_added", "invitation_accepted"];

function tally(): { readonly there: string[]; readonly told: string[] } {
  return { there: [], told: [] };
}
