import { readPendingRequest } from "../../src/authorize/interaction.ts";
import { resumeAuthorization } from "../../src/authorize/resume.ts";
import { scopeText } from "../../src/claims/scope.ts";
import type { SessionCookie } from "../../src/sessions/session_cookie.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { scopesToTell } from "../../src/claims/claims.ts";
import { displayName } from "../../src/logout/logout.ts";
import { ConsentPage } from "../../src/ui/consent_page.tsx";
import { type Endpoints, pages } from "../endpoint.ts";
import { respond } from "./authorize.ts";
import { clientLogoUrl } from "../http/client_logo_url.ts";
import { readBrowser, readSession } from "../http/cookies.ts";
import { readForm, readQuery, single } from "../http/form.ts";
import { assertOwnForm, formToken } from "../http/form_token.ts";
import { interactionParameter } from "../http/interaction.ts";
import { frameOf, page } from "../http/page.tsx";

/** Where a person says what a client may do. */
export function consentRoutes(deps: Deps): Endpoints {
  return pages()
    .get("/consent", async (c) => {
      const interactionId = interactionParameter(readQuery(c.req.raw));
      const browserDigest = await readBrowser(c, deps, interactionId);
      const session = await readSession(c, deps);
      const pending = await readPendingRequest(deps, { interactionId, browserDigest, session });
      if (pending.live === null) {
        return c.redirect(`/authorize/resume?interaction=${interactionId}`, 303);
      }
      const { client, target, resources, scope } = pending;
      const { clientUri: uri, policyUri, tosUri } = client;
      const told = scopeText(scope);
      const ofResources = new Set(resources.flatMap((resource) => resource.scopes));
      const content = (
        <ConsentPage
          frame={frameOf(c, pending.request.ui_locales)}
          action="/consent"
          interactionId={interactionId}
          told={told}
          formToken={await formToken(
            deps,
            browserDigest,
            aboutConsent(interactionId, session, told),
          )}
          client={{
            name: client.clientName,
            logoUrl: await clientLogoUrl(client),
            ...(uri === null ? {} : { uri }),
            ...(policyUri === null ? {} : { policyUri }),
            ...(tosUri === null ? {} : { tosUri }),
          }}
          redirectUri={target.redirectUri}
          person={{ name: displayName(pending.live) }}
          scopes={scopesToTell(scope, pending.request.claims).filter((name) =>
            !ofResources.has(name)
          )}
          resources={resources.map(({ resource, scopes }) => ({
            resource,
            scopes: scopes.filter((name) => scope.includes(name)),
          }))}
        />
      );
      return page(c, content, { formsMayLeave: true });
    })
    .post("/consent", async (c) => {
      const form = await readForm(c.req.raw);
      const interactionId = interactionParameter(form);
      const browserDigest = await readBrowser(c, deps, interactionId);
      const session = await readSession(c, deps);
      // What the page told of; what is given is found out anew, and asked for anew if it is not the same.
      const told = single(form, "scope") ?? "";
      const about = aboutConsent(interactionId, session, told);
      await assertOwnForm(c, deps, form, browserDigest, about);
      const decision = single(form, "decision");
      if (decision !== "allow" && decision !== "deny") {
        throw new OAuthError("invalid_request", "decision must be allow or deny");
      }
      return respond(
        c,
        deps,
        await resumeAuthorization(deps, {
          origin: c.get("origin"),
          interactionId,
          browserDigest,
          session,
          answer: { decision, told },
        }),
      );
    });
}

/**
 * Whoever signs in meanwhile, in another tab, was not the one that this page asked; and no form tells of
 * another scope than the page that it is on.
 */
function aboutConsent(interactionId: string, session: SessionCookie | null, told: string): string {
  return `${interactionId}.${session?.sessionId ?? ""}.${told}`;
}
