import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { fromBase64url, toBase64url } from "../../../src/crypto/encoding.ts";
import { ask, outcomeOf } from "../../support/authorization.ts";
import { requestOptions, sendCredential, usePasskey, withPasskey } from "../../support/passkeys.ts";
import { aProvider } from "../../support/provider.ts";
import { seed } from "../../support/harmless.ts";
import { passkeysOf } from "./records.ts";

Deno.test("the stored counter of an authenticator only grows, and only a larger one signs in", async () => {
  const counters = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(counters, async (sequence) => {
      await using provider = await aProvider();
      const authenticator = await withPasskey(provider);
      let kept = 0;
      for (const counter of sequence) {
        const browser = provider.browser();
        const page = await ask(provider, { browser });
        const landed = await usePasskey(browser, page, authenticator, { counter });
        const grows = counter > kept || (counter === 0 && kept === 0);
        assertEquals(landed.response.status, grows ? 200 : 403, `${kept} then ${counter}`);
        kept = Math.max(kept, counter);
        assertEquals((await passkeysOf(provider))[0]?.counter, kept);
      }
    }),
    { seed, numRuns: 12 },
  );
});

Deno.test("a passkey response with any flipped bit is rejected, and the original is accepted", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const credential = await authenticator.get(await requestOptions(browser, page));
  const part = fc.constantFrom("authenticatorData", "clientDataJSON", "signature", "userHandle");
  await fc.assert(
    fc.asyncProperty(part, fc.nat(), fc.nat({ max: 7 }), async (part, at, bit) => {
      const bytes = fromBase64url(String(credential.response[part]));
      const index = at % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
      const response = { ...credential.response, [part]: toBase64url(bytes) };
      const landed = await sendCredential(browser, page, { ...credential, response });
      assertEquals(landed.response.status, 401);
    }),
    { seed, numRuns: 120 },
  );
  assertEquals(outcomeOf(await sendCredential(browser, page, credential)), "consent");
});
