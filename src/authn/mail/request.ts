import * as auditEvents from "../../../stores/audit_events.ts";
import * as challenges from "../../../stores/challenges.ts";
import * as clients from "../../../stores/clients.ts";
import { type Entry, isFresh, isPresent } from "../../../stores/engine/collection.ts";
import * as interactions from "../../../stores/interactions.ts";
import * as providers from "../../../stores/provider.ts";
import type { Origin, Transaction } from "../../../stores/engine/transaction.ts";
import { identifierRefs, ownerOfIdentifier } from "../../../stores/user_names.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { assertOwnInteraction, RequestWentOn } from "../../interactions/own_interaction.ts";
import { randomId, randomSecret } from "../../crypto/random.ts";
import { nameForMails } from "../../clients/registered_by.ts";
import type { Deps } from "../../deps/deps.ts";
import { takeRecipientPlace } from "../../limits/mail.ts";
import type { Requester } from "../../mail/requester.ts";
import { enqueueMail } from "../../mail/outbox.ts";
import { emailCodeMail } from "../../mail/templates/email_code.ts";
import { magicLinkMail } from "../../mail/templates/magic_link.ts";
import type { Language } from "../../language/languages.ts";
import { newCode } from "../challenges.ts";
import { formatCode } from "../../identifiers/letter_code.ts";
import { linkToken } from "../link_token.ts";
import { mailOf } from "./factor.ts";
import { isSameAddress } from "../../identifiers/mail_address.ts";

export interface MailSignInRequest {
  readonly origin: Origin;
  readonly interactionId: string;
  readonly browserDigest: string;
  /** In its canonical form. */
  readonly address: string;
  readonly way: "link" | "code";
  readonly language: Language;
  readonly requester: Requester;
  /** The id of a browser that has signed in to the address's account before; null: a stranger. */
  readonly device: string | null;
}

/**
 * Sends a link or a code for a sign-in, for a pending request, to the owner of an address. If there is
 * none, the same is read and as much is written, so that neither the answer nor the time reveals it.
 *
 * @returns the handle of the code, or of the code that can replace the link. It is not secret: a code
 *   is accepted only with the cookie of the browser that requested it.
 * @throws {OAuthError} if the interaction is another browser's, or no longer pending
 */
export async function requestMailSignIn(deps: Deps, request: MailSignInRequest): Promise<string> {
  const { origin, interactionId, browserDigest, address, way, language, requester, device } =
    request;
  const handle = await deps.kv.step(origin, async (tx) => {
    const first = await providers.read(tx, {
      interaction: interactions.ref(interactionId),
      ...identifierRefs(address),
    });
    const { provider } = first;
    const interaction = assertOwnInteraction(first.interaction, { browserDigest, provider });
    if (!isFresh(interaction)) throw new RequestWentOn(interactions.idOf(interaction));
    const clientId = interactions.clientIdOf(interaction.value);
    const ownerId = ownerOfIdentifier(first, address);
    const { user, client } = await tx.read({
      user: users.ref(ownerId ?? randomId(tx.random)),
      client: clientId === null ? null : clients.ref(clientId),
    });
    const reachable = reachableAt(user, address);
    // Mails that were requested with the username went to the same inbox.
    const recipient = { to: reachable, identifier: address, device };
    const hasPlace = await takeRecipientPlace(deps, tx, recipient);
    const to = hasPlace ? reachable : null;

    const handle = randomId(tx.random);
    const about = {
      username: user.value?.username ?? address,
      client: client?.value ? { name: nameForMails(client.value) } : null,
      requester,
      issuer: deps.config.issuer,
      brand: deps.brand,
    };
    const given = {
      userId: to === null ? null : ownerId,
      epoch: to === null ? null : user.value?.epoch ?? null,
      // A decoy has no address, but a value that is equal for all decoys of one address: guesses are
      // counted by it.
      address: to ?? await mailOf(deps, address),
      browserDigest,
      interactionId,
      providerEpoch: provider.epoch,
    };
    const written = way === "link"
      ? magicLinkMail(language, { ...about, url: await addLink(deps, tx, handle, given) })
      : emailCodeMail(language, { ...about, code: await addCode(deps, tx, handle, given) });
    const type = way === "link" ? "magic_link" : "email_code";
    await enqueueMail(deps, tx, {
      to, // null: no recipient
      userId: given.userId,
      template: type,
      written,
      usefulFor: challenges.challengeKinds[type].lifetime,
    });
    auditEvents.append(tx, {
      type: "mail_sign_in_requested",
      outcome: to === null ? "failure" : "success",
      reason: hasPlace ? way : "mail_limit",
      actor: "anonymous",
      clientId,
      user: to !== null && isPresent(user) ? user : null,
    });
    return handle;
  });
  deps.mailWakeUp.wake();
  return handle;
}

type Given = challenges.NewChallenge<"magic_link" | "email_code">;

async function addLink(deps: Deps, tx: Transaction, handle: string, given: Given): Promise<string> {
  const token = linkToken(handle, randomSecret(tx.random));
  challenges.add(tx, "magic_link", await challenges.ref("magic_link", token), given);
  return `${deps.config.issuer}/magic-link/confirm?token=${token}`;
}

async function addCode(deps: Deps, tx: Transaction, handle: string, given: Given): Promise<string> {
  const { code, codeMac } = await newCode(deps, tx.random, handle);
  const at = await challenges.ref("email_code", handle);
  challenges.add(tx, "email_code", at, { ...given, codeMac });
  return formatCode(code);
}

/**
 * The address to write to for a typed address: that of a user who has verified it, or who uses it as
 * username. An address in claims that is neither verified nor a username may belong to a stranger
 * because of a typing error, and that stranger would get the account.
 */
function reachableAt(user: Entry<User>, typed: string): string | null {
  if (!isPresent(user) || user.value.status !== "active") return null;
  const { claims } = user.value;
  const address = users.verifiedEmail(claims) ??
    users.verifiedEmail({ ...claims, email_verified: true });
  return address !== null && isSameAddress(address, typed) ? address : null;
}
