import { hasUseForRecoveryCodes, makeRecoveryCodes } from "../../src/account/recovery_codes.ts";
import { sensitiveStep } from "../../src/account/sensitive_step.ts";
import {
  recoveryCodeCount,
  recoveryCodesLeft,
} from "../../src/authn/second_factor/recovery_codes.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { displayName } from "../../src/logout/logout.ts";
import {
  NewRecoveryCodesPage,
  RecoveryCodesPage,
} from "../../src/ui/account/recovery_codes_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { readQuery, single } from "../http/form.ts";
import { frameOf, page } from "../http/page.tsx";
import { accountForm, accountFormToken, accountRequest } from "./http.ts";

const path = "/account/security/recovery-codes";

/** Where a person makes recovery codes. They are in the answer to the form, and nowhere else. */
export function recoveryCodeRoutes(deps: Deps): Pages {
  return pages()
    .get(path, async (c) => {
      const request = await accountRequest(c, deps, path);
      const shown = await sensitiveStep(deps, request, (_, live) => {
        const { value } = live.user;
        const { recoveryCodes } = value;
        return {
          person: { name: displayName(live) },
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
      const frame = frameOf(c);
      const made = await makeRecoveryCodes(deps, request, frame.language);
      if (made === null) return c.redirect(path, 303);
      const { host } = new URL(deps.config.issuer);
      return page(
        c,
        <NewRecoveryCodesPage frame={frame} {...made} host={host} doneUrl="/account/security" />,
      );
    });
}
