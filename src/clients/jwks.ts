import { z } from "zod";
import { type PublicJwk, publicJwkSchema } from "../../stores/public_jwk.ts";
import { keysProblem } from "./key_problem.ts";

const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
const mostKeys = 20;
/** Certificates among them are long, and the record of a client has its limit. */
const mostCharacters = 16 * 1024;

/**
 * A client's `jwks` as somebody registers it. A key of a type that is not used here, such as one against
 * quantum computers, is left out: a client may have it for other servers, beside one for this server.
 *
 * @see RFC 7591 section 2, RFC 7517 section 5
 */
export const jwksSchema = z.object({
  keys: z.array(z.unknown()).min(1).max(mostKeys),
}).transform(({ keys }, context): { keys: PublicJwk[] } => {
  if (keys.some(hasPrivateMembers)) context.addIssue("must hold public keys only");
  const ours = keys.filter((key) => !isOfOtherType(key));
  if (ours.length === 0) context.addIssue("must hold a key of the types RSA, EC and OKP");
  const found = ours.map((key) => {
    const parsed = publicJwkSchema.safeParse(key);
    if (!parsed.success) context.addIssue("must hold keys of the types RSA, EC and OKP");
    return parsed.data;
  });
  const usable = found.filter((key) => key !== undefined);
  if (JSON.stringify(usable).length > mostCharacters) {
    context.addIssue(`must have at most ${mostCharacters} characters`);
  }
  const problem = usable.length < ours.length ? null : keysProblem(usable);
  if (problem !== null) context.addIssue(problem);
  return { keys: usable };
});

/** The usable keys of a document that a client publishes. Others are left out, such as of a newer type. */
export function publishedKeys(document: unknown): PublicJwk[] | null {
  const parsed = z.object({ keys: z.array(z.unknown()) }).safeParse(document);
  if (!parsed.success) return null;
  return parsed.data.keys.filter((key) => !hasPrivateMembers(key))
    .flatMap((key) => {
      const found = publicJwkSchema.safeParse(key);
      return found.success ? [found.data] : [];
    }).slice(0, mostKeys);
}

/** Whether metadata says where a client's keys are. */
export function hasKeys(
  { jwks, jwks_uri: jwksUri }: { readonly jwks?: unknown; readonly jwks_uri?: unknown },
): boolean {
  return jwks !== undefined || jwksUri !== undefined;
}

/** What is wrong with a member that a client without keys cannot have. */
export const needsKeys = "needs jwks or jwks_uri, with a key for it";

/** A MAC's key is not of another type: whoever publishes it has made a mistake. */
function isOfOtherType(key: unknown): boolean {
  const parsed = z.object({ kty: z.string() }).safeParse(key);
  return parsed.success && !["RSA", "EC", "OKP", "oct"].includes(parsed.data.kty);
}

/** Whether a `jwks` as somebody sends it publishes a key that must be secret, whatever else is wrong with it. */
export function tellsSecrets(jwks: unknown): boolean {
  const parsed = z.object({ keys: z.array(z.unknown()) }).safeParse(jwks);
  return parsed.success && parsed.data.keys.some(hasPrivateMembers);
}

function hasPrivateMembers(key: unknown): boolean {
  return typeof key === "object" && key !== null &&
    privateMembers.some((name) => Object.hasOwn(key, name));
}
