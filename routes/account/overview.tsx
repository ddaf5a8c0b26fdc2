import { readOverview } from "../../src/account/overview.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { AccountOverviewPage } from "../../src/ui/account/overview_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { frameOf, page } from "../http/page.tsx";
import { accountRequest } from "./http.ts";
import { emailOf, shownUserOf } from "./shown_user.ts";

/** The first account page. */
export function accountOverviewRoutes(deps: Deps): Pages {
  return pages().get("/account", async (c) => {
    const request = await accountRequest(c, deps, "/account");
    const { holder, recoveryCodes, ...shown } = await readOverview(deps, request);
    const { username, passwordHash, passkeys, totp } = holder.user.value;
    const content = (
      <AccountOverviewPage
        frame={frameOf(c)}
        user={shownUserOf(holder)}
        username={username}
        email={emailOf(holder)}
        signIn={{
          password: passwordHash !== null,
          passkeys: passkeys.length,
          authenticatorApp: totp !== null,
          recoveryCodes,
        }}
        {...shown}
      />
    );
    return page(c, content);
  });
}
