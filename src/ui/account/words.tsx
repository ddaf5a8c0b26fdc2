import type { IpAddressClass } from "../../claims/ip_address_class.ts";
import type { Method } from "../../claims/sign_in_methods.ts";
import { fill } from "../../language/fill.tsx";
import type { Strings } from "../../language/strings/en.ts";
import { type Language, strings } from "../../language/languages.ts";

/** The owner of an account page. */
export interface ShownUser {
  readonly name: string;
  /** The time zone for displayed times, as an IANA name. */
  readonly timeZone: string;
}

/** Sign-in methods as one text: "password and one-time code"; null: none is known. */
export function methodsText(methods: readonly Method[], language: Language): string | null {
  const t = strings(language).account.methods;
  const words = methods.map((method) => t[method]);
  return words.length === 0 ? null : words.reduce((one, other) => fill(t.and, { one, other }));
}

/** The origin of a request in words: "From the local network". */
export function placeText(
  place: IpAddressClass,
  t: Strings["account"]["sessions"]["place"],
): string {
  switch (place.kind) {
    case "this_computer":
      return t.thisComputer;
    case "local_network":
      return t.localNetwork;
    case "address":
      return fill(t.address, { address: place.address });
    default:
      return t.unknown;
  }
}
