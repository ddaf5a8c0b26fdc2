import ipaddr from "ipaddr.js";

/** Where an address is, as far as it tells. */
export type Place =
  | { readonly kind: "this_computer" | "local_network" | "unknown" }
  | { readonly kind: "address"; readonly address: string };

/** @see RFC 1918 section 3, RFC 4193 section 3, RFC 3927 section 2.1, RFC 6598 section 7 */
export function placeOf(address: string | null): Place {
  if (address === null || !ipaddr.isValid(address)) return { kind: "unknown" };
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === "loopback") return { kind: "this_computer" };
  if (local.includes(range)) return { kind: "local_network" };
  return { kind: "address", address: parsed.toString() };
}

const local = ["private", "uniqueLocal", "linkLocal", "carrierGradeNat"];

/** How somebody has signed in, in the words of a person. */
export type Method = "password" | "passkey" | "email" | "code";

/** @param amr RFC 8176 section 2; what is only a property of a method (`user`, `mfa`) names none */
export function methodsOf(amr: readonly string[]): Method[] {
  return [...new Set(amr.flatMap((name) => methods[name] ?? []))];
}

const methods: Readonly<Record<string, Method>> = {
  pwd: "password",
  hwk: "passkey",
  swk: "passkey",
  email: "email",
  otp: "code",
};
