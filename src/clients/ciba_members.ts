import { z } from "zod";
import { ciba } from "../../stores/grant_types.ts";
import { signingAlgorithms, usable } from "../../stores/provider.ts";
import type { PublicJwk } from "../../stores/public_jwk.ts";
import { calledUrlProblem } from "../identifiers/web_url.ts";
import { needsKeys } from "./jwks.ts";
import { hasKeyFor } from "./key_use.ts";
import { checked, converted, orNull } from "./member.ts";

/**
 * The members about requests to users who are elsewhere, as src/clients/members.ts has the others.
 *
 * @see CIBA Core section 4
 */
export const cibaMembers = {
  backchannel_token_delivery_mode: converted(
    "backchannelTokenDeliveryMode",
    "operator",
    z.enum(["poll", "ping"], "must be poll or ping").optional(),
    orNull,
  ),
  backchannel_client_notification_endpoint: converted(
    "backchannelClientNotificationEndpoint",
    "operator",
    checked(calledUrlProblem).optional(),
    orNull,
  ),
  backchannel_authentication_request_signing_alg: converted(
    "backchannelAuthenticationRequestSigningAlg",
    "operator",
    z.enum(usable(signingAlgorithms)).optional(),
    orNull,
  ),
};

interface Metadata {
  readonly token_endpoint_auth_method: string;
  readonly grant_types: readonly string[];
  readonly backchannel_token_delivery_mode?: "poll" | "ping" | undefined;
  readonly backchannel_client_notification_endpoint?: string | undefined;
  readonly backchannel_authentication_request_signing_alg?: string | undefined;
  readonly require_signed_request_object: boolean;
  readonly jwks?: { readonly keys: readonly PublicJwk[] } | undefined;
  readonly jwks_uri?: string | undefined;
}

/** What is wrong with them together. */
export function cibaProblems(metadata: Metadata) {
  const { backchannel_token_delivery_mode: mode } = metadata;
  const isCiba = metadata.grant_types.includes(ciba);
  const problems: { readonly path: keyof Metadata; readonly problem: string }[] = [];
  if (isCiba && metadata.token_endpoint_auth_method === "none") {
    const problem = "must not hold ciba for a client without a secret or a key";
    problems.push({ path: "grant_types", problem });
  }
  if (isCiba !== (mode !== undefined)) {
    const problem = "and the grant type ciba need each other";
    problems.push({ path: "backchannel_token_delivery_mode", problem });
  }
  const hasEndpoint = metadata.backchannel_client_notification_endpoint !== undefined;
  if ((mode === "ping") !== hasEndpoint) {
    const problem = "and backchannel_token_delivery_mode ping need each other";
    problems.push({ path: "backchannel_client_notification_endpoint", problem });
  }
  const path = "backchannel_authentication_request_signing_alg";
  const { [path]: alg } = metadata;
  if (alg === undefined) {
    // Otherwise the client could send no request at all.
    if (isCiba && metadata.require_signed_request_object) {
      problems.push({ path, problem: "is missing: require_signed_request_object needs it" });
    }
  } else {
    if (!isCiba) problems.push({ path, problem: "needs the grant type ciba" });
    if (!hasKeyFor(metadata, alg)) problems.push({ path, problem: needsKeys });
  }
  return problems;
}
