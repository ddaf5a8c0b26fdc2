import { assertEquals, assertStringIncludes } from "@std/assert";
import { sealAuditEvents } from "../../src/audit/seal.ts";
import { auditTrail } from "../../src/audit/trail.ts";
import { aProvider } from "../support/provider.ts";

Deno.test("audit:verify exits with 0 for a trail with seals, and with 2 where it cannot tell", async (t) => {
  await using provider = await aProvider({ timers: { sleep: () => Promise.resolve() } });
  const exported = async () =>
    (await Array.fromAsync(auditTrail(provider.deps))).map((line) => JSON.stringify(line));
  const unsealed = (await exported()).join("\n");
  await sealAuditEvents(provider.deps);
  const sealed = (await exported()).join("\n");

  const cases = [
    { name: "sealed", text: sealed, code: 0, says: "nothing was tampered with" },
    { name: "not sealed yet", text: unsealed, code: 2, says: "there is no seal in it" },
    { name: "empty", text: "", code: 2, says: "there is no seal in it" },
    { name: "a refusal", text: '{"status":401}', code: 2, says: "line 1 is none of its lines" },
    { name: "cut off", text: sealed.slice(0, -9), code: 2, says: "is none of its lines" },
  ];
  for (const { name, text, code, says } of cases) {
    await t.step(name, async () => {
      const verified = await verify(text);
      assertEquals(verified.code, code);
      assertStringIncludes(verified.text, says);
    });
  }
});

async function verify(text: string) {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, text);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-read",
      new URL("../../tools/audit_verify.ts", import.meta.url).href,
      file,
    ],
  }).output();
  await Deno.remove(file);
  const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, text: read(stdout) + read(stderr) };
}
