import { assert, assertEquals } from "@std/assert";
import * as client from "openid-client";
import { configured, newRequest, signedIn } from "./openid_client.ts";
import { arrived, keyOf, type Modes } from "./world.ts";

/** What goes through the browser, what is encrypted, and who hears which subject. */
export const frontChannelModes: Modes = {
  "hybrid: code and ID token": async (world, browser) => {
    const config = await configured(world, "hybrid");
    client.useCodeIdTokenResponseType(config);
    for (const response_mode of ["fragment", "form_post"]) {
      const { checks, parameters } = await newRequest("hybrid", { response_mode });
      const { href } = client.buildAuthorizationUrl(config, parameters);
      const callback = arrived(world, await browser.open(href));
      const tokens = await client.authorizationCodeGrant(config, callback, checks);
      assert(tokens.claims()?.sub);
    }
  },
  "implicit: an ID token": async (world, browser) => {
    const config = await configured(world, "hybrid");
    client.useIdTokenResponseType(config);
    for (const response_mode of ["fragment", "form_post"]) {
      const { checks, parameters } = await newRequest("hybrid", { response_mode });
      const { href } = client.buildAuthorizationUrl(config, parameters);
      const claims = await client.implicitAuthentication(
        config,
        arrived(world, await browser.open(href)),
        checks.expectedNonce,
        { expectedState: checks.expectedState },
      );
      assertEquals(claims.name, "Alice Adams");
    }
  },
  "signed userinfo and introspection": async (world, browser) => {
    const metadata = {
      userinfo_signed_response_alg: "ES256",
      introspection_signed_response_alg: "ES256",
    };
    const config = await configured(world, "signed", { metadata });
    const { access_token, sub } = await signedIn(world, browser, config);
    assertEquals((await client.fetchUserInfo(config, access_token, sub)).name, "Alice Adams");
    const seen = await client.tokenIntrospection(config, access_token);
    assertEquals([seen.active, seen.sub], [true, sub]);
  },
  "encrypted ID token, userinfo, introspection and response": async (world, browser) => {
    const metadata = { userinfo_signed_response_alg: "ES256" };
    const config = await configured(world, "sealed", { metadata });
    client.useJwtResponseMode(config);
    const key = await keyOf(world.encryptionKey) as never;
    client.enableDecryptingResponses(config, ["A256GCM"], { key, kid: "enc", alg: "ECDH-ES" });
    const { access_token, id_token = "", sub } = await signedIn(world, browser, config);
    assertEquals(id_token.split(".").length, 5);
    const told = await client.fetchUserInfo(config, access_token, sub);
    assertEquals(told.name, "Alice Adams");
    assertEquals(client.getDecryptedResponses(told)?.split(".").length, 3);
    const seen = await client.tokenIntrospection(config, access_token);
    assertEquals([seen.active, seen.sub], [true, sub]);
  },
  "pairwise subjects": async (world, browser) => {
    const subjects: string[] = [];
    for (const id of ["east", "west", "post"]) {
      const config = await configured(world, id);
      const { access_token, sub } = await signedIn(world, browser, config);
      assertEquals((await client.fetchUserInfo(config, access_token, sub)).sub, sub);
      assertEquals((await client.tokenIntrospection(config, access_token)).sub, sub);
      subjects.push(sub);
    }
    assertEquals(new Set(subjects).size, 3);
  },
};
