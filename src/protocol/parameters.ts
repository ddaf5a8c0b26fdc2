import type { z } from "zod";
import { OAuthError } from "./errors.ts";

/** Parameters as received. A list is a parameter that was sent more than once. */
export type RawParameters = Readonly<Record<string, string | string[]>>;

/**
 * Checks parameters against a schema.
 * @throws {OAuthError} `invalid_request`, with the first wrong parameter and the rule
 */
export function parseParameters<Schema extends z.ZodType>(
  schema: Schema,
  raw: RawParameters,
): z.infer<Schema> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0] ?? "the request");
  const rule = issue?.code === "too_big" ? "is too long" : issue?.message ?? "is not valid";
  throw new OAuthError("invalid_request", `${name} ${rule}`);
}

/** @see RFC 8707 section 2 */
export function assertResourceIndicator(resource: string) {
  if (resource.length <= 256 && URL.canParse(resource) && !resource.includes("#")) return;
  throw new OAuthError("invalid_target", "resource must be an absolute URI without a fragment");
}
