import ipaddr from "ipaddr.js";

/** What a person sits at, in names that everybody knows; null: not known. */
export interface Device {
  readonly browser: string | null;
  readonly system: string | null;
}

/** Where an address is, as far as it tells. */
export type Place =
  | { readonly kind: "this_computer" | "local_network" | "unknown" }
  | { readonly kind: "address"; readonly address: string };

/** Reads devices from `User-Agent` headers; the list of browsers loads when it is first used. */
export async function deviceReader(): Promise<(userAgent: string | null) => Device> {
  const { default: Bowser } = await import("bowser");
  // Of an unknown browser the parser tells what the header says, and a header can hold any sentence.
  const known = (name: string | undefined, names: Readonly<Record<string, string>>) =>
    Object.values(names).find((one) => one === name) ?? null;
  return (userAgent) => {
    if (userAgent === null || userAgent === "") return { browser: null, system: null };
    const { browser, os } = Bowser.parse(userAgent);
    return {
      browser: known(browser.name, Bowser.BROWSER_MAP),
      system: known(os.name, Bowser.OS_MAP),
    };
  };
}

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
