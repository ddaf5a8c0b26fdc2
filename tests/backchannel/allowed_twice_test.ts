import { assertEquals, assertStringIncludes } from "@std/assert";
import { accountBrowser } from "../support/account.ts";
import { aCallCentre, beginBackchannel, pollBackchannel } from "../support/backchannel.ts";
import { aProvider } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";

Deno.test("a user who presses the button twice reads both times that the request is allowed", async () => {
  await using provider = await aProvider({ clients: [aCallCentre()] });
  const { auth_req_id } = await beginBackchannel(provider);
  const browser = await accountBrowser(provider);
  const page = await browser.open("/account/requests");
  const elsewhere = await accountBrowser(provider);
  const pageElsewhere = await elsewhere.open("/account/requests");
  for (let click = 0; click < 2; click++) {
    const answered = await browser.submit(page, { decision: "allow" });
    assertEquals([answered.response.status, answered.url.search], [200, "?done=allowed"]);
  }
  const events = (await auditTrail(provider)).map(({ type }) => type);
  assertEquals(events.filter((type) => type === "backchannel_allowed").length, 1);
  assertEquals((await pollBackchannel(provider, auth_req_id)).status, 200);

  // A "no" that comes too late, or another session, reads that it is over.
  const late = await browser.submit(page, { decision: "deny" });
  const other = await elsewhere.submit(pageElsewhere, { decision: "allow" });
  for (const { response, body } of [late, other]) {
    assertEquals(response.status, 404);
    assertStringIncludes(body, "This request is over");
  }
});
