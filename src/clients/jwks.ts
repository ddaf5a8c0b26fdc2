import { z } from "zod";
import { type PublicJwk, publicJwkSchema } from "../../stores/public_jwk.ts";
import { calledUrl } from "./called_url.ts";
import { keysProblem } from "./key_problem.ts";

const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
const mostKeys = 20;
/** Certificates among them are long, and the record of a client has its limit. */
const mostCharacters = 16 * 1024;

/** A client's `jwks` as somebody registers it. @see RFC 7591 section 2 */
export const jwksSchema = z.object({
  keys: z.array(z.unknown()).min(1).max(mostKeys),
}).transform(({ keys }, context): { keys: PublicJwk[] } => {
  const found = keys.map((key) => {
    if (hasPrivateMembers(key)) context.addIssue("must hold public keys only");
    const parsed = publicJwkSchema.safeParse(key);
    if (!parsed.success) context.addIssue("must hold keys of the types RSA, EC and OKP");
    return parsed.data;
  });
  const usable = found.filter((key) => key !== undefined);
  if (JSON.stringify(usable).length > mostCharacters) {
    context.addIssue(`must have at most ${mostCharacters} characters`);
  }
  const problem = usable.length < keys.length ? null : keysProblem(usable);
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

/** What is wrong with a `jwks_uri`, or null. Whether it may be called is decided when it is. */
export function jwksUriProblem(text: string): string | null {
  if (calledUrl(text) === null) return "must be an https URL";
  return text.length <= 2048 ? null : "must have at most 2048 characters";
}

function hasPrivateMembers(key: unknown): boolean {
  return typeof key === "object" && key !== null &&
    privateMembers.some((name) => Object.hasOwn(key, name));
}
