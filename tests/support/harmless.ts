import { auditEventsIn } from "./audit_records.ts";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { badVariants, type GoodRequest } from "./bad_input.ts";
import type { Browser } from "./browser.ts";
import { aClient } from "./clients.ts";
import { aProvider, type TestProvider } from "./provider.ts";
import { snapshot } from "./records.ts";
import { signInOffline } from "./tokens.ts";

export const seed = 20_260_101;
export const runs = 150;

/** The records that a refused request, or a request that only begins something, may leave behind. */
const passing = [
  "audit_budgets",
  "interactions",
  "logout_requests",
  "pushed_requests",
  "step_markers",
];
const passingEvents = [
  "backchannel_requested",
  "device_requested",
  "request_pushed",
  "sign_in_failed",
  "authorization_refused",
  "client_authentication_failed",
  "token_refused",
];

/** What is only begun, too, by a request that is right after all. */
export const begun: readonly string[] = [
  "backchannel_requests",
  "backchannel_requests_by_user",
  "device_authorizations",
  "device_user_codes",
  "mail_outbox",
  "mail_outbox_due",
];

/** All that is stored, but for that. @param also further families that may change */
export async function lasting(
  provider: TestProvider,
  also: readonly string[] = [],
): Promise<Map<string, unknown>> {
  const found = await snapshot(provider.backend, [...passing, ...also]);
  const events = new Set<string>();
  for (const [key, value] of found) {
    const parts = JSON.parse(key);
    const [first, ...others] = auditEventsIn(parts, value);
    const isPassing = [first, ...others].every((event) =>
      passingEvents.includes(event?.type ?? "")
    );
    if (first && isPassing) events.add(first.id);
  }
  for (const key of found.keys()) {
    const [family, ...id] = JSON.parse(key);
    if (/^audit_events/.test(family) && events.has(id.at(-1))) found.delete(key);
  }
  return found;
}

/** Fails on an answer that no specification has. */
export async function assertProtocolAnswer(response: Response) {
  const body = await response.text();
  const about = `${response.status} ${body.slice(0, 2000)}`;
  assert([200, 201, 204, 303, 400, 401, 403, 404, 413, 414, 415].includes(response.status), about);
  assert(!body.includes("<script>alert(1)"), about);
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  const cookies = response.headers.getSetCookie().join();
  assert(!cookies.includes("x=y"), cookies);
  if (response.status < 400 || !body.startsWith("{")) return;
  const { error, error_description } = JSON.parse(body);
  assert(/^[a-z_]+$/.test(error), about);
  // RFC 6749 section 5.2: printable ASCII without quotes and backslashes
  assert(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(error_description), about);
}

async function withinSeconds<T>(seconds: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer in ${seconds} s`)), seconds * 1000);
  return await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** Sends bad variants of a request, and looks each time that nothing of it lasts. @param also as `lasting` */
export async function assertHarmless(
  provider: TestProvider,
  good: GoodRequest,
  { also = [], numRuns = runs }: { readonly also?: readonly string[]; readonly numRuns?: number } =
    {},
) {
  const before = await lasting(provider, also);
  await fc.assert(
    fc.asyncProperty(badVariants(good), async ({ method, target, headers, body }) => {
      const response = await withinSeconds(
        10,
        provider.request(target, { method, headers, ...(body === null ? {} : { body }) }),
      );
      await assertProtocolAnswer(response);
      assertEquals(changes(before, await lasting(provider, also)), []);
    }),
    { seed, numRuns },
  );
}

/** The keys of records that were written or deleted. */
export function changes(before: Map<string, unknown>, after: Map<string, unknown>): string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  const text = (records: Map<string, unknown>, key: string) => JSON.stringify(records.get(key));
  return [...keys].filter((key) => text(before, key) !== text(after, key));
}

/** The headers that a browser would send. */
export function cookieOf(browser: Browser): string {
  return [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

/** A provider with one of everything that could be spent. */
export async function aFullProvider() {
  const provider = await aProvider({
    lifetimes: { code: 3600 }, // the store's own time goes on: it must not sweep the code meanwhile
    clients: [
      aClient("shop", { scope: "openid profile email offline_access read" }),
      aClient("machine", { grant_types: ["client_credentials"], redirect_uris: [] }),
    ],
    resources: [{ resource: "https://api.example", scopes: ["read"] }],
  });
  const tokens = await signInOffline(provider);
  const code = await provider.authorize();
  return { provider, code, ...tokens };
}
