import {
  type AuthorizationDetail,
  unionOfDetails,
} from "../../../stores/authorization_detail_types.ts";
import type { Client } from "../../../stores/clients.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import * as providers from "../../../stores/provider.ts";
import { canonicalJson } from "../../crypto/canonical_json.ts";
import { listedThemselves, sameAmong } from "../resources.ts";
import { checkedFields } from "./fields.ts";
import { limitedTo, refusedDetails } from "./locations.ts";
import { isTexts, parseDetails, type SentDetail } from "./parse.ts";

/**
 * Those of granted details that are still allowed: their type exists, allows their fields and has their
 * resources, and the client is registered for it.
 */
export async function stillAllowed(
  tx: Transaction,
  { authorizationDetailsTypes }: Pick<Client, "authorizationDetailsTypes">,
  granted: readonly AuthorizationDetail[],
): Promise<AuthorizationDetail[]> {
  const { authorizationDetailTypes } = providers.fetched(tx);
  const allowed: AuthorizationDetail[] = [];
  for (const detail of granted) {
    const { type, locations, ...fields } = detail;
    const of = authorizationDetailTypes.find((one) => one.type === type);
    if (of === undefined || !authorizationDetailsTypes.includes(type)) continue;
    if ("problem" in checkedFields(of.fields, fields)) continue;
    allowed.push(...limitedTo([detail], await listedThemselves(tx, locations, of.resources)));
  }
  return allowed;
}

/**
 * The part of granted details that a token request asks for: each one must be a granted one, or less.
 *
 * @param text the parameter as received
 * @throws {OAuthError} `invalid_authorization_details`
 * @see RFC 9396 section 6.1
 */
export function narrowed(
  granted: readonly AuthorizationDetail[],
  text: string,
): AuthorizationDetail[] {
  const parts = parseDetails(text).map((sent) => {
    for (const detail of granted) {
      const part = partOf(detail, sent);
      if (part !== null) return part;
    }
    throw refusedDetails("must not have more than was granted");
  });
  return unionOfDetails([], parts);
}

/**
 * Lists of which a part is less than the whole, by their meaning in the RFC. A part of another list could
 * be more, as of accounts that are excluded.
 *
 * @see RFC 9396 section 2.2
 */
const lists: readonly string[] = ["actions", "datatypes", "privileges"];

/** Null: it is not within this detail. A field that is left out could mean more, so none may be. */
function partOf(
  { type, locations, ...fields }: AuthorizationDetail,
  sent: SentDetail,
): AuthorizationDetail | null {
  const names = Object.keys(fields);
  if (sent.type !== type || Object.keys(sent.fields).length !== names.length) return null;
  const asked = sent.locations ?? locations;
  const meant = asked.map((name) => sameAmong(name, locations));
  const left = locations.filter((one) => meant.includes(one));
  if (left.length === 0 || meant.includes(null)) return null;
  const part: Record<string, unknown> = {};
  for (const name of names) {
    const [held, wanted] = [fields[name], sent.fields[name]];
    const isLess = lists.includes(name) && isTexts(held) && isTexts(wanted) && wanted.length > 0 &&
      wanted.every((one) => held.includes(one));
    if (isLess) part[name] = held.filter((one) => wanted.includes(one));
    else if (canonicalJson(held) === canonicalJson(wanted)) part[name] = held;
    else return null;
  }
  return { type, locations: left, ...part };
}
