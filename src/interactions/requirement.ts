import { type Interaction, sessionIdOf } from "../../stores/interactions.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { Subjects } from "../claims/subject.ts";
import { type Acr, acrValues, canReach, meets, singleFactor } from "../protocol/acr.ts";
import type { LiveSession } from "../sessions/live_session.ts";

/** The rules that a sign-in must meet for a request. */
export interface SignInRequirement {
  /** The user must authenticate now, however recent their sign-in is (`prompt=login`). */
  readonly anew: boolean;
  /** The most seconds since the last authentication; null: any. */
  readonly maxAge: number | null;
  /** The user must have chosen an account (`prompt=select_account`). */
  readonly chosen: boolean;
  /** The user must be one of each list. An empty list is nobody. */
  readonly subjects: readonly (readonly string[])[];
  /** How the requester calls users. */
  readonly subjectOf: Subjects;
  /**
   * The sign-in must have, or exceed, a requested `acr` of each list, and whether that is essential: then
   * an empty list cannot be met.
   */
  readonly acr: {
    readonly lists: readonly (readonly unknown[])[];
    readonly essential: boolean;
  };
}

/** What is missing. `error` is the answer to a client that forbids to ask the user. */
export type SignInNeed =
  /** A user must sign in, with any method. */
  | { readonly kind: "sign_in"; readonly error: OAuthError }
  /** The signed-in user must use another factor too. */
  | { readonly kind: "step_up"; readonly to: Acr; readonly error: OAuthError };

interface Situation {
  /** Epoch seconds. */
  readonly now: number;
  readonly live: LiveSession | null;
  readonly interaction: Interaction | null;
}

/**
 * Decides what a request still needs from the user.
 *
 * @returns null: the present sign-in is enough
 *
 * @throws {OAuthError} if no further sign-in could meet the requirement
 * @see OpenID Connect Core section 3.1.2.1, OpenID Connect Unmet Authentication Requirements section
 *   2
 */
export function signInNeed(
  requirement: SignInRequirement,
  situation: Situation,
): SignInNeed | null {
  const wanted = leastAcr(requirement);
  const { live, interaction, now } = situation;
  if (live === null) return signIn("login_required", "nobody is signed in");
  if (!isMeant(requirement, live.userId)) {
    const need = signIn("login_required", "somebody else is signed in");
    if (signedInHere(live, interaction)) throw need.error;
    return need;
  }
  if (wantsAnother(live, interaction)) {
    return signIn("account_selection_required", "the person wants to use another account");
  }
  if (!signedInHere(live, interaction)) {
    const age = now - live.session.value.authTime;
    if (requirement.anew || (requirement.maxAge !== null && age >= requirement.maxAge)) {
      return signIn("login_required", "the sign-in is too long ago");
    }
    if (requirement.chosen && !isContinuedBy(live, interaction)) {
      return signIn("account_selection_required", "the person has not chosen an account");
    }
  }
  return stepUp(requirement, wanted, live);
}

/** Like `signInNeed`, but returns "impossible" if no further sign-in of this user can meet the requirement. */
export function possibleNeed(
  ...of: Parameters<typeof signInNeed>
): SignInNeed | "impossible" | null {
  try {
    return signInNeed(...of);
  } catch (error) {
    if (error instanceof OAuthError) return "impossible";
    throw error;
  }
}

/**
 * Whether the signed-in user continues by choosing this account. Otherwise it takes a sign-in: theirs is too
 * long ago, or the request allows another user only.
 */
export function continuesByChoice(
  requirement: SignInRequirement,
  { now, live, interaction }: Situation,
): boolean {
  if (live === null || interaction === null) return false;
  const chosen = { ...interaction, user: { kind: "chosen", sessionId: live.id } } as const;
  const need = possibleNeed(requirement, { now, live, interaction: chosen });
  // Whoever can never meet it chooses all the same: the next page says so, or the client hears it.
  return need === null || need === "impossible" || need.kind === "step_up";
}

/** Whether the user is one whom the request allows. */
export function isMeant({ subjects, subjectOf }: SignInRequirement, userId: string): boolean {
  return subjects.every((one) => one.includes(subjectOf(userId)));
}

/** Whether a sign-in with more than one factor is required or at least requested. */
export function wantsMoreThanOneFactor(requirement: SignInRequirement): boolean {
  const wanted = leastAcr(requirement);
  return wanted !== null && wanted !== singleFactor;
}

/** Whether the session was created by a sign-in in this interaction. */
function signedInHere(live: LiveSession, interaction: Interaction | null): boolean {
  return interaction?.user.kind === "authenticated" && interaction.user.sessionId === live.id;
}

/** Whether this session's user has asked to continue with another account. */
export function wantsAnother(live: LiveSession, interaction: Interaction | null): boolean {
  return interaction?.user.kind === "another" && interaction.user.sessionId === live.id;
}

/** Whether this session's user continues with the interaction, by a choice or a sign-in in it. */
function isContinuedBy(live: LiveSession, interaction: Interaction | null): boolean {
  return interaction !== null && sessionIdOf(interaction) === live.id;
}

function signIn(
  code: "login_required" | "account_selection_required",
  description: string,
): SignInNeed {
  return { kind: "sign_in", error: new OAuthError(code, description) };
}

function stepUp(
  { acr }: SignInRequirement,
  wanted: Acr | null,
  { session, user }: LiveSession,
): SignInNeed | null {
  if (wanted === null || meets(session.value.acr, wanted)) return null;
  const error = new OAuthError(
    "unmet_authentication_requirements",
    "the sign-in does not have the required acr",
  );
  if (canReach(user.value, wanted)) return { kind: "step_up", to: wanted, error };
  // A voluntary acr must not stop a user who has not set up the method.
  if (acr.essential) throw error;
  return null;
}

/**
 * The weakest acr that is enough; null: any. @throws {OAuthError} if a list is essential, and all of it is
 * unknown here
 */
export function leastAcr(
  { acr: { lists, essential } }: Pick<SignInRequirement, "acr">,
): Acr | null {
  const least = lists.map((list) => acrValues.find((value) => list.includes(value)));
  if (essential && least.includes(undefined)) {
    throw new OAuthError(
      "unmet_authentication_requirements",
      "this server supports none of the requested acr values",
    );
  }
  return acrValues.findLast((value) => least.includes(value)) ?? null;
}
