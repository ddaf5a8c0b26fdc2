import { assertEquals } from "@std/assert";
import { deliverMail } from "../../src/mail/deliver.ts";
import { kvObserver } from "../../src/telemetry/kv_observer.ts";
import { systemTimers } from "../../stores/engine/kv.ts";
import { signedInBrowser } from "../support/authorization.ts";
import {
  aCallCentre,
  answerBackchannel,
  beginBackchannel,
  pollBackchannel,
} from "../support/backchannel.ts";
import { aClient } from "../support/clients.ts";
import { answerDevice, aTelevision, beginDevice, poll } from "../support/devices.ts";
import { type Call, type Fault, faultyKv } from "../support/faulty_kv.ts";
import { aProvider, type ProviderOptions, type TestProvider } from "../support/provider.ts";
import { silentLogger } from "../support/silent_logger.ts";
import { collectTelemetry, takeCollected } from "../support/telemetry.ts";
import { signInOffline, tokensOf } from "../support/tokens.ts";

await collectTelemetry();

/** A provider that is watched as main.ts does it. */
async function aWatchedProvider(options: ProviderOptions = {}): Promise<TestProvider> {
  const provider = await aProvider({ ...options, observer: kvObserver(silentLogger) });
  takeCollected();
  return provider;
}

/** What was counted under one name since the last look, by attributes. */
function counted(name: string): Record<string, number> {
  const own = Object.entries(takeCollected().counts)
    .filter(([key]) => key.split(" ")[0] === name)
    .map(([key, times]) => [key.slice(name.length + 1), times]);
  return Object.fromEntries(own);
}

Deno.test("each token response is counted by its grant type", async () => {
  const shop = aClient("shop", {
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
  });
  await using provider = await aWatchedProvider({ clients: [shop, aTelevision(), aCallCentre()] });
  const { device_code, user_code } = await beginDevice(provider);
  await answerDevice(provider.browser(), user_code);
  await poll(provider, device_code);
  const { auth_req_id } = await beginBackchannel(provider);
  await answerBackchannel(provider);
  await pollBackchannel(provider, auth_req_id);
  const { refresh_token } = await signInOffline(provider);
  await tokensOf(await provider.refresh(refresh_token));
  const own = { grant_type: "client_credentials", ...provider.credentials() };
  await tokensOf(await provider.post("/token", own));
  await provider.post("/token", { ...own, client_secret: "wrong" });

  assertEquals(counted("latchkey.tokens"), {
    "grant_type=authorization_code": 1,
    "grant_type=refresh_token": 1,
    "grant_type=client_credentials": 1,
    "grant_type=device_code": 1,
    "grant_type=ciba": 1,
  });
});

Deno.test("a replay is counted once, because the ended grant cannot be replayed again", async () => {
  await using provider = await aWatchedProvider();
  const code = await provider.authorize();
  for (let n = 0; n < 3; n++) await provider.exchange(code);
  assertEquals(counted("latchkey.replays"), { "kind=code": 1 });

  const { refresh_token } = await signInOffline(provider);
  for (let n = 0; n < 3; n++) await provider.refresh(refresh_token);
  assertEquals(counted("latchkey.replays"), { "kind=refresh_token": 1 });
});

Deno.test("sign-ins and failed sign-ins are counted separately", async () => {
  await using provider = await aWatchedProvider();
  await signedInBrowser(provider);
  const browser = provider.browser();
  const login = await browser.open(provider.authorizeUrl());
  for (let n = 0; n < 2; n++) {
    await browser.submit(login, { username: "alice", password: "not hers" });
  }
  assertEquals(counted("latchkey.sign_ins"), { "outcome=success": 1, "outcome=failure": 2 });
});

Deno.test("refusals by limits are counted for each limit", async () => {
  const limits = { config: { rateLimits: true } };
  await using provider = await aWatchedProvider(limits);
  for (let n = 0; n < 63; n++) await provider.request("/authorize");
  assertEquals(counted("latchkey.limits.refused"), { "limit=authorize": 3 });

  const wrong = { grant_type: "client_credentials", client_id: "shop", client_secret: "wrong" };
  for (let n = 0; n < 12; n++) await provider.post("/token", wrong);
  assertEquals(counted("latchkey.limits.refused"), { "limit=client-authentication": 2 });
});

