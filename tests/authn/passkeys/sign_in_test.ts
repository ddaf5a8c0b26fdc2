import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import * as challenges from "../../../stores/challenges.ts";
import { systemTimers } from "../../../stores/engine/kv.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";
import { strings } from "../../../src/language/languages.ts";
import { anAuthenticator } from "../../support/authenticator.ts";
import {
  ask,
  isSignedIn,
  outcomeOf,
  sessionCookie,
  submitLogin,
} from "../../support/authorization.ts";
import { type Call, type Fault, faultyKv } from "../../support/faulty_kv.ts";
import { sentMails } from "../../support/mails.ts";
import {
  inPage,
  registerPasskey,
  requestOptions,
  sendCredential,
  signInWithPasskey,
  usePasskey,
  withPasskey,
} from "../../support/passkeys.ts";
import { alice, aProvider, type TestProvider } from "../../support/provider.ts";
import { auditTrail, editUser } from "../../support/records.ts";
import { tokensOf } from "../../support/tokens.ts";
import { passkeysOf } from "./records.ts";

const { refused } = strings("en").passkeys;

Deno.test("a user signs in with a passkey without a username, and amr says so", async () => {
  const kinds = [
    [{ synced: false }, ["hwk", "user", "mfa"], "phr"],
    [{ synced: true, counts: false }, ["swk", "user", "mfa"], "phr"],
    [{ verifies: false }, ["hwk", "user"], "urn:latchkey:acr:1fa"],
  ] as const;
  for (const [kind, amr, acr] of kinds) {
    await using provider = await aProvider();
    const authenticator = await withPasskey(provider, kind);
    const { browser, ...consent } = await signInWithPasskey(provider, authenticator);
    assertEquals(outcomeOf(consent), "consent");
    const landed = await browser.submit(consent, { decision: "allow" });
    const code = landed.url.searchParams.get("code") ?? "";
    const { id_token } = await tokensOf(await provider.exchange(code));
    const claims = decodeJwt(id_token);
    assertEquals([claims.amr, claims.acr], [amr, acr]);
  }
});

Deno.test("every algorithm that is offered works", async () => {
  for (const alg of [-7, -8, -257] as const) {
    await using provider = await aProvider();
    const authenticator = await withPasskey(provider, { alg });
    assertEquals(outcomeOf(await signInWithPasskey(provider, authenticator)), "consent", `${alg}`);
  }
});

Deno.test("a sign-in stores its counter, its time, and the backup state", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  const [made] = await passkeysOf(provider);
  assertEquals([made?.counter, made?.lastUsedAt, made?.copySuspectedAt], [0, null, null]);
  provider.clock.advance(1000);
  await signInWithPasskey(provider, authenticator);
  const [used] = await passkeysOf(provider);
  assertEquals(used?.counter, 1);
  assertEquals(used?.lastUsedAt, provider.clock.seconds());
  const [event] = (await auditTrail(provider)).filter(({ type }) => type === "signed_in").slice(-1);
  assertEquals(event?.reason, "hwk user mfa");
});

Deno.test("options name no user if nobody is signed in, and each has its own challenge", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const [first, second] = [
    await requestOptions(browser, page),
    await requestOptions(browser, page),
  ];
  assertEquals(first.rpId, "op.example");
  assertEquals(first.allowCredentials, undefined);
  assertEquals(first.userVerification, "preferred");
  assert(first.challenge !== second.challenge);
  // The button's does not use up that of the suggestions, nor the other way round.
  const landed = await sendCredential(browser, page, await authenticator.get(first));
  assertEquals(outcomeOf(landed), "consent");
});

Deno.test("if user verification is required, a passkey without it is refused", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  const parameters = { acr_values: "phr" };
  const browser = provider.browser();
  const page = await ask(provider, { browser, parameters });
  const options = await requestOptions(browser, page);
  assertEquals(options.userVerification, "required");
  const unverified = await authenticator.get(options, { userVerified: false });
  const again = await sendCredential(browser, page, unverified);
  assertEquals([again.url.pathname, again.response.status], ["/login", 401]);
  assertStringIncludes(again.body, inPage(refused.passkey_unverified));
  assertEquals(sessionCookie(browser), undefined);
  assertEquals(outcomeOf(await usePasskey(browser, again, authenticator)), "consent");
});

