import type { Interaction } from "../../stores/interactions.ts";
import { OAuthError } from "../protocol/errors.ts";
import { subjectOf } from "../claims/subject.ts";
import { type Acr, acrValues, canReach, isAcr, meets, singleFactor } from "../protocol/acr.ts";
import type { LiveSession } from "../sessions/live_session.ts";

/** What a sign-in must be to do for a request. */
export interface SignInRequirement {
  /** The person must prove it now, however long ago they did (`prompt=login`). */
  readonly anew: boolean;
  /** Seconds since they last did; null: at any time. */
  readonly maxAge: number | null;
  /** The person must have said as whom they go on (`prompt=select_account`). */
  readonly chosen: boolean;
  /** Who it must be, by each of these. */
  readonly subjects: readonly string[];
  /** The `acr` values of which one is asked for, in the order of preference; and whether it is a must. */
  readonly acr: { readonly values: readonly unknown[]; readonly essential: boolean };
}

/** What is missing; `error` is what a client hears that wants nobody to be asked. */
export type SignInNeed =
  /** A person who proves who they are, by whatever they have. */
  | { readonly kind: "sign_in"; readonly error: OAuthError }
  /** Somebody is signed in, and has to show more. */
  | { readonly kind: "step_up"; readonly to: Acr; readonly error: OAuthError };

interface Situation {
  /** Epoch seconds. */
  readonly now: number;
  readonly live: LiveSession | null;
  readonly interaction: Interaction | null;
}

/**
 * What a request still needs of the person; null: the sign-in that there is does.
 *
 * @throws {OAuthError} what no further sign-in could meet
 * @see OpenID Connect Core section 3.1.2.1, OpenID Connect Unmet Authentication Requirements section 2
 */
export function signInNeed(
  requirement: SignInRequirement,
  situation: Situation,
): SignInNeed | null {
  const wanted = leastAcr(requirement);
  const { live, interaction, now } = situation;
  if (live === null) return signIn("login_required", "nobody is signed in");
  if (requirement.subjects.some((subject) => subject !== subjectOf(live.userId))) {
    const need = signIn("login_required", "somebody else is signed in");
    if (signedInHere(live, interaction)) throw need.error;
    return need;
  }
  if (!signedInHere(live, interaction)) {
    const age = now - live.session.value.authTime;
    if (requirement.anew || (requirement.maxAge !== null && age >= requirement.maxAge)) {
      return signIn("login_required", "the sign-in is too long ago");
    }
    if (requirement.chosen && interaction?.sessionId !== live.id) {
      return signIn("account_selection_required", "the person has not chosen an account");
    }
  }
  return stepUp(requirement, wanted, live);
}

/** Whether only a sign-in with more than one factor does, or at least is wished for. */
export function wantsMoreThanOneFactor(requirement: SignInRequirement): boolean {
  const wanted = leastAcr(requirement);
  return wanted !== null && wanted !== singleFactor;
}

/** Whether this session is the fruit of a sign-in in this very interaction. */
function signedInHere(live: LiveSession, interaction: Interaction | null): boolean {
  return interaction !== null && interaction.authenticated && interaction.sessionId === live.id;
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
    "the sign-in has another acr",
  );
  if (canReach(user.value, wanted)) return { kind: "step_up", to: wanted, error };
  // What is only a wish is nothing to stop a person for who has not set it up.
  if (acr.essential) throw error;
  return null;
}

/** The weakest that does; null: any. @throws {OAuthError} if it is a must, and none is known here */
function leastAcr({ acr: { values, essential } }: SignInRequirement): Acr | null {
  const known = values.filter(isAcr);
  const least = acrValues.find((value) => known.includes(value)) ?? null;
  if (least === null && essential && values.length > 0) {
    throw new OAuthError("unmet_authentication_requirements", "no sign-in here has that acr");
  }
  return least;
}