Deno.test("steps are counted by their result, and 503 answers by their route", async () => {
  let isDown = false;
  const wrap: ProviderOptions["wrap"] = (store) =>
    faultyKv({ ...store, remote: true }, {
      timers: systemTimers,
      fault: () => isDown ? { kind: "throwBefore" } : null,
    });
  await using provider = await aWatchedProvider({ wrap });
  const unknown = { token: "unknown", ...provider.credentials() };
  await provider.post("/introspect", unknown);
  await provider.post("/introspect", { ...unknown, client_secret: "wrong" });
  isDown = true;
  const answers = [
    await provider.post("/introspect", unknown),
    await provider.request("/readyz"),
    await provider.request("/api/v1/users", { headers: { authorization: `Bearer ${token}` } }),
  ];
  isDown = false;

  assertEquals(answers.map(({ status }) => status), [503, 503, 503]);
  const { counts } = takeCollected();
  assertEquals(counts, {
    "latchkey.steps outcome=done": 2, // the second writes of the wrong secret
    "latchkey.steps outcome=refused": 1,
    "latchkey.steps outcome=unavailable": 3,
    "latchkey.answers.unavailable route=/introspect": 1,
    "latchkey.answers.unavailable route=/readyz": 1,
    "latchkey.answers.unavailable route=/api/v1/users": 1,
  });
});

const token = `at_${"A".repeat(22)}.${"A".repeat(43)}`;

Deno.test("mails that were given up and mails that were sent are counted separately", async () => {
  let fails = false;
  const mailer = { send: () => fails ? Promise.reject(new Error("no")) : Promise.resolve() };
  await using provider = await aWatchedProvider({ mailer });
  const browser = provider.browser();
  const ask = async () => {
    const page = await browser.open("/password-reset");
    await browser.submit(page, { username: "alice@example.com" });
    for (let n = 0; n < 40; n++) {
      await deliverMail(provider.deps);
      provider.clock.advance(3600);
    }
  };
  await ask();
  fails = true;
  await ask();
  assertEquals(counted("latchkey.mails"), { "outcome=sent": 1, "outcome=failed": 1 });
});

Deno.test("reruns, unknown outcomes and undelivered answers are counted", async () => {
  let weather: "fine" | "conflict" | "lost reply" | "outage" = "fine";
  const fault = ({ kind }: Call): Fault | null => {
    if (weather === "outage") return { kind: "throwBefore" };
    if (kind !== "commit" || weather === "fine") return null;
    const isConflict = weather === "conflict";
    weather = isConflict ? "fine" : "outage";
    return { kind: isConflict ? "conflict" : "throwAfter" };
  };
  const wrap: ProviderOptions["wrap"] = (store) =>
    faultyKv({ ...store, remote: true }, { timers: systemTimers, fault });
  await using provider = await aWatchedProvider({ wrap });
  const { refresh_token } = await signInOffline(provider);
  takeCollected();

  weather = "conflict";
  const next = await tokensOf(await provider.refresh(refresh_token));
  const { counts } = takeCollected();
  assertEquals(counts["latchkey.step.reruns reason=conflict"], 1);
  assertEquals(counts["latchkey.tokens grant_type=refresh_token"], 1);

  weather = "lost reply";
  assertEquals((await provider.refresh(next.refresh_token)).status, 503);
  const then = takeCollected().counts;
  assertEquals(then["latchkey.step.unknown_outcomes"], 1);
  assertEquals(then["latchkey.tokens grant_type=refresh_token"], undefined);

  weather = "fine";
  const later = await collectedWith("latchkey.step.undelivered");
  assertEquals(later["latchkey.step.undelivered"], 1);
  // It did land, as was found out; the honest retry then meets no theft.
  assertEquals(later["latchkey.tokens grant_type=refresh_token"], 1);
  await tokensOf(await answeredInTheEnd(() => provider.refresh(next.refresh_token)));
  assertEquals(counted("latchkey.replays"), {});
});

/** Asks again while the answer is 503, as a client does: what landed is marked a moment later. */
async function answeredInTheEnd(ask: () => Promise<Response>): Promise<Response> {
  for (let n = 0; n < 200; n++) {
    const response = await ask();
    if (response.status !== 503) return response;
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return await ask();
}

/** What is counted until something is, which the background does. */
async function collectedWith(name: string): Promise<Record<string, number>> {
  const all: Record<string, number> = {};
  for (let n = 0; n < 500 && all[name] === undefined; n++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    for (const [key, times] of Object.entries(takeCollected().counts)) {
      all[key] = (all[key] ?? 0) + times;
    }
  }
  return all;
}
