import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { assertListed, fetchSector, type SectorFetch } from "../outgoing/sector_document.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { ValueOf } from "./entries.ts";

/** The document of a sector does not name the client, or cannot be read now. */
class SectorRefused extends Error {
  override readonly name = "SectorRefused";
}

const operators: SectorFetch = {
  origin: systemOrigin,
  isOperators: true,
  refused: (rule) => new SectorRefused(`sector_identifier_uri ${rule}`),
};

/** Tells what is wrong with the sector of a client; null: nothing. */
export type SectorProblem = (client: ValueOf<"client">) => Promise<string | null>;

/** Checks the sectors of the clients in a file as the admin API does. Each document is fetched once. */
export function sectorsOfFile(deps: Deps): SectorProblem {
  const documents = new Map<string, Promise<readonly string[]>>();
  return async ({ sector_identifier_uri: url, redirect_uris: redirectUris }) => {
    if (url === undefined) return null;
    const document = documents.get(url) ?? fetchSector(deps, url, operators);
    documents.set(url, document);
    try {
      assertListed(await document, redirectUris, operators.refused);
      return null;
    } catch (error) {
      // An OAuthError: too many requests leave for the host.
      if (error instanceof SectorRefused || error instanceof OAuthError) return error.message;
      throw error;
    }
  };
}
