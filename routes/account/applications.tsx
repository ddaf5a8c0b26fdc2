import { scopeAt } from "../../stores/resource_scopes.ts";
import { shownDetails } from "../http/shown_details.ts";
import { shownResources } from "../http/shown_resources.ts";
import type { Context } from "hono";
import { shownScopes } from "../../src/claims/claims.ts";
import { listApplications } from "../../src/account/applications.ts";
import { withdrawApplication } from "../../src/account/withdrawal.ts";
import type { Deps } from "../../src/deps/deps.ts";
import {
  ApplicationsPage,
  type ApplicationsPageProps,
  WithdrawPage,
} from "../../src/ui/account/applications_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { readQuery, single } from "../http/form.ts";
import { frameOf, page, type PageOptions } from "../http/page.tsx";
import { once } from "../http/page_form.ts";
import {
  accountForm,
  accountFormToken,
  accountRequest,
  showAccountPageAgain,
  takeAccountAnswer,
} from "./http.ts";
import { shownUserOf } from "./shown_user.ts";

const path = "/account/applications";

/** The pages of applications with access to an account, which can withdraw it. */
export function accountApplicationRoutes(deps: Deps): Pages {
  return pages()
    .get(path, async (c) => {
      const request = await accountRequest(c, deps, path);
      const answer = await takeAccountAnswer(c, deps, request, { unknown: 404 });
      if (answer !== null) return await applicationsPage(c, deps, "unknown", { status: 404 });
      const isDone = single(readQuery(c.req.raw), "done") === "withdrawn";
      return await applicationsPage(c, deps, isDone ? "withdrawn" : null);
    })
    .get(`${path}/withdraw`, async (c) => {
      const request = await accountRequest(c, deps, path);
      const { applications } = await listApplications(deps, request);
      const clientId = single(readQuery(c.req.raw), "client");
      const client = applications.find((one) => one.client.clientId === clientId)?.client;
      if (!client) return await applicationsPage(c, deps, "unknown", { status: 404 });
      const content = (
        <WithdrawPage
          frame={frameOf(c)}
          formToken={await accountFormToken(c, deps, request)}
          client={{
            id: client.clientId,
            name: client.clientName,
            asksAgain: !client.skipConsent,
          }}
        />
      );
      return page(c, content);
    })
    .form(`${path}/withdraw`, once(accountForm(deps, path), withdrawn), async (c, sent) => {
      const { form, request } = sent;
      const clientId = single(form, "client") ?? "";
      const isWithdrawn = clientId.length <= 256 &&
        await withdrawApplication(deps, request, clientId);
      return isWithdrawn
        ? withdrawn(c)
        : await showAccountPageAgain(c, deps, request, path, { errors: ["unknown"] });
    });
}

function withdrawn(c: Context<AppEnv>) {
  return c.redirect(`${path}?done=withdrawn`, 303);
}

async function applicationsPage(
  c: Context<AppEnv>,
  deps: Deps,
  notice: ApplicationsPageProps["notice"],
  options: PageOptions = {},
) {
  const request = await accountRequest(c, deps, path);
  const { holder, applications } = await listApplications(deps, request);
  const frame = frameOf(c);
  const content = (
    <ApplicationsPage
      frame={frame}
      user={shownUserOf(holder)}
      applications={applications.map(({ client, resourceScopes, claims, details, ...one }) => ({
        ...one,
        scopes: shownScopes(scopeAt(resourceScopes, null), claims, holder.provider.customClaims),
        resources: shownResources(resourceScopes),
        details: shownDetails(
          holder.provider.authorizationDetailTypes,
          details,
          frame.language,
        ),
        clientId: client.clientId,
        name: client.clientName,
        uri: client.clientUri,
      }))}
      customClaims={holder.provider.customClaims}
      notice={notice}
    />
  );
  return page(c, content, options);
}
