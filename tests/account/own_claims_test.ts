import { assertEquals, assertStringIncludes } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { accountBrowser, postAccount } from "../support/account.ts";
import { auditTrail } from "../support/records.ts";

const path = "/account/profile";
const action = `${path}/own-claims`;
const own = { scope: "profile", changed_by: "user" };

Deno.test("users change the claims that are theirs to change, and no others", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  const browser = await accountBrowser(provider);
  const empty = await browser.open(path);
  assertEquals(empty.body.includes("own-claims"), false, "no card without such a claim");
  await api.post("/custom-claims", { ...own, claim: "desk", label: "Desk <1>" });
  await api.post("/custom-claims", { ...own, claim: "age", type: "number" });
  await api.post("/custom-claims", { ...own, claim: "remote", type: "boolean" });
  await api.post("/custom-claims", { ...own, claim: "skills", type: "strings" });
  await api.post("/custom-claims", { claim: "salary", type: "number", scope: "profile" });
  const stored = async () => (await provider.userOf("alice")).user.customClaims;

  await postAccount(browser, action, { "claim.desk": "4" });
  assertEquals(await stored(), { desk: "4" }, "a box that was never ticked is no answer");
  const page = await browser.open(path);
  assertStringIncludes(page.body, "Desk &lt;1&gt;");
  assertEquals(page.body.includes("salary"), false);
  const typed = {
    "claim.desk": " 4.12 ",
    "claim.age": "42",
    "claim.remote": "true",
    "claim.skills": "welding, Latin,,",
    "claim.salary": "1000000",
    "claim.__proto__": "x",
  };
  const saved = await postAccount(browser, action, typed);
  assertEquals(saved.url.search, "?done=saved");
  const values = { age: 42, desk: "4.12", remote: true, skills: ["welding", "Latin"] };
  assertEquals(await stored(), values);

  const refused = await postAccount(browser, action, { ...typed, "claim.age": "old" });
  assertEquals(refused.response.status, 400);
  assertStringIncludes(refused.body, "Enter a number.");
  assertStringIncludes(refused.body, 'value="old"');
  const tooLong = { ...typed, "claim.desk": "a".repeat(513) };
  assertEquals((await postAccount(browser, action, tooLong)).response.status, 400);
  assertEquals(await stored(), values);

  await postAccount(browser, action, { "claim.desk": "" });
  assertEquals(await stored(), { remote: false });
  const events = (await auditTrail(provider)).filter(({ type }) => type === "profile_updated");
  assertEquals(events.map(({ reason }) => reason), [
    "custom_claims",
    "custom_claims",
    "custom_claims",
  ]);
});
