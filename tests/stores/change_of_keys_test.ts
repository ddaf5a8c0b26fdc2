import { assertEquals } from "@std/assert";
import { type KvBackend, systemTimers } from "../../stores/engine/kv.ts";
import {
  aCallCentre,
  answerBackchannel,
  beginBackchannel,
  pollBackchannel,
} from "../support/backchannel.ts";
import { answerDevice, aTelevision, beginDevice, poll } from "../support/devices.ts";
import { anApp, shareSignIn, signInOnDevice } from "../support/native_sso.ts";
import { createKv } from "../../stores/engine/step.ts";
import { createApp } from "../../routes/app.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { aClient, redirectUriOf } from "../support/clients.ts";
import { testOnFile } from "../support/denokv.ts";
import { aProvider, codeVerifier } from "../support/provider.ts";
import { signInOffline, tokensOf, userinfo } from "../support/tokens.ts";

/** A store that is used as a shared one, until it becomes a local file. */
function aSharedStore() {
  const store = {
    isShared: true,
    wrap: (backend: KvBackend): KvBackend => ({
      ...backend,
      get remote() {
        return store.isShared;
      },
    }),
  };
  return store;
}

// What the previous release wrote, on any store, is what this one writes to a shared store.
testOnFile(
  "what was issued before a local file got ascending keys is as good as before",
  async () => {
    const store = aSharedStore();
    const { wrap } = store;
    const api = { resource: "https://api.example", scopes: ["read"], access_token_format: "jwt" };
    const scope = "openid profile email offline_access read";
    const shop = aClient("shop", {
      scope,
      grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    });
    await using provider = await aProvider({ clients: [shop], resources: [api], wrap });
    const machineToken = async (parameters: Record<string, string> = {}) => {
      const form = { grant_type: "client_credentials", ...provider.credentials(), ...parameters };
      return (await tokensOf(await provider.post("/token", form))).access_token;
    };
    const push = async () => {
      const form = new URLSearchParams(provider.authorizeUrl().split("?")[1]);
      const sent = { ...Object.fromEntries(form), ...provider.credentials() };
      return (await (await provider.post("/par", sent)).json()).request_uri as string;
    };
    const issued = async () => ({
      person: await signInOffline(provider),
      machine: [
        await machineToken(),
        await machineToken({ resource: api.resource, scope: "read" }),
      ],
      code: await provider.authorize(),
      requestUri: await push(),
    });
    const before = await issued();
    store.isShared = false; // the same store, opened by this release as its own file
    const { clock, deps } = provider;
    const kv = createKv(provider.backend, { clock, timers: systemTimers, random: systemRandom });
    const app = createApp({ ...deps, kv });
    const local = {
      ...provider,
      request: async (path: string, init?: RequestInit) =>
        await app.fetch(new Request(new URL(path, deps.config.issuer), init), {
          remoteAddress: "203.0.113.7",
        }),
    };
    const post = (path: string, form: Record<string, string>) =>
      local.request(path, {
        method: "POST",
        body: new URLSearchParams({ ...form, ...provider.credentials() }),
      });
    const exchange = (code: string) =>
      post("/token", {
        grant_type: "authorization_code",
        code,
        redirect_uri: redirectUriOf(shop),
        code_verifier: codeVerifier,
      });
    for (const { person, machine, code, requestUri } of [before, await issued()]) {
      assertEquals((await userinfo(local, person.access_token)).status, 200);
      for (const token of machine) {
        assertEquals((await (await post("/introspect", { token })).json()).active, true);
      }
      assertEquals((await exchange(code)).status, 200);
      assertEquals((await exchange(code)).status, 400); // and only once
      const refresh = { grant_type: "refresh_token", refresh_token: person.refresh_token };
      const renewed = await tokensOf(await post("/token", refresh));
      assertEquals(renewed.access_token.length, 70); // 44 characters of it are its secret
      assertEquals((await userinfo(local, renewed.access_token)).status, 200);
      const query = new URLSearchParams({ client_id: "shop", request_uri: requestUri });
      assertEquals((await local.request(`/authorize?${query}`)).status, 303);
    }
  },
);

testOnFile(
  "a device code, an auth_req_id and a device secret survive the change of keys, and work once",
  async () => {
    const store = aSharedStore();
    const { wrap } = store;
    const clients = [aTelevision(), aCallCentre(), anApp("mail"), anApp("calendar")];
    await using before = await aProvider({ clients, wrap });
    const answered = await beginDevice(before);
    await answerDevice(before.browser(), answered.user_code);
    const waiting = await beginDevice(before);
    const { auth_req_id } = await beginBackchannel(before);
    const shared = await signInOnDevice(before);
    store.isShared = false;
    const local = before.restart();
    await answerDevice(local.browser(), waiting.user_code);
    await answerBackchannel(local);
    for (const status of [200, 400]) {
      local.clock.advance(6); // no poll is too early
      assertEquals((await poll(local, answered.device_code)).status, status);
      assertEquals((await poll(local, waiting.device_code)).status, status);
      assertEquals((await pollBackchannel(local, auth_req_id)).status, status);
    }
    assertEquals((await shareSignIn(local, shared)).status, 200);
  },
);
