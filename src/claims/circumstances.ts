import ipaddr from "ipaddr.js";
import { type Amr, isAmr } from "../protocol/amr.ts";

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
export type Method = "password" | "passkey" | "email" | "code" | "recoveryCode";

/** @param amr as stored */
export function methodsOf(amr: readonly string[]): Method[] {
  return [...new Set(amr.filter(isAmr).flatMap((name) => methods[name] ?? []))];
}

/** Null: no way by itself, but a property of one. */
const methods: Readonly<Record<Amr, Method | null>> = {
  pwd: "password",
  hwk: "passkey",
  swk: "passkey",
  email: "email",
  otp: "code",
  recovery_code: "recoveryCode",
  user: null,
  mfa: null,
};
