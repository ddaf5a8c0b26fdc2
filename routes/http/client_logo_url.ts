import type { Client } from "../../stores/clients.ts";
import { clientLogo } from "../../src/clients/logo.ts";
import { digest } from "../../src/crypto/digest.ts";

/** The URL of a client's logo for a page; undefined: it has none that a page shows. */
export async function clientLogoUrl(
  { clientId, logoUri }: Pick<Client, "clientId" | "logoUri">,
): Promise<string | undefined> {
  if (logoUri === null || clientLogo(logoUri) === null) return undefined;
  return `/clients/${encodeURIComponent(clientId)}/logo?v=${await logoVersion(logoUri)}`;
}

/** A part of the logo's URL, so that a new logo has a new URL. */
export async function logoVersion(logoUri: string): Promise<string> {
  return (await digest(logoUri)).slice(0, 16);
}
