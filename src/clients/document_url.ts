import type { Config } from "../config/config.ts";
import { matchesHost } from "../config/outgoing_settings.ts";
import { isLoopbackName } from "../identifiers/web_url.ts";

/**
 * Whether a client id is the URL of a document that this server reads: https, with a path, and nothing in
 * it that a parser would change, so that one document has one name.
 */
export function isDocumentUrl(
  { clientIdDocuments: { mode, hosts }, environment }: Pick<
    Config,
    "clientIdDocuments" | "environment"
  >,
  clientId: string,
): boolean {
  if (mode === "off" || !/^https?:\/\/[^/?#]+\//.test(clientId) || clientId.length > 256) {
    return false;
  }
  const url = URL.parse(clientId);
  if (url === null || url.href !== clientId || clientId.includes("#")) return false;
  if (url.username !== "" || url.password !== "") return false;
  if (url.protocol === "http:") {
    return environment === "development" && isLoopbackName(url);
  }
  return mode === "open" || hosts.some((host) => matchesHost(host, url.hostname));
}
