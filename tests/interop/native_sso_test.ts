import { assertEquals } from "@std/assert";
import * as client from "openid-client";
import { signedInBrowser } from "../support/authorization.ts";
import { anApp, deviceSecretType } from "../support/native_sso.ts";
import { relyingParty } from "../support/openid_client.ts";
import { aProvider, issuer } from "../support/provider.ts";
import { grantType, idTokenType } from "../support/token_exchange.ts";
import { newRequest } from "./modes/openid_client.ts";

Deno.test("openid-client: claims asked one by one, and a sign-in that two applications share", async () => {
  await using provider = await aProvider({ clients: [anApp("mail"), anApp("calendar")] });
  const browser = await signedInBrowser(provider, { client: "mail" });
  const [mail, calendar] = await Promise.all(
    ["mail", "calendar"].map((id) => relyingParty(provider, id, { authentication: client.None() })),
  );
  if (mail === undefined || calendar === undefined) throw new Error("not discovered");
  assertEquals(mail.serverMetadata().native_sso_supported, true);
  assertEquals(mail.serverMetadata().claims_parameter_supported, true);

  const { checks, parameters } = await newRequest("mail", {
    scope: "openid device_sso",
    claims: JSON.stringify({
      id_token: { name: { essential: true }, email: { value: "other@example.com" } },
      userinfo: { "email#en": null, auth_time: null },
    }),
  });
  const { url: answer } = await browser.open(client.buildAuthorizationUrl(mail, parameters).href);
  const tokens = await client.authorizationCodeGrant(mail, answer, checks);
  const told = tokens.claims();
  assertEquals([told?.name, told?.email], ["Alice Adams", undefined]);
  const subject = String(told?.sub);
  const info = await client.fetchUserInfo(mail, tokens.access_token, subject);
  assertEquals({ ...info }, {
    sub: subject,
    email: "alice@example.com",
    auth_time: told?.auth_time,
  });

  const shared = await client.genericGrantRequest(calendar, grantType, {
    audience: issuer,
    scope: "openid profile offline_access",
    subject_token: tokens.id_token ?? "",
    subject_token_type: idTokenType,
    actor_token: String(tokens.device_secret),
    actor_token_type: deviceSecretType,
  });
  assertEquals([shared.claims()?.sub, shared.claims()?.sid], [subject, told?.sid]);
  const refreshed = await client.refreshTokenGrant(calendar, shared.refresh_token ?? "");
  const { name } = await client.fetchUserInfo(calendar, refreshed.access_token, subject);
  assertEquals(name, "Alice Adams");
});
