import { z } from "zod";
import { fromBase64url } from "../../crypto/encoding.ts";
import { jsonOrNull } from "../../protocol/json_entry.ts";

/** The longest credential that a script may post, in characters. */
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
    // Hints for later. Unknown words are left out.
    transports: z.array(z.unknown()).optional().transform((transports = []) =>
      transports.filter((one) => typeof one === "string" && /^[a-z-]{1,32}$/.test(one))
        .slice(0, 8) as string[]
    ),
  }),
});
export type RegistrationJson = z.infer<typeof registrationSchema>;

/**
 * The client data: what the browser says that it asked the authenticator. @see Web Authentication Level
 * 3 section 5.8.1
 */
const clientDataSchema = z.object({
  challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  crossOrigin: z.literal(false).optional(), // pages of this server must not be framed
  topOrigin: z.undefined().optional(),
});

/** A well-formed credential that a browser posted, and the secret of its challenge. */
export interface Answer<Json> {
  readonly json: Json;
  readonly challenge: string;
}

/** Reads the answer to a sign-in ceremony; null if it is malformed. */
export function parseAssertion(text: string): Answer<AssertionJson> | null {
  return parse(assertionSchema, text);
}

/** Reads the answer to a registration ceremony; null if it is malformed. */
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
