import { z } from "zod";
import { hasUseForRecoveryCodes, makeRecoveryCodes } from "../../src/account/recovery_codes.ts";
import { sensitiveStep } from "../../src/account/sensitive_step.ts";
import {
  recoveryCodeCount,
  recoveryCodesLeft,
} from "../../src/authn/second_factor/recovery_codes.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { displayName } from "../../src/sessions/live_session.ts";
import {
  NewRecoveryCodesPage,
  RecoveryCodesPage,
} from "../../src/ui/account/recovery_codes_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { readQuery, single } from "../http/form.ts";
import { frameOf, page } from "../http/page.tsx";
import { sealedCookie } from "../http/sealed_cookie.ts";
import { accountForm, accountFormToken, accountRequest } from "./http.ts";

const path = "/account/security/recovery-codes";
const newPath = `${path}/new`;

/**
 * The content of the page with new codes. It can be reloaded until the user confirms that they have
 * kept them.
 */
const newCodes = sealedCookie(
  "recovery_codes",
  600,
  z.object({ username: z.string(), codes: z.array(z.string()).readonly(), madeAt: z.int() }),
);

/**
 * The pages that create recovery codes. The store has only their digests; the codes for the page are in
 * a cookie.
 */
export function recoveryCodeRoutes(deps: Deps): Pages {
  return pages()
    .get(path, async (c) => {
      const request = await accountRequest(c, deps, path);
      const shown = await sensitiveStep(deps, request, (_, live) => {
        const { value } = live.user;
        const { recoveryCodes } = value;
        return {
          user: { name: displayName(live) },
          useful: hasUseForRecoveryCodes(value),
          codes: recoveryCodes && {
            left: recoveryCodesLeft(value),
            createdAt: recoveryCodes.createdAt,
          },
        };
      });
      const content = (
        <RecoveryCodesPage
          frame={frameOf(c)}
          {...shown}
          action={path}
          formToken={await accountFormToken(c, deps, request)}
          all={recoveryCodeCount}
          appAdded={single(readQuery(c.req.raw), "after") === "authenticator-app"}
        />
      );
      return page(c, content);
    })
    .form(path, accountForm(deps, path), async (c, { request }) => {
      const made = await makeRecoveryCodes(deps, request, frameOf(c).language);
      if (made === null) return c.redirect(path, 303);
      const madeAt = deps.clock.seconds();
      await newCodes.keep(c, deps, request.session?.sessionId ?? "", { ...made, madeAt });
      c.header("Cache-Control", "no-store");
      return c.redirect(newPath, 303);
    })
    .get(newPath, async (c) => {
      const request = await accountRequest(c, deps, newPath);
      const made = await newCodes.read(c, deps, request.session?.sessionId ?? "");
      const current = await sensitiveStep(deps, request, (_, { user }) => user.value.recoveryCodes);
      // New codes may have been created in another place since. Then the codes of this page are
      // invalid.
      const isCurrent = made !== null && current !== null && current.createdAt <= made.madeAt;
      if (!isCurrent) return c.redirect(path, 303);
      const { username, codes } = made;
      const content = (
        <NewRecoveryCodesPage
          frame={frameOf(c)}
          username={username}
          codes={codes}
          host={new URL(deps.config.issuer).host}
          doneUrl={`${path}/kept`}
        />
      );
      return page(c, content);
    })
    .get(`${path}/kept`, (c) => {
      newCodes.forget(c, deps);
      c.header("Cache-Control", "no-store");
      return c.redirect("/account/security", 303);
    });
}
