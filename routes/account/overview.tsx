import { Hono } from "hono";
import { accountStep } from "../../src/account/account_step.ts";
import type { Deps } from "../../src/deps.ts";
import { displayName } from "../../src/oidc/logout.ts";
import { AccountOverviewPage } from "../../src/ui/account/overview_page.tsx";
import type { AppEnv } from "../http/context.ts";
import { frameOf, page } from "../http/page.tsx";
import { accountRequest } from "./http.ts";

/** Where a person sees what there is about them. */
export function accountOverviewRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>().get("/account", async (c) => {
    const request = await accountRequest(c, deps, "/account");
    const name = await accountStep(
      deps,
      request,
      { recent: false },
      (_, live) => displayName(live),
    );
    return page(c, <AccountOverviewPage frame={frameOf(c)} person={{ name }} />);
  });
}
