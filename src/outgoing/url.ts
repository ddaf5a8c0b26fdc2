import type { Config } from "../config/config.ts";
import { matchesHost } from "../config/outgoing_settings.ts";
import { isLoopbackName } from "../identifiers/web_url.ts";
import { OutgoingRefused } from "./refused.ts";

/**
 * A URL that the server may call: https, without user name and fragment, and of a host that the
 * operator's list allows. In development, also http on this machine.
 *
 * @throws {OutgoingRefused} `url`, `host`
 */
export function outgoingUrl(config: Pick<Config, "environment" | "outgoing">, text: string): URL {
  const url = URL.parse(text);
  if (url === null || text.length > 2048) {
    throw refused("it is not a URL of at most 2048 characters");
  }
  if (url.username !== "" || url.password !== "") throw refused("it has a user name or password");
  if (text.includes("#")) throw refused("it has a fragment");
  const isLocal = config.environment === "development" && isLoopbackName(url);
  if (url.protocol !== "https:" && !(isLocal && url.protocol === "http:")) {
    throw refused("it is not https");
  }
  const { hosts } = config.outgoing;
  if (hosts !== null && !isLocal && !hosts.some((host) => matchesHost(host, url.hostname))) {
    throw new OutgoingRefused("host", `${url.host} is not in LATCHKEY_OUTGOING_HOSTS`);
  }
  return url;
}

function refused(problem: string): OutgoingRefused {
  return new OutgoingRefused("url", `the URL cannot be called: ${problem}`);
}
