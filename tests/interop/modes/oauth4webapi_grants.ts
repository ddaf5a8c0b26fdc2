import { assert, assertEquals } from "@std/assert";
import * as oauth from "oauth4webapi";
import { generic, insecure, introspected, relyingParty, signedIn } from "./oauth4webapi_party.ts";
import { allowDevice, allowRequest } from "./other_grants.ts";
import { api, assertionFor, type Modes, received, stock, types } from "./world.ts";

export const oauth4webapiGrantModes: Modes = {
  "devices, and users who are elsewhere": async (world, browser) => {
    const tv = await relyingParty(world, "tv");
    const begun = await oauth.processDeviceAuthorizationResponse(
      tv.as,
      tv.client,
      await oauth.deviceAuthorizationRequest(tv.as, tv.client, tv.authentication, {
        scope: "openid",
      }, tv.options),
    );
    await allowDevice(browser, begun.user_code);
    const polled = await oauth.deviceCodeGrantRequest(
      tv.as,
      tv.client,
      tv.authentication,
      begun.device_code,
      tv.options,
    );
    assert((await oauth.processDeviceCodeResponse(tv.as, tv.client, polled)).id_token);

    for (const id of ["poller", "pinged"]) {
      const party = await relyingParty(world, id);
      const { as, client, authentication, options } = party;
      const client_notification_token = oauth.generateRandomState();
      const isPinged = id !== "poller";
      const form = {
        scope: "openid",
        login_hint: world.user.username,
        ...(isPinged ? { client_notification_token } : {}),
      };
      const asked = await oauth.processBackchannelAuthenticationResponse(
        as,
        client,
        await oauth.backchannelAuthenticationRequest(as, client, authentication, form, options),
      );
      await allowRequest(browser, asked.auth_req_id);
      if (isPinged) {
        const { authorization } = await received(world, id);
        assertEquals(authorization, `Bearer ${client_notification_token}`);
      }
      const answer = await oauth.backchannelAuthenticationGrantRequest(
        as,
        client,
        authentication,
        asked.auth_req_id,
        options,
      );
      const tokens = await oauth.processBackchannelAuthenticationGrantResponse(as, client, answer);
      assert(tokens.id_token, id);
    }
  },
  "token exchange, and assertions of another server": async (world, browser) => {
    const party = await relyingParty(world, "partner");
    const forApi = { scope: "openid orders:read", resource: api };
    const { access_token, sub } = await signedIn(party, browser, forApi);
    const subject = { subject_token: access_token, subject_token_type: types.accessToken };
    const answer = await generic(party, types.tokenExchange, { ...subject, resource: stock });
    const headers = { authorization: `Bearer ${answer.access_token}` };
    const claims = await oauth.validateJwtAccessToken(
      party.as,
      new Request(stock, { headers }),
      stock,
      insecure,
    );
    assertEquals([claims.sub, claims.client_id], [sub, "partner"]);
    for (const kind of ["id-jag", "jwt"] as const) {
      const assertion = await assertionFor(world, "partner", kind);
      const form = { assertion, scope: "openid email" };
      const answer = await generic(party, types.jwtBearer, form);
      assertEquals((await introspected(party, answer.access_token)).sub, sub, kind);
    }
  },
  "registration": async (world) => {
    const { as } = await relyingParty(world, "post");
    const answer = await oauth.dynamicClientRegistrationRequest(
      as,
      { redirect_uris: ["https://new.example/callback"] },
      insecure,
    );
    const { client_id } = await oauth.processDynamicClientRegistrationResponse(answer);
    assert(client_id);
  },
};
