import type { Ref } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import {
  type AddressOwner,
  emailRef,
  type NameOwners,
  ownerOfName,
  usernameRef,
} from "../../stores/user_names.ts";
import type { PresentedGrant } from "./trusted_assertion.ts";

/** How the issuer's rules find the user of an assertion. */
export type AssertedUser =
  | { readonly userId: string }
  | { readonly username: string; readonly at: Ref<NameOwners> }
  | { readonly at: Ref<AddressOwner> }
  | null;

/**
 * Finds the user that an assertion is about, by the rules of its issuer. It creates no user.
 *
 * @returns null: the rules name no user
 */
export function assertedUser({ trusted, claims }: PresentedGrant): AssertedUser {
  const userId = trusted.users.get(claims.sub);
  if (userId !== undefined) return { userId };
  if (trusted.usernameClaim !== null) {
    const username = claims[trusted.usernameClaim];
    if (typeof username !== "string" || username === "" || username.length > 256) return null;
    return { username, at: usernameRef(username) };
  }
  // The issuer decides who has an address of its domains, and of no others.
  const { email, email_verified } = claims;
  if (trusted.emailDomains === null || email === undefined || email_verified !== true) return null;
  const domain = email.slice(email.lastIndexOf("@") + 1).toLowerCase();
  return trusted.emailDomains.includes(domain) ? { at: emailRef(email) } : null;
}

/** The record that leads to the user, for the first batch of a step. */
export function assertedUserRefs(asserted: AssertedUser): Ref<unknown>[] {
  return asserted !== null && "at" in asserted ? [asserted.at] : [];
}

/** The user's id; null: the rules find nobody. */
export async function readAssertedUserId(
  tx: Transaction,
  asserted: AssertedUser,
): Promise<string | null> {
  if (asserted === null) return null;
  if ("userId" in asserted) return asserted.userId;
  if ("username" in asserted) {
    const { owners } = await tx.read({ owners: asserted.at });
    return ownerOfName(owners, asserted.username);
  }
  const { owner } = await tx.read({ owner: asserted.at });
  return owner.value?.userId ?? null;
}
