import { auditEventIn, withAuditEvent } from "../support/audit_records.ts";
import { aClient } from "../support/clients.ts";
import { aDpopKey } from "../support/dpop.ts";
import type { Browser } from "../support/browser.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { storedRecord } from "../support/stored_record.ts";
import { signInOffline, tokensOf } from "../support/tokens.ts";

interface StoredRecord {
  readonly key: Deno.KvKey;
  readonly value: unknown;
}

const day = 86_400;

/** The live records of a busy server, in realistic proportions: some refreshes for each sign-in, and so on. */
const proportions: Readonly<Record<string, number>> = {
  access_tokens: 6,
  audit_events_by_time: 6,
  authorization_codes: 2,
  challenges: 1,
  dpop_jtis: 3,
  grants: 2,
  grants_by_user: 2,
  interactions: 2,
  pushed_requests: 1,
  rate_limits: 2,
  refresh_token_families: 2,
  sessions: 1,
  sessions_by_user: 1,
};

/**
 * Fills a store with copies of real records that live on, and with audit events past their retention, for
 * a cleanup to remove.
 * @returns how many live records there are of each family
 */
export async function fillStore(
  file: string,
  { live, due }: { readonly live: number; readonly due: number },
): Promise<Readonly<Record<string, number>>> {
  const samples = await sampleRecords();
  const counts: Record<string, number> = {};
  const kv = await Deno.openKv(file);
  let batch = kv.atomic();
  let size = 0;
  const whole = Object.entries(proportions)
    .reduce((sum, [, parts]) => sum + parts, 0);
  for (const [family, parts] of Object.entries(proportions)) {
    const own = samples.filter(({ key }) => key[0] === family);
    if (own.length === 0) throw new Error(`there is no sample of ${family}`);
    for (let n = 0; n < Math.ceil(live * parts / whole); n++) {
      const sample = own[n % own.length];
      if (sample) await write(copyOf(sample, Date.now() - n), counts);
    }
  }
  const events = samples.filter(({ key, value }) => auditEventIn(key, value) !== null);
  for (let n = 0; n < due; n++) {
    const sample = events[n % events.length];
    if (sample) await write(copyOf(sample, Date.now() - 100 * day * 1000 + n), {});
  }
  await batch.commit();
  kv.close();
  return counts;

  async function write({ key, value }: StoredRecord, counted: Record<string, number>) {
    batch.set(
      key,
      value,
      "expiresAt" in storedRecord(key, value).record ? { expireIn: 30 * day * 1000 } : {},
    );
    counted[String(key[0])] = (counted[String(key[0])] ?? 0) + 1;
    if (++size % 400 > 0) return;
    await batch.commit();
    batch = kv.atomic();
  }
}

/** A record under another random id; an audit event of this time (epoch milliseconds), with its place. */
function copyOf({ key, value }: StoredRecord, time: number): StoredRecord {
  const fresh = crypto.randomUUID();
  const event = auditEventIn(key, value);
  if (event === null) return { key: [...key.slice(0, -1), fresh], value };
  const { id: _, ...record } = event;
  const copy = withAuditEvent(key, value, { ...record, time });
  return { key: ["audit_events_by_time", time, fresh], value: copy };
}

/** Has people and clients do what they do, and gives what that leaves in the store, with an end in 30 days. */
async function sampleRecords(): Promise<StoredRecord[]> {
  await using provider = await aProvider({
    clients: [aClient("shop", { grant_types: ["authorization_code", "refresh_token"] })],
    config: { rateLimits: true },
  });
  for (let people = 0; people < 3; people++) {
    const { refresh_token } = await signInOffline(provider);
    await tokensOf(await provider.refresh(refresh_token));
    await provider.browser().open(provider.authorizeUrl()); // and then they went away
    await pushRequest(provider);
    await askForReset(provider.browser());
  }
  const { entries } = await provider.backend.list({ prefix: [] }, { limit: 1000 });
  const expiresAt = Math.floor(Date.now() / 1000) + 30 * day;
  return entries.map(({ key, value }) => {
    const { version, record } = storedRecord(key, value);
    // The copies have names, which a local file reads too.
    return "expiresAt" in record
      ? { key, value: { version, record: { ...record, expiresAt } } }
      : { key, value };
  });
}

async function pushRequest(provider: TestProvider) {
  const query = new URLSearchParams(provider.authorizeUrl().split("?")[1]);
  const form = { ...Object.fromEntries(query), ...provider.credentials() };
  const dpop = await (await aDpopKey(provider)).proof({ path: "/par" });
  const pushed = await provider.post("/par", form, { dpop });
  if (pushed.status !== 201) throw new Error(`${pushed.status}: ${await pushed.text()}`);
  await pushed.body?.cancel();
}

async function askForReset(browser: Browser) {
  const page = await browser.open("/password-reset");
  await browser.submit(page, { username: `somebody ${crypto.randomUUID()}` });
}
