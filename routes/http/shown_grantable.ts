import type { Provider } from "../../stores/provider.ts";
import { scopeAt } from "../../stores/resource_scopes.ts";
import { shownScopes } from "../../src/claims/claims.ts";
import { claimNamesOf, type Grantable } from "../../src/grantable/grantable.ts";
import type { Language } from "../../src/language/languages.ts";
import { shownDetails } from "./shown_details.ts";
import { shownResources } from "./shown_resources.ts";

/** All that a client would be granted, for the pages that ask a user: nobody must allow what they were not told. */
export function shownGrantable(
  { customClaims, authorizationDetailTypes }: Pick<
    Provider,
    "customClaims" | "authorizationDetailTypes"
  >,
  grantable: Grantable,
  language: Language,
) {
  const { resourceScopes, details } = grantable;
  return {
    scopes: shownScopes(scopeAt(resourceScopes, null), claimNamesOf(grantable), customClaims),
    customClaims,
    resources: shownResources(resourceScopes),
    details: shownDetails(authorizationDetailTypes, details, language),
  };
}
