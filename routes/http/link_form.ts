import type { Deps } from "../../src/deps/deps.ts";
import { readBrowser } from "./cookies.ts";
import { single } from "./form.ts";
import type { LinkPurpose } from "./form_token.ts";
import type { FormKind } from "./page_form.ts";

/** A form on the page of a one-time link. It carries the link's token. */
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
