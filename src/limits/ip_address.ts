import type ipaddr from "ipaddr.js";
import { later } from "../deps/later.ts";

/**
 * The parser of all addresses, which a server loads after it listens, or for the first request that needs
 * it. For a package in CommonJS, Deno loads much of Node: that takes as long as the start of a bare server.
 */
export const addressParser = later(async () => (await import("ipaddr.js")).default);

/** The parser, where it must have been loaded: no address is trusted that was not parsed. */
export function loadedParser(): typeof ipaddr {
  const parser = addressParser.peek();
  if (parser === null) throw new Error("the parser of addresses is not loaded");
  return parser;
}

/**
 * Whether a text is an IPv4 address in its normal form. Most addresses are, and then there is nothing left
 * to parse. The platform decides: a host that ends in a number is an address, and a URL has that in its
 * normal form.
 * @see WHATWG URL section 3.5
 */
export function isPlainIpv4(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && URL.parse(`http://${text}/`)?.hostname === text;
}
