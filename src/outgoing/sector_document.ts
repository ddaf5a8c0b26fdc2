import { z } from "zod";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { OutgoingRefused } from "./refused.ts";
import { type OutgoingDeps, sendOutgoing } from "./send.ts";

/** For whom the document of a sector is fetched, and how a wrong one is refused. */
export interface SectorFetch {
  readonly origin: Origin;
  readonly isOperators: boolean;
  /** Makes the error to throw, of the end of a sentence that begins with the member. */
  readonly refused: (rule: string) => Error;
}

const mostBytes = 32 * 1024;
const documentSchema = z.array(z.string());

/**
 * The redirect URIs that the document of a sector names. It must not be called within a step.
 *
 * @throws what `refused` makes
 * @throws {OAuthError} 429, as `sendOutgoing`
 * @see OpenID Connect Core section 8.1
 */
export async function fetchSector(
  deps: OutgoingDeps & Pick<Deps, "logger">,
  url: string,
  { origin, isOperators, refused }: SectorFetch,
): Promise<readonly string[]> {
  try {
    const headers = { accept: "application/json" };
    const { status, bytes } = await sendOutgoing(deps, {
      url,
      headers,
      mostBytes,
      origin,
      isOperators,
    });
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const parsed = status === 200 ? documentSchema.safeParse(JSON.parse(text)) : null;
    if (parsed?.success) return parsed.data;
  } catch (error) {
    const isAbsent = error instanceof OutgoingRefused || error instanceof SyntaxError ||
      error instanceof TypeError; // bytes that are no UTF-8
    if (!isAbsent) throw error;
    deps.logger.warn(`a sector_identifier_uri cannot be read: ${error.message}`, { url });
  }
  throw refused("must name a JSON array of redirect URIs that can be fetched");
}

/** Checks that a document names all redirect URIs of a client. @throws what `refused` makes */
export function assertListed(
  listed: readonly string[],
  redirectUris: readonly string[],
  refused: SectorFetch["refused"],
) {
  if (redirectUris.every((uri) => listed.includes(uri))) return;
  throw refused("must name a JSON array with each of the redirect_uris");
}
