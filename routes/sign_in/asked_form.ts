import type { Context } from "hono";
import { useAnotherAccount } from "../../src/authn/another_account.ts";
import type { PendingRequest } from "../../src/authn/pending_sign_in.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { RequestWentOn } from "../../src/interactions/own_interaction.ts";
import type { SessionCookie } from "../../src/sessions/session_cookie.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser, readSession } from "../http/cookies.ts";
import { decisionIn, single } from "../http/form.ts";
import { type FormSubject, formToken, isFormToken } from "../http/form_token.ts";
import { interactionParameter, resume } from "../http/interaction.ts";
import type { CheckedForm, FormKind } from "../http/page_form.ts";

/** A form that asks a signed-in user whether to allow what an interaction asks for. */
export interface AskedForm {
  readonly interactionId: string;
  readonly session: SessionCookie | null;
  /** The scope that the page has shown. If another scope is grantable by now, the user is asked again. */
  readonly told: string;
}

/** The hidden fields of the form, with its two tokens. @param page the page that asks */
export async function askedFields(
  deps: Deps,
  page: "consent" | "device",
  browserDigest: string,
  asked: AskedForm,
): Promise<Readonly<Record<"interaction" | "scope" | "form_token" | "asked", string>>> {
  const { interactionId, told } = asked;
  return {
    interaction: interactionId,
    scope: told,
    form_token: await formToken(deps, browserDigest, page, interactionId),
    asked: await formToken(deps, browserDigest, ...subjectOf(asked)),
  };
}

/** How the form is checked. @param page the page that asks */
export function askedForm(deps: Deps, page: "consent" | "device"): FormKind<AskedForm> {
  return {
    deps,
    identify: async (c, form) => {
      const interactionId = interactionParameter(form);
      const session = await readSession(c, deps);
      const details = { interactionId, session, told: single(form, "scope") ?? "" };
      return {
        subject: [page, interactionId],
        browserDigest: await readBrowser(c, deps, interactionId),
        details,
      };
    },
  };
}

/** What the user has decided about a request, as whom, and what the page told them of it. */
export interface DecidedRequest extends PendingRequest {
  readonly origin: Origin;
  readonly decision: "allow" | "deny";
  readonly told: string;
}

/**
 * Carries out what the user has decided, or lets them sign in with another account first.
 *
 * @throws {RequestWentOn} if the page did not ask the user who has signed in in another tab since
 * @throws {OAuthError} `invalid_request`
 */
export async function carryOut(
  c: Context<AppEnv>,
  deps: Deps,
  checked: CheckedForm & AskedForm,
  decide: (decided: DecidedRequest) => Promise<Response>,
): Promise<Response> {
  const { form, browserDigest, interactionId, session, told } = checked;
  const asked = single(form, "asked") ?? "";
  // That user is asked now.
  if (!await isFormToken(deps, asked, browserDigest, ...subjectOf(checked))) {
    throw new RequestWentOn(interactionId);
  }
  const request = { origin: c.get("origin"), interactionId, browserDigest, session };
  if (single(form, "decision") === "another_account") {
    await useAnotherAccount(deps, request);
    return resume(c, interactionId);
  }
  return await decide({ ...request, decision: decisionIn(form), told });
}

/** A page that asked one user must not be answered by another one, who signed in from another tab. */
function subjectOf({ interactionId, session, told }: AskedForm): FormSubject {
  return ["asked", interactionId, session?.sessionId ?? null, told];
}
