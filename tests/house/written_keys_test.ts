import { assert, assertEquals } from "@std/assert";
import { type KvBackend, systemTimers, type Timers } from "../../stores/engine/kv.ts";
import { ask, outcomeOf, submitLogin } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { testOnFile } from "../support/denokv.ts";
import { aProvider } from "../support/provider.ts";
import { signIn, signInOffline, tokensOf } from "../support/tokens.ts";

const shop = aClient("shop", {
  grant_types: ["authorization_code", "refresh_token", "client_credentials"],
  scope: "openid profile email offline_access",
});

/** A provider as it runs on a file of its own, and the families that it writes to from here on. */
async function aCountedProvider() {
  const written: string[] = [];
  const wrap = (backend: KvBackend): KvBackend => ({
    ...backend,
    commit(batch) {
      written.push(...batch.mutations.map(({ key }) => String(key[0])));
      return backend.commit(batch);
    },
  });
  const config = { rateLimits: true };
  // Counts of requests are stored once a second, whoever sent them: not within what is counted here.
  const timers: Timers = {
    sleep: (milliseconds, signal) =>
      systemTimers.sleep(milliseconds === 1000 ? 60_000 : milliseconds, signal),
  };
  const provider = await aProvider({ clients: [shop], wrap, timers, remembers: true, config });
  await signIn(provider); // unseals the key that signs
  return {
    provider,
    async writtenBy(work: () => Promise<unknown>): Promise<string[]> {
      written.length = 0;
      await work();
      return [...written].sort();
    },
  };
}

// Only there: a shared store gets the records that the previous release reads, and a marker a commit.

testOnFile("client_credentials writes two keys", async () => {
  const { provider, writtenBy } = await aCountedProvider();
  await using _ = provider;
  const form = { grant_type: "client_credentials", ...provider.credentials() };
  const written = await writtenBy(async () => await tokensOf(await provider.post("/token", form)));
  assertEquals(written, ["access_tokens", "audit_events_by_time"]);
});

testOnFile("a code exchange writes five keys", async () => {
  const { provider, writtenBy } = await aCountedProvider();
  await using _ = provider;
  const code = await provider.authorize({ parameters: { scope: "openid offline_access" } });
  const written = await writtenBy(async () => await tokensOf(await provider.exchange(code)));
  assertEquals(written, [
    "access_tokens",
    "audit_events_by_person",
    "audit_events_by_time",
    "authorization_codes",
    "refresh_token_families",
  ]);
});

testOnFile("a refresh writes four keys", async () => {
  const { provider, writtenBy } = await aCountedProvider();
  await using _ = provider;
  const { refresh_token } = await signInOffline(provider);
  const written = await writtenBy(async () =>
    await tokensOf(await provider.refresh(refresh_token))
  );
  assertEquals(written, [
    "access_tokens",
    "audit_events_by_person",
    "audit_events_by_time",
    "refresh_token_families",
  ]);
});

testOnFile(
  "a sign-in with a password, from the request to the code, writes at most 14 keys with limits on",
  async () => {
    const { provider, writtenBy } = await aCountedProvider();
    await using _ = provider;
    const browser = provider.browser();
    const written = await writtenBy(async () => {
      const page = await ask(provider, { browser });
      assertEquals(outcomeOf(await submitLogin(browser, page)), "code");
    });
    assert(written.length <= 14, `${written.length} keys: ${written}`);
  },
);