Deno.test("the signed-in user steps up with their own passkey, in the same request", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  const another = await registerPasskey(provider);
  const browser = provider.browser();
  await submitLogin(browser, await ask(provider, { browser }));
  const before = sessionCookie(browser);
  const page = await ask(provider, { browser, parameters: { acr_values: "phr" } });
  assertEquals(outcomeOf(page), "login");
  assertStringIncludes(page.body, inPage(strings("en").passkeys.step.title));
  assert(!page.body.includes('name="password"'), "nothing less does");
  const options = await requestOptions(browser, page);
  assertEquals(options.userVerification, "required");
  assertEquals(
    options.allowCredentials?.map(({ id }) => id),
    [authenticator, another].map(({ credentials }) => credentials[0]?.id),
  );
  // An authenticator that was told which credential need not say whose it is.
  const credential = await authenticator.get(options, { userHandle: null });
  assertEquals(outcomeOf(await sendCredential(browser, page, credential)), "consent");
  assert(sessionCookie(browser) !== before, "the session kept its secret");
  assertEquals(await isSignedIn(provider, before), false);
});

Deno.test("if only a passkey is enough, the page says what a user without one can do", async () => {
  const { passkeys: t } = strings("en");
  await using provider = await aProvider();
  await withPasskey(provider);
  const browser = provider.browser();
  await submitLogin(browser, await ask(provider, { browser }));
  const page = await ask(provider, { browser, parameters: { acr_values: "phr" } });
  assertStringIncludes(page.body, inPage(t.failuresAt.step.cancelled));
  for (const other of [t.failures.cancelled, t.failures.other]) {
    assert(!page.body.includes(inPage(other)), "there is no other way to choose");
  }
  assert(!page.body.includes(inPage(t.step.recoveryCode)), "a code does not do for phr");
  assertStringIncludes(page.body, inPage(t.step.lost));
  // The link that it gives leads to where a lost passkey is replaced.
  const [, link = "none"] = /href="([^"]*)"[^>]*>Passkeys of your account</.exec(page.body) ?? [];
  assertStringIncludes((await browser.open(link)).body, inPage(t.account.addTitle));

  const refusal = await sendCredential(browser, page, "{}");
  assertEquals(refusal.response.status, 401);
  assertStringIncludes(refusal.body, inPage(t.refusedAtStep));
});

Deno.test("a user who creates a passkey is not told to sign in with another method", async () => {
  const { failures, failuresAt } = strings("en").passkeys;
  await using provider = await aProvider();
  const { body } = await registerPage(provider);
  assertStringIncludes(body, inPage(failuresAt.registration.cancelled));
  assert(!body.includes(inPage(failures.cancelled)));
});

Deno.test("after a passkey with one factor, a user with an authenticator app is asked for its code", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  const totp = { sealedSecret: "x", lastStep: 0, createdAt: 0 };
  await editUser(provider, "alice", { totp });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const options = await requestOptions(browser, page);
  const half = await browser.send("/login/passkey", {
    method: "POST",
    body: formWith(page.body, await authenticator.get(options, { userVerified: false })),
  });
  assertStringIncludes(half.headers.get("location") ?? "", "/login/second-factor?");
  assertEquals(sessionCookie(browser), undefined);
  // One that has verified the person is both factors by itself.
  const { url } = await signInWithPasskey(provider, authenticator);
  assertEquals(url.pathname, "/consent");
});

Deno.test("a passkey whose counter does not grow is treated as a copy: refused, recorded, reported", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  for (let n = 0; n < 3; n++) await signInWithPasskey(provider, authenticator);
  for (const counter of [3, 2, 0]) {
    const ways = { counter };
    const { browser, ...refused } = await signInWithPasskey(provider, authenticator, { ways });
    assertEquals(refused.response.status, 403);
    assertStringIncludes(
      refused.body,
      inPage(strings("en").error.situations.passkey_copied.title),
    );
    assertEquals(sessionCookie(browser), undefined);
  }
  const [passkey] = await passkeysOf(provider);
  assertEquals([passkey?.counter, passkey?.copySuspectedAt], [3, provider.clock.seconds()]);
  const events = (await auditTrail(provider)).filter(({ type }) => type === "passkey_copied");
  assertEquals(events.map(({ outcome, actor }) => [outcome, actor]), [
    ["failure", "anonymous"],
    ["failure", "anonymous"],
    ["failure", "anonymous"],
  ]);
  const subjects = (await sentMails(provider)).map(({ subject }) => subject);
  assertEquals(subjects.filter((subject) => /copied/.test(subject)).length, 1, "told once");
  const { body } = await (await registerPage(provider));
  assertStringIncludes(body, strings("en").passkeys.account.copied);
});

Deno.test("an authenticator that starts to count, or never counts, is not treated as a copy", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider, { counts: false, synced: false });
  for (const counter of [0, 0, 7, 8]) {
    const landed = await signInWithPasskey(provider, authenticator, { ways: { counter } });
    assertEquals(outcomeOf(landed), "consent", `${counter}`);
  }
  const landed = await signInWithPasskey(provider, authenticator, { ways: { counter: 0 } });
  assertEquals(landed.response.status, 403);
});

