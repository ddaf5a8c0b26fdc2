import { assert } from "@std/assert";
import { kvObserver } from "../../src/telemetry/kv_observer.ts";
import { consoleLogger, logLevels } from "../../src/telemetry/logger.ts";
import { formOf } from "../support/browser.ts";
import { newestLink } from "../support/mails.ts";
import { alice, aProvider, codeVerifier, type ProviderOptions } from "../support/provider.ts";
import { faultyKv } from "../support/faulty_kv.ts";
import { asRequest, collectTelemetry, takeCollected } from "../support/telemetry.ts";
import { introspect, signInOffline, tokensOf, userinfo } from "../support/tokens.ts";
import { systemTimers } from "../../stores/engine/kv.ts";

await collectTelemetry();

/** Keeps what reaches the console from here on. */
function capturedConsole() {
  const original = { ...console };
  const lines: string[] = [];
  for (const level of logLevels) {
    console[level] = (...parts: unknown[]) => void lines.push(parts.join(" "));
  }
  return { lines, [Symbol.dispose]: () => void Object.assign(console, original) };
}

Deno.test("no secret is in a log line, a span or a counter, whatever happens", async () => {
  using captured = capturedConsole();
  const logger = consoleLogger("debug", "json");
  let isDown = false;
  const wrap: ProviderOptions["wrap"] = (store) =>
    faultyKv({ ...store, remote: true }, {
      timers: systemTimers,
      fault: () => isDown ? { kind: "throwBefore" } : null,
    });
  await using provider = await aProvider({
    logger,
    observer: kvObserver(logger),
    wrap,
    config: { rateLimits: true },
  });
  const secrets = new Set([alice.password, "a wrong password", "a wrong secret", codeVerifier]);
  const keep = (texts: readonly (string | null | undefined)[]) =>
    texts.forEach((text) => text && secrets.add(text));

  await asRequest(async () => {
    const browser = provider.browser();
    const login = await browser.open(provider.authorizeUrl());
    keep([formOf(login.body).hidden.form_token]);
    for (let n = 0; n < 12; n++) {
      await browser.submit(login, { username: "alice", password: "a wrong password" });
    }
    provider.clock.advance(60);
    const tokens = await signInOffline(provider, { browser });
    keep([...browser.cookies.values(), tokens.access_token, tokens.refresh_token, tokens.id_token]);
    await userinfo(provider, tokens.access_token);
    await introspect(provider, tokens.access_token);
    const next = await tokensOf(await provider.refresh(tokens.refresh_token));
    keep([next.access_token, next.refresh_token, next.id_token]);
    await provider.refresh(tokens.refresh_token); // a replay

    const credentials = provider.credentials();
    keep([credentials.client_secret]);
    const pushed = await provider.post("/par", {
      ...Object.fromEntries(new URL(provider.authorizeUrl(), "https://x").searchParams),
      ...credentials,
    });
    const { request_uri } = await pushed.json();
    keep([request_uri.split(":").at(-1)]);
    await browser.open(`/authorize?client_id=shop&request_uri=${request_uri}`);
    await provider.post("/revoke", {
      token: next.refresh_token,
      ...credentials,
      client_secret: "a wrong secret",
    });

    const form = formOf((await browser.open("/password-reset")).body);
    await browser.open(form.action, {
      method: "POST",
      body: new URLSearchParams({ ...form.hidden, username: "alice@example.com" }),
    });
    const link = await newestLink(provider);
    keep([new URL(link, "https://x").searchParams.get("token")]);
    await browser.open(link);

    isDown = true;
    const code = `${"A".repeat(22)}.${"B".repeat(43)}`;
    keep([code]);
    await provider.exchange(code);
    await provider.request(link);
    isDown = false;
  });

  const { spans, counts } = takeCollected();
  const all = [...captured.lines, JSON.stringify(spans), JSON.stringify(counts)].join("\n");
  assert(captured.lines.length >= 8 && spans.length > 20 && secrets.size > 12, all);
  for (const secret of secrets) assert(!all.includes(secret), `${secret} is in\n${all}`);
});
