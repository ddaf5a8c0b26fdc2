import type { Deps } from "../../src/deps/deps.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { wellKnown } from "./discovery.ts";

/**
 * The URLs that password managers look for: where a password is changed, and where passkeys are added
 * and managed.
 *
 * @see W3C A Well-Known URL for Changing Passwords, W3C A Well-Known URL for Relying Party Passkey
 *   Endpoints
 */
export function wellKnownForPeople({ config: { issuer } }: Pick<Deps, "config">): Endpoint[] {
  const methods = ["GET"] as const;
  const passkeys = `${issuer}/account/security/passkeys`;
  return [
    endpoint(
      { path: "/.well-known/change-password", methods, ...wellKnown },
      (c) => c.redirect("/account/security/password", 303),
    ),
    endpoint(
      { path: "/.well-known/passkey-endpoints", methods, ...wellKnown },
      (c) =>
        c.json({ enroll: passkeys, manage: passkeys }, 200, {
          "Cache-Control": "public, max-age=300",
        }),
    ),
  ];
}
