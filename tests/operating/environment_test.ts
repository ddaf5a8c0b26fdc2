import { assertEquals, assertStringIncludes } from "@std/assert";
import { anInstallation } from "../support/server_process.ts";

Deno.test("a misspelt variable stops deno task start before the server, and the message names it", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "start"],
    cwd: new URL("../../", import.meta.url),
    env: { LATCHKEY_ISUER: "https://id.example", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout) + decoder.decode(stderr);
  assertEquals(code, 1, text);
  assertStringIncludes(
    text,
    "LATCHKEY_ISUER is unknown: it may be meant to be LATCHKEY_ISSUER; rename or remove it",
  );
});

Deno.test("with the task's permissions the server reads its own variables and no others", async () => {
  await using installation = await anInstallation({
    env: { LATCHKEY_SIGN_UP: "open", SECRET_OF_ANOTHER_PROGRAM: "x" },
  });
  const server = await installation.start();
  const discovery = await fetch(`${server.url}/.well-known/openid-configuration`);
  const { prompt_values_supported: prompts } = await discovery.json();
  assertEquals(prompts.includes("create"), true, "LATCHKEY_SIGN_UP was not read");
});
