import type { Origin } from "../../stores/engine/transaction.ts";
import { isDocumentUrl } from "../../src/clients/document_url.ts";
import type { Deps } from "../../src/deps/deps.ts";

/**
 * Reads the document of a client whose id is the URL of its metadata. Other clients cost nothing here.
 * @param beginsFlow whether somebody is going to be asked for consent
 * @throws {OAuthError} if nothing may begin with this client
 */
export async function readyClient(
  deps: Deps,
  origin: Origin,
  clientId: string | null,
  { beginsFlow }: { readonly beginsFlow: boolean },
): Promise<void> {
  if (clientId === null || !isDocumentUrl(deps.config, clientId)) return;
  const { readClientDocument } = await import("../../src/registration/client_document.ts");
  await readClientDocument(deps, origin, clientId, { beginsFlow });
}
