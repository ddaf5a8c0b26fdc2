import type { Client } from "../../stores/clients.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import { clientStep } from "../callers/client_step.ts";
import type { Deps } from "../deps/deps.ts";
import { withOwnKeys } from "../callers/own_keys.ts";
import { assertListed, fetchSector, type SectorFetch } from "../outgoing/sector_document.ts";
import { OAuthError } from "../protocol/errors.ts";

/** Checks the sector of a client that is going to be stored. */
export type AssertSector = (
  client: Pick<Client, "sectorIdentifierUri" | "redirectUris">,
) => void;

/** The document of a sector has to be fetched, outside of the step, before it can go on. */
class SectorNeeded extends Error {
  override readonly name = "SectorNeeded";

  constructor(readonly url: string) {
    super("the document at sector_identifier_uri is not known");
  }
}

/**
 * Registers or changes a client. Its `sector_identifier_uri` must name a document with all of its redirect
 * URIs: otherwise anybody could register for the sector of others, and learn what they call their users.
 * If there is one, the work begins, the document is fetched, and the work is done anew. So it is if the
 * client needs signing keys that do not exist yet.
 *
 * @param work calls the check with the client, before it stores anything
 * @see OpenID Connect Core section 8.1, OpenID Connect Dynamic Client Registration section 5
 */
export async function withSector<T>(
  deps: Deps,
  { origin, isOperators, refused }: SectorFetch,
  work: (assertSector: AssertSector) => Promise<T>,
): Promise<T> {
  const found = new Map<string, readonly string[]>();
  const assertSector: AssertSector = ({ sectorIdentifierUri: url, redirectUris }) => {
    if (url === null) return;
    const listed = found.get(url);
    if (listed === undefined) throw new SectorNeeded(url);
    assertListed(listed, redirectUris, refused);
  };
  const registering = () => withOwnKeys(deps, origin, () => work(assertSector));
  try {
    return await registering();
  } catch (error) {
    if (!(error instanceof SectorNeeded)) throw error;
    found.set(error.url, await fetchSector(deps, error.url, { origin, isOperators, refused }));
    return await registering();
  }
}

/** A step in which a stranger registers or changes a client. @throws {OAuthError} `invalid_client_metadata` */
export function strangersStep<T>(
  deps: Deps,
  origin: Origin,
  work: (tx: Transaction, assertSector: AssertSector) => Promise<T>,
): Promise<T> {
  return withSector(
    deps,
    { origin, isOperators: false, refused: refusedMetadata },
    (assertSector) => clientStep(deps, { origin }, (tx) => work(tx, assertSector)),
  );
}

/** The error to whoever registers a client. */
export function refusedMetadata(rule: string): OAuthError {
  return new OAuthError("invalid_client_metadata", `sector_identifier_uri ${rule}`);
}
