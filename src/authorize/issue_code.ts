import * as auditEvents from "../../stores/audit_events.ts";
import * as authorizationCodes from "../../stores/authorization_codes.ts";
import type { Client } from "../../stores/clients.ts";
import { secretKey } from "../../stores/engine/ids.ts";
import * as grants from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { codeLifetime } from "../clients/profile.ts";
import { keepAlive } from "../authn/sessions/keep_alive.ts";
import type { LiveSession } from "../sessions/live_session.ts";
import type { Deps } from "../deps/deps.ts";
import { aboutDetails, type Grantable } from "../grantable/grantable.ts";
import { newGrant } from "../issuing/new_grant.ts";
import type { AuthorizationRequestParameters } from "../protocol/authorization_parameters.ts";
import type { ResponseTarget } from "../interactions/target.ts";

export interface Authorization {
  readonly client: Client;
  readonly request: AuthorizationRequestParameters;
  readonly target: ResponseTarget;
  readonly grantable: Grantable;
  readonly live: LiveSession;
  readonly provider: Provider;
}

/** What a request has led to. */
export interface Issued {
  readonly grantId: string;
  /** The code's, for a browser that repeats its request; null: it gets nothing again. */
  readonly codeDigest: string | null;
  /** Of the response. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Adds a grant and its code to the step. @see RFC 6749 section 4.1.2 */
export function issueCode(deps: Deps, tx: Transaction, authorization: Authorization): Issued {
  const { grantId } = addGrant(deps, tx, authorization);
  const { code, codeDigest } = addCode(deps, tx, authorization, grantId);
  return { grantId, codeDigest, parameters: { code } };
}

/** Adds a grant to the step, and keeps its session alive. */
export function addGrant(
  deps: Deps,
  tx: Transaction,
  authorization: Authorization,
): { readonly grantId: string; readonly grant: grants.Grant } {
  const grantId = tx.ids.id();
  const { client, target: { redirectUri } } = authorization;
  const lifetime = codeLifetime(client, deps.config.lifetimes.code);
  const grant = newGrant(deps, tx, { ...authorization, redirectUri, codeLifetime: lifetime });
  grants.add(tx, grantId, grant);
  keepAlive(deps, tx, authorization.live);
  return { grantId, grant };
}

/** Adds a code of a grant to the step. */
export function addCode(
  deps: Deps,
  tx: Transaction,
  { client, request, target, grantable, live }: Authorization,
  grantId: string,
): { readonly code: string; readonly codeDigest: string } {
  const { code, codeDigest } = newCode(tx, grantId);
  authorizationCodes.add(tx, codeDigest, {
    grantId,
    clientId: client.clientId,
    redirectUri: target.redirectUri,
    codeChallenge: request.code_challenge ?? null,
    nonce: request.nonce ?? null,
    confirmation: request.dpop_jkt === undefined ? null : { jkt: request.dpop_jkt },
    expiresAt: tx.now + codeLifetime(client, deps.config.lifetimes.code),
  });
  auditEvents.append(tx, {
    type: "code_issued",
    clientId: client.clientId,
    user: live.user,
    grantId,
    sessionId: live.id,
    ...aboutDetails(grantable),
  });
  return { code, codeDigest };
}

/** A code contains the id of its grant, so that an exchange finds both in one read. */
export function newCode(tx: Transaction, grantId: string) {
  const code = `${grantId}.${tx.ids.secret()}`;
  return { code, codeDigest: secretKey(code) };
}
