import { assertEquals, assertStringIncludes } from "@std/assert";
import { sealAuditEvents } from "../../src/audit/seal.ts";
import { auditTrail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { aProvider } from "../support/provider.ts";
import { silentLogger } from "../support/silent_logger.ts";

Deno.test("audit:verify reports an intact trail, an unsealed trail, and a file that is not a trail", async (t) => {
  await using provider = await aProvider({ timers: { sleep: () => Promise.resolve() } });
  const exported = async () =>
    (await Array.fromAsync(auditTrail(provider.deps))).map((line) => JSON.stringify(line));
  const unsealed = (await exported()).join("\n");
  await sealAuditEvents(provider.deps);
  const sealed = (await exported()).join("\n");

  const cases = [
    { name: "sealed", text: sealed, code: 0, says: "nothing was tampered with" },
    { name: "not sealed yet", text: unsealed, code: 3, says: "nothing is sealed yet" },
    { name: "empty", text: "", code: 3, says: "nothing is sealed yet" },
    {
      name: "a refusal",
      text: '{"status":401}',
      code: 2,
      says: "line 1 does not belong to an audit trail",
    },
    {
      name: "cut off",
      text: sealed.slice(0, -9),
      code: 2,
      says: "does not belong to an audit trail",
    },
  ];
  for (const { name, text, code, says } of cases) {
    await t.step(name, async () => {
      const verified = await verify(text);
      assertEquals(verified.code, code);
      assertStringIncludes(verified.text, says);
    });
  }
});

Deno.test("a stored head or root reveals a trail that was cut off, made again or replaced", async (t) => {
  const sleep = () => Promise.resolve();
  const logged: Record<string, unknown>[] = [];
  const info = (message: string, fields: Record<string, unknown> = {}) => {
    if (message === "the audit trail was sealed") logged.push(fields);
  };
  await using provider = await aProvider({
    timers: { sleep },
    logger: { ...silentLogger, info },
  });
  const trail = async () => await Array.fromAsync(auditTrail(provider.deps));
  const empty = await trail();
  await sealAuditEvents(provider.deps);
  const first = await trail();
  await provider.authorize(); // more events
  await sealAuditEvents(provider.deps);
  const whole = await trail();
  // Another key and other seals over the same events, as who has the store and the master key can make.
  await using other = await aProvider({ timers: { sleep } });
  await sealAuditEvents(other.deps);
  const made = await Array.fromAsync(auditTrail(other.deps));

  assertEquals(logged.map(({ seal }) => seal), [1, 2]);
  const heads = { head: String(logged[1]?.head), root: String(logged[1]?.root) };
  for (const [kind, head] of Object.entries(heads)) {
    const states = { whole, "cut off": first, "made anew": made, "thrown away": empty };
    for (const [name, lines] of Object.entries(states)) {
      await t.step(`${name}, by its ${kind}`, async () => {
        const { state, problems } = await verifyTrail(() => lines, { keptSince: 0, head });
        assertEquals(state, name === "whole" ? "intact" : "tampered");
        const said = "the remembered head is not in the chain: seals were removed or made anew";
        assertEquals(problems.includes(said), name !== "whole");
      });
    }
  }
  await t.step("the task takes it as a flag", async () => {
    const text = (lines: readonly unknown[]) => lines.map((one) => JSON.stringify(one)).join("\n");
    const flag = `--head=${heads.head}`;
    assertEquals((await verify(text(whole), flag)).code, 0);
    assertEquals((await verify(text(empty), flag)).code, 1);
    const { code, text: said } = await verify(text(first), flag);
    assertEquals(code, 1);
    assertStringIncludes(said, "the remembered head is not in the chain");
  });
});

async function verify(text: string, ...flags: readonly string[]) {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, text);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-read",
      new URL("../../tools/audit_verify.ts", import.meta.url).href,
      file,
      ...flags,
    ],
  }).output();
  await Deno.remove(file);
  const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, text: read(stdout) + read(stderr) };
}
