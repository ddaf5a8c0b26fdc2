import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemTimers } from "../../stores/engine/kv.ts";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { faultyKv } from "../support/faulty_kv.ts";
import type { ProviderOptions, TestProvider } from "../support/provider.ts";

/** The page of a link that is no longer valid: it says so, and has no form. */
export function assertInvalidLink({ response, body }: Landing, text: string) {
  assertEquals(response.status, 400);
  assertStringIncludes(body, text);
  assert(!body.includes("<form"));
}

/**
 * Forms that an attacker could send in place of the form on a link's page. Each must be refused with 400
 * and spend nothing.
 *
 * @param otherToken a token with the right form that belongs to nothing
 */
export async function forgedForms(
  provider: TestProvider,
  browser: Browser,
  page: Landing,
  { fields = {}, otherToken }: {
    readonly fields?: Readonly<Record<string, string>>;
    readonly otherToken: string;
  },
): Promise<[what: string, response: Response][]> {
  const { action, hidden } = formOf(page.body);
  const all = { ...hidden, ...fields };
  const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
  return [
    ["without Origin", await provider.post(action, all, { cookie })],
    [
      "from another site",
      await send(browser, page, { fields, headers: { origin: "https://evil.example" } }),
    ],
    ["from another browser", await send(provider.browser(), page, { fields })],
    ["with another token", await send(browser, page, { fields: { ...fields, token: otherToken } })],
    ["without a form token", await send(browser, page, { fields: { ...fields, form_token: "" } })],
  ];
}

/** Sends the form of a page, with other fields or headers. */
export async function send(
  browser: Browser,
  page: Landing,
  { fields = {}, headers = {} }: {
    readonly fields?: Readonly<Record<string, string>>;
    readonly headers?: Record<string, string>;
  },
): Promise<Response> {
  const { action, hidden } = formOf(page.body);
  const body = new URLSearchParams({ ...hidden, ...fields });
  return await browser.send(action, { method: "POST", body, headers });
}

/** A remote store whose commits fail while `fails` is true. */
export interface FailingStore {
  fails: boolean;
  readonly wrap: NonNullable<ProviderOptions["wrap"]>;
}

export function aFailingStore(): FailingStore {
  const store: FailingStore = {
    fails: false,
    wrap: (backend) =>
      faultyKv({ ...backend, remote: true }, {
        timers: systemTimers,
        fault: ({ kind }) => store.fails && kind === "commit" ? { kind: "throwBefore" } : null,
      }),
  };
  return store;
}

/** Submits a page while commits fail, which is answered 503, and again afterwards. @returns the answer */
export async function submitAfterFailure(
  store: FailingStore,
  browser: Browser,
  page: Landing,
  fields: Readonly<Record<string, string>> = {},
): Promise<Landing> {
  store.fails = true;
  assertEquals((await browser.submit(page, fields)).response.status, 503);
  store.fails = false;
  for (;;) {
    const landed = await browser.submit(page, fields);
    if (landed.response.status !== 503) return landed;
    await systemTimers.sleep(20); // the failed commit is still being settled
  }
}
