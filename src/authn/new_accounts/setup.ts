import * as auditEvents from "../../../stores/audit_events.ts";
import * as carriedOutForms from "../../../stores/carried_out_forms.ts";
import { type Entry, type Fresh, isFresh, isPresent } from "../../../stores/engine/collection.ts";
import * as providers from "../../../stores/provider.ts";
import { assertProvider, type Provider } from "../../../stores/provider.ts";
import * as setupLinks from "../../../stores/setup_links.ts";
import type { SetupLink } from "../../../stores/setup_links.ts";
import { type Origin, systemOrigin } from "../../../stores/engine/transaction.ts";
import * as userNames from "../../../stores/user_names.ts";
import * as users from "../../../stores/users.ts";
import { randomId } from "../../crypto/random.ts";
import type { Deps } from "../../deps/deps.ts";
import type { StandardClaims } from "../../claims/claims.ts";
import { singleFactor } from "../../protocol/acr.ts";
import { type BrowserCookies, signIn } from "../../sessions/sign_in.ts";
import { type AccountForm, makeAccount } from "./make_account.ts";
import { isForeignAddress } from "./new_account.ts";
import { needsSetup } from "./needs_setup.ts";
import type { Proof } from "./new_credential.ts";
import {
  type NewcomerOptions,
  newcomerOptions,
  type OptionsRequest,
} from "../passkeys/newcomer.ts";
import { isRefused, type RegistrationRefused } from "../passkeys/registration.ts";

const lifetime = 24 * 60 * 60;
const purpose = "setup_link";

/**
 * The one-time link that creates the first administrator, valid for 24 hours. Until it is used, each
 * boot gets the same link. If each boot made a new one, a process that starts while somebody fills in
 * the form would end their link, as happens on serverless platforms.
 *
 * @returns null if there is nothing to set up
 */
export async function issueSetupLink(deps: Deps): Promise<string | null> {
  if (!await needsSetup(deps)) return null;
  const { link, provider } = await deps.kv.step(systemOrigin, async (tx) => {
    const { link: found, provider } = await providers.read(tx, { link: setupLinks.ref() });
    if (found.value !== null) return { link: found.value, provider };
    auditEvents.append(tx, { type: "setup_link_issued" });
    const linkId = randomId(tx.random);
    const expiresAt = tx.now + lifetime;
    return { link: setupLinks.create(tx, found, { linkId, expiresAt }), provider };
  });
  // It was spent after the list was read: there is an administrator now.
  if (link.spentBy !== null) return null;
  return `${deps.config.issuer}/setup?token=${await tokenOf(deps, link, provider)}`;
}

/** Whether a link's token can still create the first administrator. Nothing is spent. */
export async function isSetupToken(deps: Deps, token: string): Promise<boolean> {
  const { link, provider } = await deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ link: setupLinks.ref(), provider: providers.ref() }),
  );
  if (link.value === null || !isFresh(link)) return false;
  const isOurs = await isTokenOf(deps, link.value, assertProvider(provider), token);
  return isOurs && await needsSetup(deps);
}

/** The passkey options for a new account. The link is not spent. */
export async function setupPasskeyOptions(
  deps: Deps,
  { origin, token, newcomer }: OptionsRequest,
): Promise<NewcomerOptions | { readonly kind: "dead" }> {
  if (!await isSetupToken(deps, token)) return { kind: "dead" };
  return await deps.kv.step(origin, async (tx) => {
    const first = await providers.read(tx, { link: setupLinks.ref() });
    const open = await openLink(deps, first, token);
    if (open === null) return { kind: "dead" };
    if (isForeignAddress(newcomer.username, null)) return { kind: "username_taken" };
    return await newcomerOptions(deps, tx, { ...open.proof, newcomer });
  });
}

export interface FirstAdministrator extends AccountForm {
  /** As typed. It is not verified. */
  readonly email: string | null;
}

export type SetupOutcome =
  /** @property cookies of the user's new session in this browser */
  | { readonly kind: "made"; readonly cookies: BrowserCookies }
  /** The link is unknown, expired or spent, or a user exists already. */
  | { readonly kind: "dead" }
  /** The username is a mail address, but no address was verified here. */
  | { readonly kind: "username" }
  | RegistrationRefused;

/**
 * Creates the first administrator, signs them in and spends the link, in one commit: of concurrent
 * requests with one link, one creates an account.
 */
export async function createFirstAdministrator(
  deps: Deps,
  { origin, token, account, userAgent }: {
    readonly origin: Origin;
    readonly token: string;
    readonly account: FirstAdministrator;
    readonly userAgent: string | null;
  },
): Promise<SetupOutcome> {
  const { username, name, email } = account;
  if (!await isSetupToken(deps, token)) return { kind: "dead" };
  const claims: StandardClaims = {
    name,
    ...(email === null ? {} : { email, email_verified: false }),
  };
  return await deps.kv.step(origin, async (tx) => {
    const { taken, ...first } = await providers.read(tx, {
      link: setupLinks.ref(),
      taken: userNames.usernameRef(username),
    });
    const open = await openLink(deps, first, token);
    if (open === null || taken.value !== null) return { kind: "dead" };
    if (isForeignAddress(username, null)) return { kind: "username" };
    const credential = await account.credential(tx, open.proof);
    if (isRefused(credential)) return credential;
    const user = makeAccount(tx, { username, claims, administrator: true, credential });
    setupLinks.consume(tx, open.link, users.idOf(user));
    carriedOutForms.add(tx);
    const { cookies } = await signIn(deps, tx, {
      user,
      provider: open.proof.provider,
      amr: credential.kind === "password" ? ["pwd"] : ["user"],
      acr: singleFactor,
      userAgent,
      previousSession: null,
    });
    return { kind: "made", cookies };
  });
}

async function openLink(
  deps: Deps,
  { link, provider }: { readonly link: Entry<SetupLink>; readonly provider: Provider },
  token: string,
): Promise<{ readonly link: Fresh<SetupLink>; readonly proof: Proof } | null> {
  if (!isPresent(link) || !isFresh(link)) return null;
  if (!await isTokenOf(deps, link.value, provider, token)) return null;
  return { link, proof: { provider, provenBy: `setup:${link.value.linkId}` } };
}

function tokenOf(deps: Deps, link: SetupLink, provider: Provider): Promise<string> {
  return deps.masterKey.mac(purpose, tokenText(link, provider));
}

function isTokenOf(
  deps: Deps,
  link: SetupLink,
  provider: Provider,
  token: string,
): Promise<boolean> {
  return deps.masterKey.verifyMac(purpose, tokenText(link, provider), token);
}

/** With the epoch, so that a link that was used after a backup does not become valid again with it. */
function tokenText({ linkId }: SetupLink, { epoch }: Provider): string {
  return `${linkId} ${epoch}`;
}
