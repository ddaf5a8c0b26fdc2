import type { Deps } from "../../src/deps/deps.ts";
import { OAuthError, type PageSituation } from "../../src/protocol/errors.ts";
import { readBrowser } from "./cookies.ts";
import { single } from "./form.ts";
import type { LinkPurpose } from "./form_token.ts";
import type { FormKind } from "./page_form.ts";

/** The answer to a form of a link that is no longer valid. */
export function deadLink(situation: PageSituation): OAuthError {
  return new OAuthError("invalid_request", "this link does not work", { situation });
}

/** A form on the page of a one-time link. It contains the link's token. */
export function linkForm(
  deps: Deps,
  purpose: LinkPurpose,
): FormKind<{ readonly token: string }> {
  return {
    deps,
    identify: async (c, form) => {
      const token = single(form, "token") ?? "";
      return {
        subject: [purpose, token],
        browserDigest: await readBrowser(c, deps),
        details: { token },
      };
    },
  };
}
