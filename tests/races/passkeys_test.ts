import { assert, assertEquals } from "@std/assert";
import { anAuthenticator, type CredentialJson } from "../support/authenticator.ts";
import { ask } from "../support/authorization.ts";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { formAnswer } from "../support/form_answer.ts";
import {
  creationOptions,
  openPasskeys,
  passkeyForm,
  passkeyUrls,
  requestOptions,
  withPasskey,
} from "../support/passkeys.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { auditTrail, editUser } from "../support/records.ts";
import { passkeysOf } from "../authn/passkeys/records.ts";

/** Three processes of one installation. */
function processesOf(provider: TestProvider): TestProvider[] {
  return [provider, provider.restart(), provider.restart()];
}

/** Posts a credential to the n-th process, without following where it leads. */
function post(
  processes: readonly TestProvider[],
  n: number,
  browser: Browser,
  { body }: Landing,
  credential: CredentialJson,
) {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  return processes[n % processes.length]?.post(
    passkeyUrls(body).action,
    { ...passkeyForm(body), credential: JSON.stringify(credential) },
    { cookie, origin: issuer },
  );
}

function winners(answers: readonly (Response | undefined)[]): number {
  return answers.filter((answer) => answer?.headers.get("set-cookie")?.includes("_session="))
    .length;
}

/** Those whose page says that the passkey may have been copied. */
async function refusals({ deps }: TestProvider, answers: readonly (Response | undefined)[]) {
  const met = await Promise.all(answers.map((one) => one && formAnswer(deps, one)));
  return met.filter((answer) => answer?.status === 403);
}

Deno.test("one of 50 concurrent responses to one challenge signs in", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  const processes = processesOf(provider);
  for (const sameAnswer of [true, false]) {
    const browser = provider.browser();
    const page = await ask(provider, { browser });
    const options = await requestOptions(browser, page);
    const first = await authenticator.get(options);
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const credential = sameAnswer ? first : await authenticator.get(options);
        return await post(processes, n, browser, page, credential);
      }),
    );
    assertEquals(winners(answers), 1, sameAnswer ? "the same answer" : "each with its own counter");
  }
  const [passkey] = await passkeysOf(provider);
  assertEquals(passkey?.copySuspectedAt, null, "who comes second to a challenge is no copy");
});

Deno.test("one of 50 concurrent responses with the same counter signs in, and the others are refused as copies", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  const processes = processesOf(provider);
  const attempts = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const browser = provider.browser();
      const page = await ask(provider, { browser });
      const options = await requestOptions(browser, page);
      return { browser, page, credential: await authenticator.get(options, { counter: 9 }) };
    }),
  );

  const answers = await Promise.all(
    attempts.map(({ browser, page, credential }, n) =>
      post(processes, n, browser, page, credential)
    ),
  );

  assertEquals(winners(answers), 1);
  assertEquals((await refusals(provider, answers)).length, 49);
  const [passkey] = await passkeysOf(provider);
  assertEquals(passkey?.counter, 9);
  assert(passkey?.copySuspectedAt);
  const events = (await auditTrail(provider)).filter(({ type }) => type === "passkey_copied");
  assertEquals(events.length, 49);
});

Deno.test("50 concurrent responses with growing counters, in any order, never set the counter back", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  const processes = processesOf(provider);
  const attempts = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      const browser = provider.browser();
      const page = await ask(provider, { browser });
      const options = await requestOptions(browser, page);
      return { browser, page, credential: await authenticator.get(options, { counter: n + 1 }) };
    }),
  );

  const answers = await Promise.all(
    attempts.map(({ browser, page, credential }, n) =>
      post(processes, n * 7, browser, page, credential)
    ),
  );

  const [passkey] = await passkeysOf(provider);
  assertEquals(passkey?.counter, 50, "the highest always wins");
  assertEquals(winners(answers) + (await refusals(provider, answers)).length, 50);
});

Deno.test("one of 50 concurrent responses to one registration adds its passkey", async () => {
  await using provider = await aProvider();
  const processes = processesOf(provider);
  const { browser, page } = await openPasskeys(provider);
  const authenticator = anAuthenticator();
  const options = await creationOptions(browser, page);
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      return await post(processes, n, browser, page, await authenticator.create(options));
    }),
  );
  const met = await Promise.all(answers.map((one) => one && formAnswer(provider.deps, one)));
  assertEquals(met.filter((answer) => answer?.status === 303).length, 1);
  assertEquals((await passkeysOf(provider)).length, 1);
});

Deno.test("if all passkeys are removed at once and there is no password, the last passkey stays", async () => {
  await using provider = await aProvider();
  for (let n = 0; n < 6; n++) await withPasskey(provider);
  const { browser } = await openPasskeys(provider);
  await editUser(provider, alice.username, { passwordHash: null });
  const processes = processesOf(provider);
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const forms = await Promise.all((await passkeysOf(provider)).map(async ({ id }) => {
    const page = await browser.open(`/account/security/passkeys/${id}`);
    return formOf(page.body);
  }));

  const answers = await Promise.all(
    forms.map(({ action, hidden }, n) =>
      processes[n % 3]?.post(action, hidden, { cookie, origin: issuer })
    ),
  );

  const met = await Promise.all(answers.map((one) => one && formAnswer(provider.deps, one)));
  assertEquals(met.map((answer) => answer?.status).sort(), [303, 303, 303, 303, 303, 400]);
  assertEquals((await passkeysOf(provider)).length, 1);
});
