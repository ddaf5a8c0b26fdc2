import type { Context } from "hono";
import type { AuthorizationResponse } from "../../src/authorize/response.ts";
import { FormPostPage } from "../../src/ui/form_post_page.tsx";
import { hostedUrl } from "../../src/identifiers/web_url.ts";
import { encodedParameters, withQuery } from "../../src/protocol/redirect_url.ts";
import type { AppEnv } from "./context.ts";
import { frameOf, page } from "./page.tsx";

/**
 * Sends the browser back to the client with the answer to its authorization request.
 *
 * @see RFC 6749 section 4.1.2, OAuth 2.0 Multiple Response Type Encoding Practices section 2.1, OAuth
 *   2.0 Form Post Response Mode section 2
 */
export function authorizationResponse(
  c: Context<AppEnv>,
  { target, parameters }: AuthorizationResponse,
) {
  const { redirectUri, responseMode } = target;
  if (responseMode === "form_post") {
    const content = (
      <FormPostPage
        // This page is replaced before anybody reads it. If it were opened again, it would be another
        // request.
        frame={{ ...frameOf(c), languageLinks: [] }}
        action={redirectUri}
        fields={parameters}
        clientName={hostedUrl(redirectUri)?.host ?? new URL(redirectUri).protocol}
      />
    );
    // A silent request runs in a hidden frame of the application. The only link here leads to that
    // application.
    const { origin } = new URL(redirectUri);
    return page(c, content, {
      formsMayLeave: true,
      ...(origin === "null" ? {} : { framedBy: origin }),
    });
  }
  c.header("Cache-Control", "no-store");
  // 303, so that the browser does not send the posted form to the client (RFC 9700 section 4.12).
  const url = responseMode === "fragment"
    ? `${redirectUri}#${encodedParameters(parameters)}` // it is registered without a fragment
    : withQuery(redirectUri, parameters);
  return c.redirect(url, 303);
}
