import * as clients from "../../stores/clients.ts";
import { type Entry, isFresh, isPresent, type Present } from "../../stores/engine/collection.ts";
import * as consents from "../../stores/consents.ts";
import type { DeviceRequest } from "../../stores/interaction_request.ts";
import * as interactions from "../../stores/interactions.ts";
import * as providers from "../../stores/provider.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import { type LiveSession, liveSession, sessionRefs } from "../sessions/live_session.ts";
import {
  orOwnPage,
  type OwnPageRequest,
  ownPageRequirement,
  readOwnPageId,
  recordIdOf,
} from "../interactions/own_page.ts";
import { deviceClient, parseDeviceParameters } from "../interactions/device_request.ts";
import { subjectsOf } from "../claims/subject.ts";
import { requirementOf } from "../interactions/request_requirement.ts";
import { possibleNeed, signInNeed } from "../interactions/requirement.ts";
import type { SessionCookie } from "../sessions/session_cookie.ts";
import { clientStep } from "../callers/client_step.ts";
import type { Deps } from "../deps/deps.ts";
import { assertOwnInteraction } from "../interactions/own_interaction.ts";
import type { ConsentAnswer } from "./decide.ts";
import { proceed } from "./proceed.ts";
import { sourceOf, sourceRefs } from "./request_source.ts";
import type { AuthorizeAnswer } from "./response.ts";
import { resourceRefs } from "../grantable/resources.ts";
import { repeatAnswer } from "./repeat.ts";

export interface ResumeRequest {
  readonly origin: Origin;
  readonly interactionId: string;
  readonly browserDigest: string;
  readonly session: SessionCookie | null;
  /** The user's answer on the consent page; null: they come from another page. */
  readonly answer: ConsentAnswer | null;
}

/**
 * Continues a pending authorization request, after a sign-in or with the answer of the consent page. A
 * browser that repeats this gets a code that replaces its unused one.
 *
 * @throws {AuthorizationError} an error for the client
 * @throws {OAuthError} if the interaction is unknown, expired, another browser's, or finished
 */
export async function resumeAuthorization(
  deps: Deps,
  request: ResumeRequest,
): Promise<AuthorizeAnswer> {
  const { session: cookie, browserDigest, interactionId } = request;
  const ownPage = await readOwnPageId(deps, interactionId, browserDigest);
  return await clientStep(deps, request, async (tx) => {
    const first = await providers.read(tx, {
      interaction: interactions.ref(recordIdOf(interactionId)),
      ...sessionRefs(cookie),
    });
    const { provider } = first;
    const live = liveSession(cookie, { ...first, provider });
    const stored = orOwnPage(deps, first.interaction, ownPage, {
      browserDigest,
      provider,
      now: tx.now,
    });
    const entry = bindOnce(tx, stored, browserDigest);
    const interaction = assertOwnInteraction(entry, { browserDigest, provider });
    const { request: waiting } = interaction.value;
    if (waiting.kind === "own_page") {
      const isStored = first.interaction.value !== null;
      return resumeOwnPage(tx, interaction, waiting, { live, interactionId, isStored });
    }

    if (waiting.kind === "device") return await resumeDevice(deps, tx, interaction, waiting, live);

    const { clientId, parameters, hintedSubject } = waiting;
    const { pushed, used, consent, ...second } = await tx.read({
      client: clients.ref(clientId),
      consent: cookie && consents.ref(cookie.userId, clientId),
      ...sourceRefs(waiting),
    }, resourceRefs(parameters));
    if (!isFresh(interaction)) {
      const { client } = second;
      return await repeatAnswer(deps, tx, {
        interaction,
        parameters,
        client,
        provider,
        live,
        answer: request.answer?.decision ?? null,
      });
    }
    return await proceed(deps, tx, {
      ...second,
      parameters,
      source: sourceOf(waiting, { pushed, used }),
      provider,
      signedIn: live === null || consent === null ? null : { live, consent },
      interaction,
      hintedSubject,
      browserDigest,
      answer: request.answer,
    });
  });
}

/** Redirects to the page of this server that needed the sign-in, as soon as the user is known. */
function resumeOwnPage(
  tx: Transaction,
  interaction: Present<interactions.Interaction>,
  page: OwnPageRequest,
  { live, interactionId, isStored }: {
    readonly live: LiveSession | null;
    readonly interactionId: string;
    readonly isStored: boolean;
  },
): AuthorizeAnswer {
  const answer: AuthorizeAnswer = { kind: "own_page", path: page.returnTo };
  if (!isFresh(interaction)) return answer; // that page reads the session itself
  const requirement = ownPageRequirement(page);
  if (signInNeed(requirement, { now: tx.now, live, interaction: interaction.value }) !== null) {
    return { kind: "page", page: "login", interactionId, carried: null };
  }
  if (isStored) interactions.consume(tx, interaction, { spentBy: "own_page", codeDigest: null });
  return answer;
}

/** Redirects to the page that asks about a device, as soon as the user is known. */
async function resumeDevice(
  deps: Deps,
  tx: Transaction,
  interaction: Present<interactions.Interaction>,
  { clientId, parameters }: DeviceRequest,
  live: LiveSession | null,
): Promise<AuthorizeAnswer> {
  const { value } = interaction;
  const found = await tx.read({ client: clients.ref(clientId) });
  const client = deviceClient(found.client.value);
  const request = parseDeviceParameters(parameters);
  const requirement = requirementOf(request, client, null, await subjectsOf(deps, client));
  const need = possibleNeed(requirement, { now: tx.now, live, interaction: value });
  // A user who can never meet it learns so on the page about the device, and can refuse there.
  const isSettled = live !== null && (need === null || need === "impossible");
  const must = isFresh(interaction) && !isSettled;
  const interactionId = interactions.idOf(interaction);
  return { kind: "page", page: must ? "login" : "device", interactionId, carried: null };
}

/**
 * Binds a request from a cross-site POST to the browser whose GET comes first. No page is shown for it
 * before. Otherwise another browser could continue what one browser did on such a page.
 */
function bindOnce(
  tx: Transaction,
  entry: Entry<interactions.Interaction>,
  browserDigest: string,
): Entry<interactions.Interaction> {
  if (!isPresent(entry) || !isFresh(entry) || entry.value.browserDigest !== null) return entry;
  return interactions.bind(tx, entry, browserDigest);
}
