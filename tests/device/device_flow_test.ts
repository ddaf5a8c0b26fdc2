import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import { adminResource, adminScope } from "../../src/clients/admin_resource.ts";
import { formOf } from "../support/browser.ts";
import { countedKv } from "../support/counted_kv.ts";
import { aDpopKey } from "../support/dpop.ts";
import {
  answerDevice,
  aTelevision,
  aTool,
  beginDevice,
  deviceGrant,
  poll,
  typeCode,
} from "../support/devices.ts";
import { aClient } from "../support/clients.ts";
import {
  alice,
  aProvider,
  codeChallenge,
  codeVerifier,
  issuer,
  type TestProvider,
} from "../support/provider.ts";
import { auditTrail, editUser } from "../support/records.ts";
import { answerOf, introspect, tokensOf } from "../support/tokens.ts";

Deno.test("a device gets tokens once its user has allowed it, and what it does is in the audit trail", async () => {
  await using provider = await aProvider({ clients: [aTelevision()] });
  const begun = await beginDevice(provider, "tv", {
    scope: "openid profile offline_access",
    nonce: "the-nonce",
  });
  assertMatch(begun.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  assertEquals({ ...begun, device_code: "", user_code: "" }, {
    device_code: "",
    user_code: "",
    verification_uri: `${issuer}/device`,
    verification_uri_complete: `${issuer}/device?user_code=${begun.user_code}`,
    expires_in: 600,
    interval: 5,
  });
  assertEquals(
    await answerOf(await poll(provider, begun.device_code)),
    "400 authorization_pending",
  );

  const browser = provider.browser();
  const asking = await typeCode(browser, begun.user_code);
  assertEquals(asking.url.pathname, "/device/confirm");
  for (const shown of ["The tv", begun.user_code, "Alice Adams", "started this on your own"]) {
    assertStringIncludes(asking.body, shown);
  }
  const done = await browser.submit(asking, { decision: "allow" });
  assertStringIncludes(done.body, "Your device is connected");
  // Sent again, for example by a double click, the form leads to the same page.
  assertEquals((await browser.submit(asking, { decision: "deny" })).body, done.body);

  const tokens = await tokensOf(await poll(provider, begun.device_code));
  assertEquals(tokens.scope, "openid profile offline_access");
  const claims = decodeJwt(tokens.id_token);
  assertEquals([claims.aud, claims.nonce, typeof claims.auth_time], ["tv", "the-nonce", "number"]);
  assertEquals((await provider.refresh(tokens.refresh_token)).status, 200);

  const trail = (await auditTrail(provider)).filter(({ clientId }) => clientId === "tv");
  assertEquals(trail.map(({ type }) => type).sort(), [
    "client_created",
    "consent_given",
    "device_allowed",
    "device_code_exchanged",
    "device_requested",
    "refresh_token_used",
  ]);
});

Deno.test("a device code that comes back ends the grant, and another client's ends nothing", async () => {
  await using provider = await aProvider({
    clients: [aTelevision(), aTelevision("thief"), aTool()],
  });
  const { device_code, user_code } = await beginDevice(provider);
  const refusedToOthers = async () => {
    for (const other of ["thief", "cli"]) {
      assertEquals(await answerOf(await poll(provider, device_code, other)), "400 invalid_grant");
    }
  };
  await refusedToOthers();
  await answerDevice(provider.browser(), user_code);
  await refusedToOthers();
  const { access_token } = await tokensOf(await poll(provider, device_code));
  await refusedToOthers();
  assertEquals((await introspect(provider, access_token, "tv")).active, true);
  assertEquals(await answerOf(await poll(provider, device_code)), "400 invalid_grant");
  assertEquals((await introspect(provider, access_token, "tv")).active, false);
});

Deno.test("polls that come too often are slowed down by 5 seconds for good, and few of them are stored", async () => {
  const { calls, wrap } = countedKv();
  await using provider = await aProvider({ clients: [aTelevision()], wrap });
  const { device_code } = await beginDevice(provider);
  const next = async (seconds: number) => {
    provider.clock.advance(seconds);
    calls.length = 0;
    const answer = await answerOf(await poll(provider, device_code));
    return [answer.slice(4), calls.filter((call) => call === "commit").length];
  };
  const pending = ["authorization_pending", 1];
  const steps: [number, (string | number)[]][] = [
    [0, pending], // the first one may come at once
    [5, pending],
    [4.5, pending], // clocks are not exact
    [1, ["slow_down", 1]],
    [0.5, ["slow_down", 0]],
    [0.5, ["slow_down", 0]],
    [5, ["slow_down", 0]], // ten seconds now
    [3, pending],
    [5, ["slow_down", 1]], // fifteen
    [7, ["slow_down", 0]],
    [3, pending],
    [15, pending],
  ];
  for (const [n, [seconds, expected]] of steps.entries()) {
    assertEquals(await next(seconds), expected, `step ${n}`);
  }
});

Deno.test("a user who denies, waits too long or is no administrator gives the device nothing", async () => {
  const admin = aTelevision("ops", {
    scope: `openid ${adminScope}`,
    resources: [adminResource({ issuer })],
  });
  await using provider = await aProvider({ clients: [aTelevision(), admin] });
  const browser = provider.browser();
  const denied = await beginDevice(provider);
  assertStringIncludes(
    (await answerDevice(browser, denied.user_code, "deny")).body,
    "not connected",
  );
  assertEquals(await answerOf(await poll(provider, denied.device_code)), "400 access_denied");

  const parameters = { scope: `openid ${adminScope}`, resource: adminResource({ issuer }) };
  const administering = await beginDevice(provider, "ops", parameters);
  const refused = await answerDevice(browser, administering.user_code);
  assertStringIncludes(refused.body, "access_denied");
  const answer = await answerOf(await poll(provider, administering.device_code, "ops"));
  assertEquals(answer, "400 access_denied");

  const late = await beginDevice(provider);
  const asking = await typeCode(browser, late.user_code);
  provider.clock.advance(600);
  assertEquals(await answerOf(await poll(provider, late.device_code)), "400 expired_token");
  assertStringIncludes(
    (await browser.submit(asking, { decision: "allow" })).body,
    "not good any more",
  );
  assertStringIncludes((await typeCode(browser, late.user_code)).body, "No device waits");
  provider.clock.advance(600);
  assertEquals(await answerOf(await poll(provider, late.device_code)), "400 invalid_grant");
  const types = (await auditTrail(provider)).map(({ type }) => type);
  assertEquals(types.filter((type) => type === "device_denied").length, 2);
  assert(!types.includes("device_allowed"));
});

Deno.test("requests of devices are checked as pushed requests are, and refused requests store nothing", async () => {
  const key = "k".repeat(43);
  const mcp = aTelevision("mcp", { profile: "mcp" });
  const clients = [aTelevision(), aTool(), mcp, aClient("shop")];
  await using provider = await aProvider({
    clients,
    resources: [{ resource: "https://api.example", scopes: ["read"], clients: ["shop"] }],
  });
  const table: [string, Record<string, string>, string][] = [
    ["shop", {}, "400 unauthorized_client"],
    ["tv", { client_secret: "wrong" }, "401 invalid_client"],
    ["cli", { client_secret: "unexpected" }, "401 invalid_client"],
    ["tv", { scope: "phone" }, "400 invalid_scope"],
    ["tv", { scope: "unknown" }, "400 invalid_scope"],
    ["tv", { resource: "https://api.example" }, "400 invalid_target"],
    ["tv", { resource: "not a URI" }, "400 invalid_target"],
    ["mcp", {}, "400 invalid_target"],
    ["tv", { claims: "{" }, "400 invalid_request"],
    ["tv", essential("urn:example:gold"), "400 unmet_authentication_requirements"],
    ["tv", { claims: '{"id_token":{"acr":{"value":"urn:example:gold"}}}' }, "200"],
    ["tv", { max_age: "-1" }, "400 invalid_request"],
    ["tv", { dpop_jkt: "short" }, "400 invalid_request"],
    ["tv", { request: "a.b.c" }, "400 request_not_supported"],
    ["tv", { request_uri: "urn:x" }, "400 request_uri_not_supported"],
    ["tv", { nonce: "n".repeat(513) }, "400 invalid_request"],
    // What has no meaning for a device is ignored, as the specification says.
    ["tv", { redirect_uri: "https://evil.example", prompt: "none", response_type: "token" }, "200"],
    ["cli", { dpop_jkt: key, code_verifier: "x" }, "200"],
  ];
  for (const [client, parameters, expected] of table) {
    const form = { ...provider.credentials(client), scope: "openid", ...parameters };
    const response = await provider.post("/device_authorization", form);
    assertEquals(response.headers.get("cache-control"), "no-store");
    assertEquals(await answerOf(response), expected, JSON.stringify(parameters));
  }
  const requests = (await auditTrail(provider)).filter(({ type }) => type === "device_requested");
  assertEquals(requests.length, 3);

  const { device_code } = await beginDevice(provider, "cli");
  const refused: [Record<string, string | undefined>, string][] = [
    [{ device_code: undefined }, "400 invalid_request"],
    [{ device_code: "" }, "400 invalid_request"],
    [{ device_code: "x".repeat(257) }, "400 invalid_grant"],
    [{ device_code: `${device_code}x` }, "400 invalid_grant"],
    [{ device_code: device_code.split(".")[0] }, "400 invalid_grant"],
    [{ device_code: device_code.split(".")[1] }, "400 invalid_grant"],
    [{ device_code: device_code.slice(1) }, "400 invalid_grant"],
    [{ resource: "not a URI" }, "400 invalid_target"],
  ];
  for (const [parameters, expected] of refused) {
    const answer = await answerOf(await poll(provider, device_code, "cli", parameters));
    assertEquals(answer, expected, JSON.stringify(parameters));
  }
  assertEquals(
    await answerOf(await poll(provider, device_code, "cli")),
    "400 authorization_pending",
  );
});

/** A request for a sign-in of this level, and no other. */
function essential(value: string) {
  return { claims: JSON.stringify({ id_token: { acr: { essential: true, value } } }) };
}

Deno.test("a user whose sign-in is not what a device asks for can refuse it, or use another account", async () => {
  const bob = { username: "bob", password: "another long pass phrase", claims: {} };
  await using provider = await aProvider({ clients: [aTelevision()], users: [alice, bob] });
  const { userId } = await provider.userOf(alice.username);
  const isRefused = (body: string) => {
    assertStringIncludes(body, "You may not use");
    assertStringIncludes(body, "asks for another account, or for a way to sign in");
    assert(!body.includes(`value="allow"`));
  };

  // Alice has no passkey, and none of her sign-ins could be one.
  const strong = await beginDevice(provider, "tv", essential("phr"));
  const asking = await typeCode(provider.browser(), strong.user_code);
  isRefused(asking.body);
  assertEquals(
    await answerOf(await poll(provider, strong.device_code)),
    "400 authorization_pending",
  );
  const browser = provider.browser();
  const forged = await typeCode(browser, strong.user_code);
  assertStringIncludes((await browser.submit(forged, { decision: "allow" })).body, "not connected");
  provider.clock.advance(10);
  assertEquals(await answerOf(await poll(provider, strong.device_code)), "400 access_denied");
  const denied = (await auditTrail(provider)).find(({ type }) => type === "device_denied");
  assertEquals(denied?.reason, "unmet_authentication_requirements");

  const claims = JSON.stringify({ id_token: { sub: { value: userId } } });
  const hers = await beginDevice(provider, "tv", { claims });
  const shared = provider.browser();
  const wrong = await typeCode(shared, hers.user_code, bob);
  isRefused(wrong.body);
  assertStringIncludes(wrong.body, 'value="another_account"');
  const other = await shared.submit(wrong, { decision: "another_account" });
  const { username, password } = alice;
  const right = await shared.submit(other, { username, password });
  const done = await shared.submit(right, { decision: "allow" });
  assertStringIncludes(done.body, "Your device is connected");
  const tokens = await tokensOf(await poll(provider, hers.device_code));
  assertEquals(decodeJwt(tokens.id_token).sub, userId);
});

Deno.test("tokens are bound to the key of the device's first proof, and no other key gets them", async () => {
  await using provider = await aProvider({ clients: [aTool(), aTelevision()] });
  const [own, other] = [await aDpopKey(provider), await aDpopKey(provider)];
  const proofOf = async (key: typeof own, path: string) => ({ dpop: await key.proof({ path }) });
  const begun = await beginDevice(provider, "cli", { scope: "openid offline_access" }, {
    ...await proofOf(own, "/device_authorization"),
  });
  const browser = provider.browser();
  await answerDevice(browser, begun.user_code);
  const answer = async (headers: Record<string, string>) =>
    await answerOf(await poll(provider, begun.device_code, "cli", {}, headers));
  assertEquals(await answer({}), "400 invalid_dpop_proof");
  assertEquals(await answer(await proofOf(other, "/token")), "400 invalid_grant");
  const proof = await proofOf(own, "/token");
  const tokens = await tokensOf(await poll(provider, begun.device_code, "cli", {}, proof));
  assertEquals(tokens.token_type, "DPoP");
  // Without a secret, the refresh token is bound as well.
  const refreshed = await provider.refresh(tokens.refresh_token, { client: "cli" });
  assertEquals(await answerOf(refreshed), "400 invalid_dpop_proof");
  const two = { dpop_jkt: other.thumbprint, ...provider.credentials("cli"), scope: "openid" };
  const headers = await proofOf(own, "/device_authorization");
  const mixed = await provider.post("/device_authorization", two, headers);
  assertEquals(await answerOf(mixed), "400 invalid_request");
});

Deno.test("every end of a grant ends that of a device, and a changed client gets nothing", async () => {
  await using provider = await aProvider({ clients: [aTelevision(), aTool()] });
  const browser = provider.browser();
  const allowed = async (scope: string) => {
    const begun = await beginDevice(provider, "tv", { scope });
    await answerDevice(browser, begun.user_code);
    return begun.device_code;
  };
  const [kept, ended] = [await allowed("openid offline_access"), await allowed("openid")];
  const signOut = await browser.open("/logout");
  await browser.submit(signOut, {});
  assertEquals(await answerOf(await poll(provider, ended)), "400 invalid_grant");
  assertEquals((await tokensOf(await poll(provider, kept))).refresh_token !== "", true);
  const unfetched = await allowed("openid offline_access");
  await editUser(provider, "alice", { status: "suspended" });
  assertEquals(await answerOf(await poll(provider, unfetched)), "400 invalid_grant");
});

Deno.test("a complete address fills the code in and sends nothing, and a page of another browser decides nothing", async () => {
  await using provider = await aProvider({ clients: [aTelevision()] });
  const begun = await beginDevice(provider);
  const { pathname, search } = new URL(begun.verification_uri_complete);
  const browser = provider.browser();
  const filled = await browser.open(pathname + search);
  assertEquals(filled.response.status, 200);
  assertStringIncludes(filled.body, `value="${begun.user_code}"`);
  assert(!filled.body.includes("<script"), "nothing could submit it");
  for (const evil of ['"><script>alert(1)</script>', "AAAA-AAAA", "x".repeat(5000)]) {
    const { body } = await browser.open(`/device?user_code=${encodeURIComponent(evil)}`);
    assert(!/<script|name="user_code"[^>]* value=/.test(body), evil);
  }

  const asking = await typeCode(browser, ` ${begun.user_code.toLowerCase().replace("-", " ")} `);
  const { action, hidden } = formOf(asking.body);
  const elsewhere = provider.browser();
  await elsewhere.open("/device");
  const body = new URLSearchParams({ ...hidden, decision: "allow" });
  const stolen = await elsewhere.send(action, { method: "POST", body });
  await stolen.body?.cancel();
  const seen = await elsewhere.open(`${asking.url.pathname}${asking.url.search}`);
  assertEquals(seen.response.status, 400);
  assertEquals(
    await answerOf(await poll(provider, begun.device_code)),
    "400 authorization_pending",
  );

  // Two browsers have typed it: the first one that answers decides.
  const second = provider.browser();
  const secondAsking = await typeCode(second, begun.user_code);
  await browser.submit(asking, { decision: "deny" });
  const late = await second.submit(secondAsking, { decision: "allow" });
  assertStringIncludes(late.body, "not good any more");
  assertEquals(await answerOf(await poll(provider, begun.device_code)), "400 access_denied");
});

Deno.test("discovery names the endpoint and the grant type, and clients choose it for themselves", async () => {
  await using provider = await aProvider({ config: { registration: "open" } });
  const document = await (await provider.request("/.well-known/openid-configuration")).json();
  assertEquals(document.device_authorization_endpoint, `${issuer}/device_authorization`);
  assert(document.grant_types_supported.includes(deviceGrant));
  const body = JSON.stringify({
    redirect_uris: ["https://app.example/cb"],
    grant_types: ["authorization_code", deviceGrant],
  });
  const headers = { "content-type": "application/json" };
  const registered = await provider.request("/register", { method: "POST", body, headers });
  // A stranger's name would stand on the page of somebody who is being phished.
  assertEquals((await registered.json()).grant_types, ["authorization_code"]);
});

Deno.test("a device that sends a code challenge must prove it, and spends nothing without", async () => {
  await using provider = await aProvider({ clients: [aTool()] });
  const pkce = { code_challenge: codeChallenge, code_challenge_method: "S256" };
  const { device_code, user_code } = await beginDevice(provider, "cli", pkce);
  const answer = async (form: Record<string, string | undefined>, code = device_code) =>
    await answerOf(await poll(provider, code, "cli", form));
  const right = { code_verifier: codeVerifier };
  assertEquals(await answer(right), "400 authorization_pending");
  await answerDevice(provider.browser(), user_code);
  for (
    const wrong of [undefined, { code_verifier: `${codeVerifier}x` }, {
      code_verifier: "A".repeat(43),
    }]
  ) {
    assertEquals(await answer({ ...wrong }), "400 invalid_grant", JSON.stringify(wrong));
  }
  assertEquals(await answer({ code_verifier: "short" }), "400 invalid_request");
  await tokensOf(await poll(provider, device_code, "cli", right));
  // A replay without the proof ends nothing, one with it ends the grant.
  assertEquals(await answer({}), "400 invalid_grant");
  assertEquals(await endedGrants(provider), 0);
  assertEquals(await answer(right), "400 invalid_grant");
  assertEquals(await endedGrants(provider), 1);

  const plain = await beginDevice(provider, "cli");
  assertEquals(
    await answer(right, plain.device_code),
    "400 invalid_request",
    "its challenge is gone",
  );
  for (
    const bad of [
      { ...pkce, code_challenge_method: "plain" },
      { ...pkce, code_challenge: "short" },
    ]
  ) {
    const form = { scope: "openid", client_id: "cli", ...bad };
    assertEquals(
      await answerOf(await provider.post("/device_authorization", form)),
      "400 invalid_request",
    );
  }
});

async function endedGrants(provider: TestProvider): Promise<number> {
  return (await auditTrail(provider)).filter(({ type }) => type === "grant_ended").length;
}
