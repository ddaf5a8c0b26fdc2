import type { Context } from "hono";
import {
  acceptInvitation,
  invitationPasskeyOptions,
  invitingClient,
  readInvitation,
} from "../../src/authn/new_accounts/invitation.ts";
import { withUsernameTries } from "../../src/authn/new_accounts/username_tries.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { AccountMadePage } from "../../src/ui/new_account_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { readQuery, single } from "../http/form.ts";
import { deadLink, linkForm } from "../http/link_form.ts";
import { answerNewcomer, correctAccount, readNewAccount } from "../http/new_account_form.ts";
import { newAccountPage } from "../http/new_account_page.tsx";
import { frameOf, page } from "../http/page.tsx";
import { once } from "../http/page_form.ts";
import type { AnswerRepeated } from "../http/repeated_form.tsx";
import { situationPage } from "../http/situation_page.tsx";

const path = "/invitation";
const purpose = "invitation_link";

/** The pages on which an invited user creates an account, in any browser. */
export function invitationRoutes(deps: Deps): Pages {
  const repeated: AnswerRepeated = (c, _, clientId) => done(c, clientId);
  return pages()
    // Opening the page spends nothing, because mail scanners open every link.
    .get(path, async (c) => {
      assertInviting(deps);
      return await invitationPage(c, deps, single(readQuery(c.req.raw), "token") ?? "");
    })
    .form(path, once(linkForm(deps, purpose), repeated), async (c, checked) => {
      const { form, token, browserDigest } = checked;
      assertInviting(deps);
      const { account, errors } = await readNewAccount(c, deps, form, browserDigest);
      const url = `${path}?${new URLSearchParams({ token })}`;
      if (account === null) return await correctAccount(c, deps, url, { form, errors });
      const origin = c.get("origin");
      const outcome = await withUsernameTries(
        deps,
        origin,
        () => acceptInvitation(deps, { origin, token, account }),
      );
      if (outcome.kind === "dead") throw deadLink("invitation_dead");
      if (outcome.kind !== "made") {
        return await correctAccount(c, deps, url, { form, errors: [outcome.kind] });
      }
      return done(c, outcome.clientId);
    })
    .form(`${path}/passkey/options`, linkForm(deps, purpose), async (c, checked) => {
      assertInviting(deps);
      const { token } = checked;
      const origin = c.get("origin");
      return await answerNewcomer(c, checked, (newcomer) => {
        const request = { origin, token, newcomer };
        return withUsernameTries(deps, origin, () => invitationPasskeyOptions(deps, request));
      });
    }, { kind: "client" })
    .get(`${path}/done`, async (c) => {
      const clientId = single(readQuery(c.req.raw), "client_id") ?? "";
      const client = clientId.length > 256 ? null : await invitingClient(deps, clientId);
      return page(c, <AccountMadePage frame={frameOf(c)} invited={{ client }} />);
    });
}

/** @param clientId the application where the user can continue; null: none */
function done(c: Context<AppEnv>, clientId: string | null) {
  const query = clientId === null ? "" : `?${new URLSearchParams({ client_id: clientId })}`;
  return c.redirect(`${path}/done${query}`, 303);
}

/** @throws {OAuthError} if sign-up is closed */
function assertInviting({ config }: Deps) {
  if (config.signUp !== "closed") return;
  throw new OAuthError("access_denied", "sign-up is closed on this server", {
    status: 403,
    situation: "sign_up_closed",
  });
}

async function invitationPage(
  c: Context<AppEnv>,
  deps: Deps,
  token: string,
) {
  const invitation = await readInvitation(deps, token);
  if (invitation === null) return situationPage(c, "invitation_dead", 400);
  const { email, username, name } = invitation;
  const proposed = { username: username ?? email, ...(name === null ? {} : { name }) };
  const shown = { action: path, token, address: email, invited: true, proposed };
  return await newAccountPage(c, deps, { ...shown, purpose });
}
