import { eventsIn } from "../../stores/audit_event_record.ts";
import { assertEquals } from "@std/assert";
import type { CommitBatch } from "../../stores/engine/kv.ts";
import { formOf } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider, type ProviderOptions } from "../support/provider.ts";
import { answerOf, signInOffline, tokensOf } from "../support/tokens.ts";

/** A store that remembers what was committed together. */
function aRecordedStore() {
  const commits: CommitBatch[] = [];
  const wrap: ProviderOptions["wrap"] = (store) => ({
    ...store,
    commit(batch) {
      commits.push(batch);
      return store.commit(batch);
    },
  });
  return { commits, wrap };
}

/** The events of a commit, as `type` or `type: reason`, and the families that it wrote beside. */
function eventsOf({ mutations }: CommitBatch): string[] {
  if (
    mutations.some(({ type, key }) => type === "delete" && /^audit_events/.test(String(key[0])))
  ) {
    throw new Error("an event was deleted");
  }
  return eventsIn({ checks: [], mutations }).map(({ type, reason, requestId }) => {
    assertEquals(requestId?.length, 22);
    return reason === null ? type : `${type}: ${reason}`;
  }).sort();
}

Deno.test("each step is one commit, and its audit events are in it", async () => {
  const { commits, wrap } = aRecordedStore();
  await using provider = await aProvider({
    wrap,
    clients: [
      aClient("shop"),
      aClient("machine", { grant_types: ["client_credentials"], redirect_uris: [] }),
    ],
  });
  /** The events of each commit of a request. */
  async function committed(work: Promise<unknown>): Promise<string[][]> {
    commits.length = 0;
    await work;
    return commits.map(eventsOf);
  }
  const browser = provider.browser();
  const send = (form: { action: string; hidden: Record<string, string> }, fields: object) =>
    browser.send(form.action, {
      method: "POST",
      body: new URLSearchParams({ ...form.hidden, ...fields }),
    });
  const parameters = { scope: "openid offline_access" };

  assertEquals(await committed(browser.send(provider.authorizeUrl({ parameters }))), [[]]);
  const loginPage = await browser.open(provider.authorizeUrl({ parameters }));
  const login = formOf(loginPage.body);
  const wrong = { username: "alice", password: "wrong" };
  // The second commit counts it, so that a flood of refusals leaves few events.
  assertEquals(await committed(send(login, wrong)), [["sign_in_failed: pwd"], []]);
  const right = { username: alice.username, password: alice.password };
  assertEquals(await committed(send(login, right)), [["signed_in: pwd"]]);
  const resume = `/authorize/resume?interaction=${login.hidden.interaction}`;
  const consent = formOf((await browser.open(resume)).body);
  const consented = send(consent, { decision: "allow" });
  assertEquals(await committed(consented), [["code_issued", "consent_given"]]);
  const code = new URL((await consented).headers.get("location") ?? "").searchParams.get("code");

  const exchanged = provider.exchange(code ?? "");
  assertEquals(await committed(exchanged), [["code_exchanged"]]);
  const first = await tokensOf(await exchanged);
  const refreshed = provider.refresh(first.refresh_token);
  assertEquals(await committed(refreshed), [["refresh_token_used"]]);
  const credentials = provider.credentials();
  const revoke = (token: string) => provider.post("/revoke", { token, ...credentials });
  assertEquals(await committed(revoke(first.access_token)), [["token_revoked: revoked_by_client"]]);
  assertEquals(await committed(revoke(first.access_token)), []);
  const reused = provider.refresh(first.refresh_token);
  assertEquals(await committed(reused), [["grant_ended: reuse_detected"]]);
  assertEquals(await answerOf(await reused), "400 invalid_grant");

  const second = await signInOffline(provider);
  assertEquals(await committed(revoke(second.refresh_token)), [["grant_ended: revoked_by_client"]]);
  const third = await provider.authorize();
  await provider.exchange(third);
  assertEquals(await committed(provider.exchange(third)), [["grant_ended: code_replayed"]]);

  const machine = provider.post("/token", {
    grant_type: "client_credentials",
    ...provider.credentials("machine"),
  });
  assertEquals(await committed(machine), [["token_issued"]]);

  const askAgain = provider.authorizeUrl({ parameters: { ...parameters, prompt: "consent" } });
  const again = formOf((await browser.open(askAgain)).body);
  assertEquals(await committed(send(again, { decision: "deny" })), [["consent_denied"]]);
  const signedOut = browser.send("/session", { method: "DELETE" });
  assertEquals(await committed(signedOut), [["session_ended: signed_out"]]);
});

Deno.test("a refused request without side effects commits nothing", async () => {
  const { commits, wrap } = aRecordedStore();
  await using provider = await aProvider({ wrap });
  const { access_token } = await signInOffline(provider);
  commits.length = 0;
  await provider.exchange("x");
  await provider.refresh("x");
  await provider.post("/token", {});
  await provider.post("/introspect", { token: access_token, ...provider.credentials() });
  await provider.post("/revoke", { token: "x", ...provider.credentials() });
  await provider.request("/userinfo", { headers: { authorization: `Bearer ${access_token}` } });
  await provider.request("/.well-known/jwks.json");
  await provider.request("/healthz");
  assertEquals(commits, []);
});