Deno.test("a suspended user, a removed passkey and an unknown one get the same answer", async () => {
  const tellings = new Set<string>();
  const changes: [string, (provider: TestProvider) => unknown][] = [
    ["suspended", (provider) => editUser(provider, "alice", { status: "suspended" })],
    ["removed", (provider) => editUser(provider, "alice", { passkeys: [] })],
  ];
  for (const [what, change] of changes) {
    await using provider = await aProvider();
    const authenticator = await withPasskey(provider);
    await change(provider);
    const landed = await signInWithPasskey(provider, authenticator);
    assertEquals(landed.response.status, 401, what);
    tellings.add(summaryOf(landed.body));
  }
  await using provider = await aProvider();
  const stranger = anAuthenticator();
  await stranger.create({
    challenge: "",
    rp: { id: "op.example", name: "" },
    user: { id: (await provider.userOf("alice")).userId, name: "", displayName: "" },
    pubKeyCredParams: [],
  });
  const landed = await signInWithPasskey(provider, stranger);
  assertEquals(landed.response.status, 401);
  tellings.add(summaryOf(landed.body));
  assertEquals(tellings.size, 1);
  assertStringIncludes([...tellings][0] ?? "", inPage(refused.passkey_refused));
});

Deno.test("a challenge stays valid if the session could not be created", async () => {
  let failing = false;
  await using provider = await aProvider({
    wrap: (backend) => ({
      ...backend,
      commit: (batch) => {
        const signsIn = batch.mutations.some(({ key }) => key[0] === "sessions");
        if (failing && signsIn) {
          provider.clock.advance(5); // a step is not tried again for ever
          return Promise.reject(new Error("the store is away"));
        }
        return backend.commit(batch);
      },
    }),
  });
  const authenticator = await withPasskey(provider);
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const credential = await authenticator.get(await requestOptions(browser, page));
  failing = true;
  const away = await sendCredential(browser, page, credential);
  assert(away.response.status >= 500, `${away.response.status}`);
  assertEquals(sessionCookie(browser), undefined);
  failing = false;
  assertEquals(outcomeOf(await sendCredential(browser, page, credential)), "consent");
  assertEquals((await passkeysOf(provider))[0]?.copySuspectedAt, null);
});

Deno.test("a retry after a lost answer is not treated as a copy", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const options = await requestOptions(browser, page);
  const credential = await authenticator.get(options);
  await sendCredential(browser, page, credential);
  const at = await challenges.ref("passkey_authentication", options.challenge);
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { challenge } = await tx.read({ challenge: at });
    // As the server does when an outage is over, and nobody got what a commit made.
    if (challenge.value) tx.replace(challenge, { ...challenge.value, undelivered: true });
  });
  assertEquals(outcomeOf(await sendCredential(browser, page, credential)), "consent");
  assertEquals((await passkeysOf(provider))[0]?.copySuspectedAt, null);
  const replayed = await sendCredential(browser, page, credential, { again: "yes" });
  assertEquals(replayed.response.status, 401);
});

Deno.test("a copy stays refused if its refusal was lost", async () => {
  let weather: "fine" | "lost reply" | "outage" = "fine";
  const fault = ({ kind }: Call): Fault | null => {
    if (weather === "outage") return { kind: "throwBefore" };
    if (weather === "fine" || kind !== "commit") return null;
    weather = "outage"; // so that it is not found out what became of the commit
    return { kind: "throwAfter" };
  };
  const foundOut = Promise.withResolvers<void>();
  await using provider = await aProvider({
    wrap: (store) => faultyKv({ ...store, remote: true }, { timers: systemTimers, fault }),
    observer: { undelivered: foundOut.resolve },
  });
  const authenticator = await withPasskey(provider);
  await signInWithPasskey(provider, authenticator);

  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const copied = await authenticator.get(await requestOptions(browser, page), { counter: 1 });
  const send = async () => (await sendCredential(browser, page, copied)).response.status;
  weather = "lost reply";
  assertEquals(await send(), 503);
  weather = "fine";
  await foundOut.promise;
  let status = await send();
  while (status === 503) status = await send(); // until it is settled
  assertEquals(status, 401);
  assertEquals(sessionCookie(browser), undefined);
  const [passkey] = await passkeysOf(provider);
  assertEquals([passkey?.counter, passkey?.copySuspectedAt !== null], [1, true]);
});

function formWith(html: string, credential: unknown): URLSearchParams {
  const inputs = html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  const fields = Object.fromEntries([...inputs].map(([, name, value]) => [name, value]));
  return new URLSearchParams({ ...fields, credential: JSON.stringify(credential) });
}

function summaryOf(html: string): string {
  return /id="error-summary"[\s\S]*?<\/div>/.exec(html)?.[0] ?? html;
}

async function registerPage(provider: TestProvider) {
  const browser = provider.browser();
  return await submitLogin(browser, await browser.open("/account/security/passkeys"), alice);
}
