import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { commonPasswords } from "../../../src/authn/passwords/common_passwords.ts";
import { isCommonPassword, newPasswordProblem } from "../../../src/authn/passwords/new_password.ts";
import { ConfigError } from "../../../src/config/config_error.ts";
import { anAdminApi, problemOf } from "../../admin/api.ts";
import { anInstallation } from "../../boot/installation.ts";
import { sentMails } from "../../support/mails.ts";
import { aProvider } from "../../support/provider.ts";

Deno.test("the list contains only possible passwords, in the form in which they are looked up", () => {
  const all = commonPasswords.trim().split(/\s+/);
  assert(all.length >= 10_000);
  assertEquals(new Set(all).size, all.length);
  assert(new TextEncoder().encode(commonPasswords).length < 100_000);
  for (const password of all) {
    assert([...password].length >= 8);
    assertEquals(password, password.normalize("NFKC").toLowerCase());
  }
});

Deno.test("a common password is refused in upper and lower case, and an uncommon one is not", async () => {
  for (
    const common of [
      "password",
      "PASSWORD",
      "Password1",
      "qwertyuiop",
      "iLoveYou",
      "ｐａｓｓｗｏｒｄ",
    ]
  ) {
    assertEquals(await newPasswordProblem(common), "password_common", common);
  }
  for (const good of ["correct horse battery", "passwords of mine", "ünïcödé!", "8 chars!"]) {
    assertEquals(await newPasswordProblem(good), null, good);
  }
  for (const bad of ["1234567", "", "x".repeat(129), undefined, 12_345_678, ["password"]]) {
    assertEquals(await newPasswordProblem(bad), "password");
  }
  assertEquals(await isCommonPassword("__proto__"), false);
});

Deno.test("an administrator cannot set a common password", async () => {
  await using api = await anAdminApi();
  const created = await api.post("/users", { username: "mara", password: "Password1" });
  assertEquals(problemOf(created), "422 validation-failed");
  assertEquals(created.body.errors, [
    {
      pointer: "/password",
      detail: "must not be a common password, or the user's own name",
    },
  ]);
  const { userId } = await api.provider.userOf("alice");
  const changed = await api.patch(`/users/${userId}`, { password: "iloveyou" });
  assertEquals(problemOf(changed), "422 validation-failed");
});

Deno.test("the bootstrap file and a reset cannot set a common password", async () => {
  await using installation = await anInstallation();
  await assertRejects(
    () => installation.boot({ users: [{ username: "mara", password: "Password1" }] }),
    ConfigError,
    "LATCHKEY_BOOTSTRAP gives mara one of the most common passwords, or their own name: choose another",
  );

  await using provider = await aProvider();
  const browser = provider.browser();
  await browser.submit(await browser.open("/password-reset"), { username: "alice" });
  const [mail] = await sentMails(provider);
  const link = mail?.text.match(/https:\/\/op\.example(\S+token=\S+)/)?.[1] ?? "";
  const page = await browser.open(link);
  const password = "Password1";
  const refused = await browser.submit(page, { password, password_repeat: password });
  assertEquals(refused.response.status, 400);
  assertStringIncludes(refused.body, "is easy to guess");
  const own = "a password of my own";
  const done = await browser.submit(page, { password: own, password_repeat: own });
  assertEquals(done.url.pathname, "/password-reset/done");
});

Deno.test("a user's own name is refused as password everywhere, in any spelling", async () => {
  for (
    const [password, names] of [
      ["margarethe", ["margarethe"]],
      ["MargaRethe ", ["margarethe"]],
      ["\uff4dargarethe", ["margarethe"]],
      ["ann.adams@example.com", ["ann", "ann.adams@example.com"]],
      ["Ann.Adams", ["ann", "ann.adams@example.com"]],
    ] as const
  ) {
    assertEquals(await newPasswordProblem(password, names), "password_common", password);
  }
  assertEquals(await newPasswordProblem("margarethe of the hill", ["margarethe", null, ""]), null);

  await using api = await anAdminApi();
  const own = { username: "margarethe", password: "Margarethe" };
  assertEquals((await api.post("/users", own)).status, 422);
  const { body: { id } } = await api.post("/users", { ...own, password: "a quiet river bank" });
  assertEquals((await api.patch(`/users/${id}`, { password: "margarethe" })).status, 422);
  const renamed = await api.patch(`/users/${id}`, { username: "a quiet river bank" });
  assertEquals([renamed.status, renamed.body.errors[0].pointer], [422, "/username"]);
});
