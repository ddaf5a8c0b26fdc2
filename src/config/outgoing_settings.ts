import { z } from "zod";
import { jsonOrNull } from "../protocol/json_entry.ts";
import { calledUrl } from "./trusted_issuers.ts";
import { optional, type Values } from "./variable_kinds.ts";

/** Where the server may send requests that clients cause, such as for their keys. */
export interface OutgoingSettings {
  /** Names of hosts, or `*.` and a name for all names below it; null: every public host. */
  readonly hosts: readonly string[] | null;
  /** In CIDR form: networks that may be called although they are not public. */
  readonly privateNetworks: readonly string[];
}

/** Which clients may have the URL of their metadata for their id. */
export interface ClientIdDocuments {
  readonly mode: "open" | "listed" | "off";
  /** The hosts of such URLs, for `listed`: as in `OutgoingSettings`. */
  readonly hosts: readonly string[];
}

/** Whether a text is a network in CIDR form. */
export function isNetwork(text: string): boolean {
  return z.union([z.cidrv4(), z.cidrv6()]).safeParse(text).success;
}

/** Whether a network, in CIDR form, is all addresses: then it tells nobody apart. */
export function isAllAddresses(network: string): boolean {
  return network.endsWith("/0");
}

/** The variables about outgoing requests, each checked alone. */
export const outgoingVariables = {
  LATCHKEY_OUTGOING_HOSTS: hosts(),
  LATCHKEY_OUTGOING_PRIVATE_NETWORKS: optional(() =>
    items(isNetwork, "must be networks with commas between, such as 10.1.0.0/16,fd12::/48").refine(
      (networks) => !networks.some(isAllAddresses),
      "must not hold all addresses, this machine's among them: name the networks of your clients",
    )
  ),
  LATCHKEY_CLIENT_ID_DOCUMENTS: optional(() =>
    z.enum(["open", "listed", "off"], "must be open, listed or off")
  ),
  LATCHKEY_CLIENT_ID_DOCUMENT_HOSTS: hosts(),
  LATCHKEY_SOFTWARE_STATEMENT_ISSUERS: optional(() =>
    z.string().transform((text, context) => {
      const parsed = z.record(z.string().min(1).max(256), calledUrl())
        .safeParse(jsonOrNull(text));
      if (parsed.success) return parsed.data;
      context.addIssue(`must be a JSON object of issuers and the URLs of their keys, such as \
{"https://directory.example": "https://directory.example/jwks"}`);
      return z.NEVER;
    })
  ),
};

export function outgoingSettings(values: Values<typeof outgoingVariables>): OutgoingSettings {
  return {
    hosts: values.LATCHKEY_OUTGOING_HOSTS ?? null,
    privateNetworks: values.LATCHKEY_OUTGOING_PRIVATE_NETWORKS ?? [],
  };
}

function hosts() {
  return optional(() =>
    items(
      (host) => /^(\*\.)?([a-z0-9-]+\.)*[a-z0-9-]+$/.test(host),
      "must be host names in lower case with commas between, such as app.example,*.example.com",
    )
  );
}

/** A list with commas between its items. */
export function items(isItem: (text: string) => boolean, problem: string) {
  return z.string().transform((text) => text.split(",").map((item) => item.trim()))
    .refine((items) => items.every(isItem), problem);
}

/** Whether a host is the one of a list. @param host a name, or `*.` and a name for all names below it */
export function matchesHost(host: string, hostname: string): boolean {
  return host.startsWith("*.") ? hostname.endsWith(host.slice(1)) : hostname === host;
}
