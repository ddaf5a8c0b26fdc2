import { z } from "zod";
import type { Present, Ref } from "../../stores/engine/collection.ts";
import * as invitations from "../../stores/invitations.ts";
import type { Invitation } from "../../stores/invitations.ts";
import { usernameSchema } from "../authn/new_accounts/new_account.ts";
import { mailAddressSchema, standardClaimsSchema } from "../claims/claims.ts";
import { supportedLanguages } from "../language/languages.ts";
import type { JsonObject } from "./json_body.ts";
import type { Shown } from "./records.ts";

export const languageSchema = z.enum(supportedLanguages);

/** An invitation as an administrator writes it. */
export const invitationSchema = z.strictObject({
  email: mailAddressSchema,
  username: usernameSchema.nullable().default(null),
  // The address is the one that is proved.
  claims: standardClaimsSchema.omit({ email: true, email_verified: true }).default({}),
  administrator: z.boolean().default(false),
  client_id: z.string().max(256).nullable().default(null),
  language: languageSchema.default("en"),
});

export const shown: Shown<Invitation> = {
  name: "invitation",
  collection: invitations.all,
  show: (entry: Present<Invitation>) => shownAs(invitations.idOf(entry), entry.value),
};

/** An invitation as the API shows it; its link is nobody's but the invited person's. */
export function shownAs(invitationId: string, invitation: Invitation): JsonObject {
  return {
    id: invitationId,
    email: invitation.email,
    username: invitation.username,
    claims: invitation.claims,
    administrator: invitation.administrator,
    client_id: invitation.clientId,
    language: invitation.language,
    status: invitation.spentBy === null ? "pending" : "accepted",
    user_id: invitation.spentBy,
    created_at: invitation.createdAt,
    sent_at: invitation.sentAt,
    expires_at: invitation.expiresAt,
  };
}

/** Null: nothing can have such an id. */
export function invitationRef(invitationId: string): Ref<Invitation> | null {
  return /^[A-Za-z0-9_-]{22}$/.test(invitationId) ? invitations.ref(invitationId) : null;
}
