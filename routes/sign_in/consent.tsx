import { readPendingRequest } from "../../src/authorize/interaction.ts";
import { resumeAuthorization } from "../../src/authorize/resume.ts";
import { claimNamesOf, grantableText } from "../../src/grantable/grantable.ts";
import type { SessionCookie } from "../../src/sessions/session_cookie.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { RequestWentOn } from "../../src/interactions/own_interaction.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { shownScopes } from "../../src/claims/claims.ts";
import { shownResources } from "../http/shown_resources.ts";
import { scopeAt } from "../../stores/resource_scopes.ts";
import { displayName } from "../../src/logout/logout.ts";
import { mayUse } from "../../src/clients/allowed_groups.ts";
import { hasOnlyLoopback } from "../../src/clients/redirect_uri.ts";
import { ConsentPage } from "../../src/ui/consent_page.tsx";
import { NoAccessPage } from "../../src/ui/no_access_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { respond } from "./authorize.ts";
import { clientLogoUrl } from "../http/client_logo_url.ts";
import { readBrowser, readSession } from "../http/cookies.ts";
import { readQuery, single } from "../http/form.ts";
import { type FormSubject, formToken, isFormToken } from "../http/form_token.ts";
import { interactionParameter } from "../http/interaction.ts";
import { frameOf, page } from "../http/page.tsx";
import type { FormKind } from "../http/page_form.ts";

/** The consent page. */
export function consentRoutes(deps: Deps): Pages {
  return pages()
    .get("/consent", async (c) => {
      const interactionId = interactionParameter(readQuery(c.req.raw));
      const browserDigest = await readBrowser(c, deps, interactionId);
      const session = await readSession(c, deps);
      const pending = await readPendingRequest(deps, { interactionId, browserDigest, session });
      if (pending.live === null) {
        return c.redirect(`/authorize/resume?interaction=${interactionId}`, 303);
      }
      const { client, target, grantable } = pending;
      const { clientUri: uri, policyUri, tosUri } = client;
      const told = grantableText(grantable);
      const frame = frameOf(c, pending.request.ui_locales);
      const person = { name: displayName(pending.live) };
      const fields = {
        interaction: interactionId,
        scope: told,
        form_token: await formToken(deps, browserDigest, "consent", interactionId),
        asked: await formToken(
          deps,
          browserDigest,
          ...askedSubject({ interactionId, session, told }),
        ),
      };
      if (!mayUse(client, pending.live.user.value)) {
        const content = (
          <NoAccessPage
            frame={frame}
            action="/consent"
            fields={fields}
            client={{ name: client.clientName, logoUrl: await clientLogoUrl(client) }}
            person={person}
            otherAccountUrl={`/login?interaction=${interactionId}`}
          />
        );
        return page(c, content, { formsMayLeave: true });
      }
      const content = (
        <ConsentPage
          frame={frame}
          action="/consent"
          fields={fields}
          client={{
            name: client.clientName,
            logoUrl: await clientLogoUrl(client),
            ...(uri === null ? {} : { uri }),
            ...(policyUri === null ? {} : { policyUri }),
            ...(tosUri === null ? {} : { tosUri }),
            ...(client.document === null ? {} : {
              documentHost: new URL(client.clientId).host,
              isLoopbackOnly: hasOnlyLoopback(client),
            }),
          }}
          redirectUri={target.redirectUri}
          person={person}
          scopes={shownScopes(scopeAt(grantable.resourceScopes, null), claimNamesOf(grantable))}
          customClaims={pending.customClaims}
          resources={shownResources(grantable.resourceScopes)}
        />
      );
      return page(c, content, { formsMayLeave: true });
    })
    .form("/consent", consentForm(deps), async (c, checked) => {
      const { form, browserDigest, interactionId, session, told } = checked;
      const asked = single(form, "asked") ?? "";
      // The page did not ask the user who has signed in in another tab since. That user is asked now.
      if (!await isFormToken(deps, asked, browserDigest, ...askedSubject(checked))) {
        throw new RequestWentOn(interactionId);
      }
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
        interactionId,
      );
    });
}

interface ConsentForm {
  readonly interactionId: string;
  readonly session: SessionCookie | null;
  /** The scope that the page has shown. If another scope is grantable by now, the user is asked again. */
  readonly told: string;
}

function consentForm(deps: Deps): FormKind<ConsentForm> {
  return {
    deps,
    identify: async (c, form) => {
      const interactionId = interactionParameter(form);
      const session = await readSession(c, deps);
      const details = { interactionId, session, told: single(form, "scope") ?? "" };
      return {
        subject: ["consent", interactionId],
        browserDigest: await readBrowser(c, deps, interactionId),
        details,
      };
    },
  };
}

/** A page that asked one user must not be answered by another one, who signed in from another tab. */
function askedSubject({ interactionId, session, told }: ConsentForm): FormSubject {
  return ["asked", interactionId, session?.sessionId ?? null, told];
}
