import { assertEquals } from "@std/assert";
import { reserveMail } from "../../src/limits/mail.ts";
import { aLimiter, atOnce, countPassed } from "./limiter.ts";

Deno.test("three mails in a quarter of an hour go to one mail address, whoever asks", async () => {
  await using limiter = await aLimiter();
  const ask = (address: string, mailAddress: string) =>
    reserveMail(limiter.deps, { address, requestId: null }, mailAddress);

  assertEquals(countPassed(await atOnce(50, (i) => ask(`192.0.2.${i}`, "alice@example.com"))), 3);
  limiter.clock.advance(15 * 60 - 0.001);
  assertEquals((await ask("192.0.2.1", " Alice@Example.COM ")).passed, false);
  assertEquals((await ask("192.0.2.1", "bob@example.com")).passed, true);
  limiter.clock.advance(0.001);
  assertEquals((await ask("192.0.2.1", "alice@example.com")).passed, true);
});
