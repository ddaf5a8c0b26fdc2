import { assertEquals } from "@std/assert";
import { reserveMail } from "../../src/limits/mail.ts";
import { aLimiter, atOnce, countPassed } from "./limiter.ts";

Deno.test("one mail address gets three mails in a quarter of an hour, whoever requests them", async () => {
  await using limiter = await aLimiter();
  const ask = (mailAddress: string) => reserveMail(limiter.deps, mailAddress);

  assertEquals(countPassed(await atOnce(50, () => ask("alice@example.com"))), 3);
  limiter.clock.advance(15 * 60 - 0.001);
  assertEquals((await ask(" Alice@Example.COM ")).passed, false);
  assertEquals((await ask("bob@example.com")).passed, true);
  limiter.clock.advance(0.001);
  assertEquals((await ask("alice@example.com")).passed, true);
});
