import type { Client } from "../../stores/clients.ts";
import type { InteractionRequest } from "../../stores/interaction_request.ts";
import { subjectsOf } from "../claims/subject.ts";
import type { Deps } from "../deps/deps.ts";
import { deviceClient, parseDeviceParameters } from "../interactions/device_request.ts";
import { ownPageRequirement } from "../interactions/own_page.ts";
import { requirementOf } from "../interactions/request_requirement.ts";
import type { SignInRequirement } from "../interactions/requirement.ts";
import { responseTarget } from "../interactions/target.ts";
import {
  type AuthorizationRequestParameters,
  parseAuthorizationParameters,
} from "../protocol/authorization_parameters.ts";

/** The origin of the request for a sign-in. */
export type Requester =
  | { readonly kind: "client"; readonly client: Client }
  | { readonly kind: "own_page" };

/** Who asks for a sign-in, and what it must meet. @throws {OAuthError} */
export async function askedBy(
  deps: Deps,
  waiting: InteractionRequest,
  client: Client | null,
): Promise<{
  readonly requester: Requester;
  readonly requirement: SignInRequirement;
  readonly request: AuthorizationRequestParameters | null;
}> {
  if (waiting.kind === "own_page") {
    const requirement = ownPageRequirement(waiting);
    return { requester: { kind: "own_page" }, requirement, request: null };
  }
  if (waiting.kind === "device") {
    const asking = deviceClient(client);
    const request = parseDeviceParameters(waiting.parameters);
    const requirement = requirementOf(request, asking, null, await subjectsOf(deps, asking));
    return { requester: { kind: "client", client: asking }, requirement, request };
  }
  const { parameters, hintedSubject } = waiting;
  const { client: asking } = responseTarget(client, parameters);
  const request = parseAuthorizationParameters(parameters);
  const subjectOf = await subjectsOf(deps, asking);
  const requirement = requirementOf(request, asking, hintedSubject, subjectOf);
  return { requester: { kind: "client", client: asking }, requirement, request };
}
