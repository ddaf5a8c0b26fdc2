import { z } from "zod";
import { hostedUrl } from "../src/identifiers/web_url.ts";

/** The members of a client's record that say how its users are called. @see OpenID Connect Core section 8 */
export const sectorMembers = {
  subjectType: z.enum(["public", "pairwise"]).default("public"),
  sectorIdentifierUri: z.string().nullable().default(null),
};

export interface SectorMembers {
  readonly subjectType: "public" | "pairwise";
  readonly sectorIdentifierUri: string | null;
  readonly redirectUris: readonly string[];
}

/**
 * The host, without its port, for which a client's users have names of their own; null: they have those that all clients see.
 *
 * @see OpenID Connect Core section 8.1
 */
export function sectorOf(
  { subjectType, sectorIdentifierUri, redirectUris }: SectorMembers,
): string | null {
  if (subjectType === "public") return null;
  // Registration lets only one host pass without a sector_identifier_uri. Without a host, a client has a
  // sector of its own, which is no host.
  const [uri = ""] = sectorIdentifierUri === null ? redirectUris : [sectorIdentifierUri];
  return hostedUrl(uri)?.hostname ?? uri;
}
