import { z } from "zod";
import { fromBase64url } from "../../crypto/encoding.ts";
import { jsonOrNull } from "../../protocol/json.ts";

/** What a script may post of a credential is less than this many characters. */
const longest = 16_384;

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);
// 1,023 bytes are 1,364 characters.
const credentialId = base64url.max(1364);
const common = { id: credentialId, rawId: credentialId, type: z.literal("public-key") };

/** @see Web Authentication Level 3 section 5.1 (AuthenticationResponseJSON) */
const assertionSchema = z.object({
  ...common,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.max(86).nullish(), // 64 bytes
  }),
});
export type AssertionJson = z.infer<typeof assertionSchema>;

/** @see Web Authentication Level 3 section 5.1 (RegistrationResponseJSON) */
const registrationSchema = z.object({
  ...common,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    // Hints, for later: what is no such word is left out.
    transports: z.array(z.unknown()).optional().transform((transports = []) =>
      transports.filter((one) => typeof one === "string" && /^[a-z-]{1,32}$/.test(one))
        .slice(0, 8) as string[]
    ),
  }),
});
export type RegistrationJson = z.infer<typeof registrationSchema>;

/** What the browser says that it asked the authenticator. @see Web Authentication Level 3 section 5.8.1 */
const clientDataSchema = z.object({
  challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  crossOrigin: z.literal(false).optional(), // no page may frame one of ours
  topOrigin: z.undefined().optional(),
});

/** A credential that a browser posted, well-formed, and the secret of the challenge it answers. */
export interface Answer<Json> {
  readonly json: Json;
  readonly challenge: string;
}

/** Reads the answer to a request to sign in; null if it is none. */
export function parseAssertion(text: string): Answer<AssertionJson> | null {
  return parse(assertionSchema, text);
}

/** Reads the answer to a request to register; null if it is none. */
export function parseRegistration(text: string): Answer<RegistrationJson> | null {
  return parse(registrationSchema, text);
}

function parse<Json extends { readonly response: { readonly clientDataJSON: string } }>(
  schema: z.ZodType<Json>,
  text: string,
): Answer<Json> | null {
  if (text.length > longest) return null;
  const credential = schema.safeParse(jsonOrNull(text));
  if (!credential.success) return null;
  const clientData = clientDataSchema.safeParse(
    jsonOrNull(textOf(credential.data.response.clientDataJSON)),
  );
  return clientData.success
    ? { json: credential.data, challenge: clientData.data.challenge }
    : null;
}

function textOf(encoded: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(fromBase64url(encoded));
  } catch {
    return "";
  }
}
