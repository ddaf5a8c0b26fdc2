import type { Client } from "../../stores/clients.ts";
import { readPendingRequest } from "../../src/authorize/interaction.ts";
import { resumeAuthorization } from "../../src/authorize/resume.ts";
import { grantableText } from "../../src/grantable/grantable.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { shownGrantable } from "../http/shown_grantable.ts";
import { displayName } from "../../src/sessions/live_session.ts";
import { mayUse } from "../../src/clients/allowed_groups.ts";
import { hasNamedItself, registeredBy } from "../../src/clients/registered_by.ts";
import { hasOnlyLoopback } from "../../src/clients/redirect_uri.ts";
import { interactionUrl } from "../../src/interactions/interaction_url.ts";
import { ConsentPage } from "../../src/ui/consent_page.tsx";
import { NoAccessPage } from "../../src/ui/no_access_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { askedFields, askedForm, carryOut } from "./asked_form.ts";
import { respond } from "./authorize.ts";
import { clientLogoUrl } from "../http/client_logo_url.ts";
import { readBrowser, readSession } from "../http/cookies.ts";
import { readQuery } from "../http/form.ts";
import { interactionParameter } from "../http/interaction.ts";
import { frameOf, page } from "../http/page.tsx";

/** The consent page. */
export function consentRoutes(deps: Deps): Pages {
  return pages()
    .get("/consent", async (c) => {
      const interactionId = interactionParameter(readQuery(c.req.raw));
      const browserDigest = await readBrowser(c, deps, interactionId);
      const session = await readSession(c, deps);
      const pending = await readPendingRequest(deps, { interactionId, browserDigest, session });
      if (pending.live === null) {
        return c.redirect(interactionUrl("/authorize/resume", interactionId), 303);
      }
      const { client, target, grantable } = pending;
      const { clientUri: uri, policyUri, tosUri } = client;
      const asked = { interactionId, session, told: grantableText(grantable) };
      const shown = {
        frame: frameOf(c, pending.request.ui_locales),
        action: "/consent",
        fields: await askedFields(deps, "consent", browserDigest, asked),
        client: { name: client.clientName, logoUrl: await clientLogoUrl(client) },
        user: { name: displayName(pending.live) },
        hasOtherAccounts: !pending.isOnlyTheirs,
      };
      if (!mayUse(client, pending.live.user.value)) {
        return page(c, <NoAccessPage {...shown} lacks="group" />, { formsMayLeave: true });
      }
      const content = (
        <ConsentPage
          {...shown}
          client={{
            ...shown.client,
            ...(uri === null ? {} : { uri }),
            ...(policyUri === null ? {} : { policyUri }),
            ...(tosUri === null ? {} : { tosUri }),
            ...strangerNotices(client),
          }}
          redirectUri={target.redirectUri}
          {...shownGrantable(pending, grantable, shown.frame.language)}
        />
      );
      return page(c, content, { formsMayLeave: true });
    })
    .form("/consent", askedForm(deps, "consent"), async (c, checked) => {
      return await carryOut(c, deps, checked, async ({ decision, told, ...request }) => {
        const answered = { ...request, answer: { decision, told } };
        return respond(c, deps, await resumeAuthorization(deps, answered), request.interactionId);
      });
    });
}

/**
 * What the page says of a client that no operator registered: anybody can give it any name.
 * @see RFC 7591 section 5, draft-ietf-oauth-client-id-metadata-document-02 section 6
 */
function strangerNotices(client: Client) {
  const by = registeredBy(client);
  if (by === "operator") return {};
  const isLoopbackOnly = hasOnlyLoopback(client);
  if (by === "document") return { isLoopbackOnly, documentHost: new URL(client.clientId).host };
  return { isLoopbackOnly, isSelfNamed: hasNamedItself(client) };
}
