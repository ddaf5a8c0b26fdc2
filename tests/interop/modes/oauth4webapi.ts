import { assert, assertEquals } from "@std/assert";
import * as oauth from "oauth4webapi";
import {
  exchanged,
  insecure,
  introspected,
  newRequest,
  relyingParty,
  signing,
  wholeLife,
} from "./oauth4webapi_party.ts";
import { type Modes, publish, secretOf, told } from "./world.ts";

export const oauth4webapiModes: Modes = {
  "each method of authentication": async (world, browser) => {
    const { certificate: headers } = world;
    const methods: Record<string, Parameters<typeof relyingParty>[2]> = {
      basic: { authentication: oauth.ClientSecretBasic(secretOf("basic")) },
      post: {},
      hmac: { authentication: oauth.ClientSecretJwt(secretOf("hmac")) },
      key: { authentication: oauth.PrivateKeyJwt(await signing(world)) },
      phone: { authentication: oauth.None() },
      tls: { authentication: oauth.TlsClientAuth(), headers },
      self: { authentication: oauth.TlsClientAuth(), headers },
    };
    for (const [id, options] of Object.entries(methods)) {
      await wholeLife(await relyingParty(world, id, options), browser);
    }
  },
  "pushed, with DPoP and the server's nonces": async (world, browser) => {
    const party = await relyingParty(world, "bound");
    const { as, client, authentication, options } = party;
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair("ES256"));
    const request = await newRequest(party);
    const push = async () =>
      await oauth.processPushedAuthorizationResponse(
        as,
        client,
        await oauth.pushedAuthorizationRequest(as, client, authentication, request.parameters, {
          ...options,
          DPoP,
        }),
      );
    const { request_uri } = await push().catch((error) => {
      if (oauth.isDPoPNonceError(error)) return push();
      throw error;
    });
    const url = request.urlOf({ client_id: "bound", request_uri });
    const callback = await told(world, await browser.open(url));
    const valid = oauth.validateAuthResponse(as, client, callback, request.state);
    const tokens = await exchanged(party, request, valid, { DPoP });
    assertEquals(tokens.token_type, "dpop");
  },
  "request objects: by value, pushed, and by reference": async (world, browser) => {
    const party = await relyingParty(world, "signer");
    const { as, client, authentication, options } = party;
    for (const way of ["value", "pushed", "reference"]) {
      const request = await newRequest(party);
      const key = await signing(world);
      const object = await oauth.issueRequestObject(as, client, request.parameters, key);
      let sent: Record<string, string> = { request: object };
      if (way === "pushed") {
        const { request_uri } = await oauth.processPushedAuthorizationResponse(
          as,
          client,
          await oauth.pushedAuthorizationRequest(as, client, authentication, sent, options),
        );
        sent = { request_uri };
      } else if (way === "reference") {
        const name = "object-oauth4webapi";
        sent = { request_uri: await publish(world, name, object) };
      }
      const landing = await browser.open(request.urlOf({ client_id: "signer", ...sent }));
      const callback = await told(world, landing);
      const valid = oauth.validateAuthResponse(as, client, callback, request.state);
      assert((await exchanged(party, request, valid)).sub, way);
    }
  },
  "signed and encrypted responses in each mode": async (world, browser) => {
    for (const id of ["signed", "sealed"]) {
      const party = await relyingParty(world, id, { isSealed: id === "sealed" });
      for (const response_mode of ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"]) {
        const request = await newRequest(party, { response_mode });
        const callback = await told(world, await browser.open(request.url));
        assertEquals([...callback.keys()], ["response"]);
        const valid = await oauth.validateJwtAuthResponse(
          party.as,
          party.client,
          callback,
          request.state,
          { ...insecure, ...party.opened },
        );
        assert((await exchanged(party, request, valid)).sub, response_mode);
      }
    }
  },
  "hybrid: code and ID token": async (world, browser) => {
    const party = await relyingParty(world, "hybrid");
    for (const response_mode of ["fragment", "form_post"]) {
      const request = await newRequest(party, { response_type: "code id_token", response_mode });
      const callback = await told(world, await browser.open(request.url));
      const valid = await oauth.validateCodeIdTokenResponse(
        party.as,
        party.client,
        callback,
        request.nonce,
        request.state,
        undefined,
        insecure,
      );
      assert((await exchanged(party, request, valid)).sub);
    }
  },
  "signed and encrypted userinfo and introspection": async (world, browser) => {
    for (const id of ["signed", "sealed"]) {
      const metadata = {
        userinfo_signed_response_alg: "ES256",
        introspection_signed_response_alg: id === "signed" ? "ES256" : "RS256",
      };
      const party = await relyingParty(world, id, { metadata, isSealed: id === "sealed" });
      const { as, client, options, opened } = party;
      const request = await newRequest(party);
      const landed = await told(world, await browser.open(`${request.url}&response_mode=query`));
      const callback = oauth.validateAuthResponse(as, client, landed, request.state);
      const { access_token, sub } = await exchanged(party, request, callback);
      const answer = await oauth.userInfoRequest(as, client, access_token, options);
      const claims = await oauth.processUserInfoResponse(as, client, sub, answer, opened);
      await oauth.validateApplicationLevelSignature(as, answer, insecure);
      assertEquals(claims.name, "Alice Adams");
      assertEquals((await introspected(party, access_token)).sub, sub);
    }
  },
};
