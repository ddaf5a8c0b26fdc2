/**
 * How a person must have signed in for something, at a resource server. Works wherever there are the
 * claims of an access token: of a verified JWT (RFC 9068), or of an introspection response (RFC 7662).
 *
 * @typedef {object} Demand
 * @property {string[]} [acrValues] each that does, the preferred one first
 * @property {number} [maxAge] seconds since the person has signed in
 */

/** What this server calls them, from the weakest on: who asks for one also takes the ones after it. */
const acrFromWeakest = ["urn:latchkey:acr:1fa", "urn:latchkey:acr:2fa", "phr"];

/** All values that are as strong as this one, or stronger, for `acrValues`. */
export function atLeast(acr) {
  const from = acrFromWeakest.indexOf(acr);
  if (from < 0) throw new RangeError(`no such acr: ${acr}`);
  return acrFromWeakest.slice(from);
}

/**
 * The value of `WWW-Authenticate` for a 401; null if the token is of a sign-in that does.
 *
 * @param {{ acr?: string, auth_time?: number }} claims of a token that was found to be good
 * @param {Demand} demand
 * @param {{ scheme?: "Bearer" | "DPoP", now?: number }} [options] `now` in epoch seconds
 * @see RFC 9470 section 3
 */
export function stepUpChallenge(claims, { acrValues, maxAge }, options = {}) {
  const { scheme = "Bearer", now = Math.floor(Date.now() / 1000) } = options;
  const tooWeak = acrValues !== undefined && !acrValues.includes(claims.acr);
  // A token without auth_time was not issued for a person who signed in.
  const tooOld = maxAge !== undefined && !(now - claims.auth_time < maxAge);
  if (!tooWeak && !tooOld) return null;
  const parameters = [
    `error="insufficient_user_authentication"`,
    `error_description="${tooWeak ? "A stronger" : "A more recent"} sign-in is needed"`,
  ];
  if (acrValues !== undefined) parameters.push(`acr_values="${acrValues.join(" ")}"`);
  if (maxAge !== undefined) parameters.push(`max_age="${maxAge}"`);
  return `${scheme} ${parameters.join(", ")}`;
}
