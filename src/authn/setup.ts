import * as auditEvents from "../../stores/audit_events.ts";
import { isFresh } from "../../stores/collection.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import * as setupLinks from "../../stores/setup_links.ts";
import type { SetupLink } from "../../stores/setup_links.ts";
import { type Origin, systemOrigin } from "../../stores/transaction.ts";
import * as users from "../../stores/users.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps.ts";
import type { StandardClaims } from "../oidc/claims.ts";
import { assertProvider } from "../oidc/provider_record.ts";
import { makeAccount } from "./make_account.ts";
import type { MakeCredential } from "./new_credential.ts";

const lifetime = 24 * 60 * 60;
const purpose = "setup_link";

/** Whether nobody has an account yet. Development makes its people by itself. */
export async function needsSetup(deps: Deps): Promise<boolean> {
  if (deps.config.environment === "development") return false;
  const { entries } = await deps.kv.list({ collection: users.all, limit: 1 });
  return entries.length === 0;
}

/**
 * The one-time link with which the first administrator is made, good for 24 hours. For as long as
 * nobody has used it each boot gets the same one: were it replaced, a process that starts while
 * somebody fills in the form, as serverless platforms start them, would end it.
 *
 * @returns null if there is nothing to set up
 */
export async function issueSetupLink(deps: Deps): Promise<string | null> {
  if (!await needsSetup(deps)) return null;
  const { link, provider } = await deps.kv.step(systemOrigin, async (tx) => {
    const { link: found, provider } = await tx.read({
      link: setupLinks.ref(),
      provider: providers.ref(),
    });
    if (found.value !== null) return { link: found.value, provider };
    auditEvents.append(tx, { type: "setup_link_issued" });
    const linkId = randomId(tx.random);
    const expiresAt = tx.now + lifetime;
    return { link: setupLinks.create(tx, found, { linkId, expiresAt }), provider };
  });
  // Spent since the list was read: there is an administrator.
  if (link.spentBy !== null) return null;
  return `${deps.config.issuer}/setup?token=${await tokenOf(deps, link, assertProvider(provider))}`;
}

/** Whether a link's token can still make the first administrator. Nothing is spent by looking. */
export async function isSetupToken(deps: Deps, token: string): Promise<boolean> {
  const { link, provider } = await deps.kv.step(
    systemOrigin,
    (tx) => tx.peek({ link: setupLinks.ref(), provider: providers.ref() }),
  );
  if (link.value === null || !isFresh(link)) return false;
  const isOurs = await isTokenOf(deps, link.value, assertProvider(provider), token);
  return isOurs && await needsSetup(deps);
}

export interface FirstAdministrator {
  readonly username: string;
  readonly name: string;
  /** As it was typed: nobody has proved it. */
  readonly email: string | null;
}

/**
 * Makes the first administrator and spends the link, in one commit: of concurrent requests with one
 * link, one makes an account.
 *
 * @returns false if the link is unknown, expired or spent, or somebody has an account already
 */
export async function createFirstAdministrator(
  deps: Deps,
  request: {
    readonly origin: Origin;
    readonly token: string;
    readonly account: FirstAdministrator;
    readonly credential: MakeCredential;
  },
): Promise<boolean> {
  const { token, account: { username, name, email } } = request;
  if (!await isSetupToken(deps, token)) return false;
  const credential = await request.credential();
  const claims: StandardClaims = {
    name,
    ...(email === null ? {} : { email, email_verified: false }),
  };

  return await deps.kv.step(request.origin, async (tx) => {
    const { link, provider, taken } = await tx.read({
      link: setupLinks.ref(),
      provider: providers.ref(),
      taken: users.usernameRef(username),
    });
    if (link.value === null || !isFresh(link) || taken.value !== null) return false;
    if (!await isTokenOf(deps, link.value, assertProvider(provider), token)) return false;
    const userId = randomId(tx.random);
    makeAccount(tx, userId, { username, claims, administrator: true, credential });
    setupLinks.consume(tx, link, userId);
    return true;
  });
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

/** With the epoch: a link that was used since a backup does not come back with it. */
function tokenText({ linkId }: SetupLink, { epoch }: Provider): string {
  return `${linkId} ${epoch}`;
}
