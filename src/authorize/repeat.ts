import * as auditEvents from "../../stores/audit_events.ts";
import * as authorizationCodes from "../../stores/authorization_codes.ts";
import type { Client } from "../../stores/clients.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { type Entry, isFresh, isPresent, type Present } from "../../stores/engine/collection.ts";
import * as grants from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import * as interactions from "../../stores/interactions.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { LiveSession } from "../sessions/live_session.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { RequestFinished } from "../interactions/own_interaction.ts";
import { newCode } from "./issue_code.ts";
import type { ConsentAnswer } from "./decide.ts";
import { type AuthorizeAnswer, sessionStateFor, successResponse } from "./response.ts";
import { AuthorizationError, responseTarget } from "../interactions/target.ts";

/**
 * Answers a browser that repeats its request (reload, double click). It repeats the last answer only.
 * So an unused code is replaced by another code of the same grant. The old code is deleted, and using
 * it revokes nothing.
 *
 * @throws {AuthorizationError} the refusal that was the first answer
 * @throws {OAuthError} `invalid_request` once the code is spent or has expired
 */
export async function repeatAnswer(
  deps: Deps,
  tx: Transaction,
  { interaction, parameters, client, provider, live, answer }: {
    readonly interaction: Present<interactions.Interaction>;
    readonly parameters: RawParameters;
    readonly client: Entry<Client>;
    readonly provider: Provider;
    readonly live: LiveSession | null;
    readonly answer: ConsentAnswer["decision"] | null;
  },
): Promise<AuthorizeAnswer> {
  const { codeDigest, spentBy } = interaction.value;
  const { client: asking, target } = responseTarget(client.value, parameters);
  const finished = new RequestFinished(applicationOf(asking, target.redirectUri));
  if (spentBy === "access_denied") {
    throw new AuthorizationError(
      new OAuthError("access_denied", "the user did not give consent"),
      target,
    );
  }
  if (codeDigest === null || spentBy === null || live === null) throw finished;
  // A user who refuses after agreeing gets no second code.
  if (answer === "deny") throw finished;

  const { code, grant } = await tx.read({
    code: authorizationCodes.ref(codeDigest),
    grant: grants.ref(spentBy),
  });
  // There is no such code: it has expired. If another click has replaced it since the interaction was
  // read, the step notices that before it throws, and finds the newest code.
  if (!isPresent(code) || !isFresh(code) || grant.value?.userId !== live.userId) {
    throw finished;
  }
  const { spentBy: _, undelivered: __, ...bindings } = code.value;
  const replacement = newCode(tx, spentBy);
  authorizationCodes.add(tx, replacement.codeDigest, bindings);
  authorizationCodes.withdraw(tx, code);
  interactions.recode(tx, interaction, replacement.codeDigest);
  auditEvents.append(tx, {
    type: "code_replaced",
    clientId: asking.clientId,
    user: live.user,
    grantId: spentBy,
    sessionId: live.id,
  });
  const { resourceScopes } = grant.value;
  const state = sessionStateFor(tx, { client: asking, target, resourceScopes, live });
  return await successResponse(deps, tx, provider, target, { code: replacement.code, ...state });
}

/** The client's website for users: its home page, or the site of its redirect URI. */
function applicationOf({ clientName, clientUri }: Client, redirectUri: string) {
  const { protocol, origin } = new URL(redirectUri);
  const isWeb = protocol === "https:" || protocol === "http:";
  const url = clientUri ?? (isWeb ? `${origin}/` : null);
  return url === null ? null : { name: clientName, url };
}
