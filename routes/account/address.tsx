import type { Context } from "hono";
import { z } from "zod";
import {
  confirmAddressChange,
  readAddressChange,
  readConfirmedAddress,
} from "../../src/authn/address_change.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { AddressConfirmPage, AddressOutcomePage } from "../../src/ui/account/address_pages.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser } from "../http/cookies.ts";
import { readQuery, single } from "../http/form.ts";
import { formToken } from "../http/form_token.ts";
import { deadLink, linkForm } from "../http/link_form.ts";
import { frameOf, page } from "../http/page.tsx";
import { once } from "../http/page_form.ts";
import type { AnswerRepeated } from "../http/repeated_form.tsx";
import { sealedCookie } from "../http/sealed_cookie.ts";
import { situationPage } from "../http/situation_page.tsx";

const path = "/account/email/confirm";

/** The content of the page after a change. Any browser may open the link, without a session. */
const changed = sealedCookie("address_changed", 300, z.object({ address: z.string() }));

/** The pages of a link that verifies a new address, in any browser. */
export function addressRoutes(deps: Deps): Pages {
  const done = async (c: Context<AppEnv>, address: string) => {
    c.header("Cache-Control", "no-store");
    await changed.keep(c, deps, "", { address });
    return c.redirect(`${path}/done`, 303);
  };
  const repeated: AnswerRepeated = async (c, form) => {
    const address = await readConfirmedAddress(deps, single(form, "token") ?? "");
    return address === null ? null : await done(c, address);
  };
  return pages()
    // Opening the page spends nothing, because mail scanners open every link.
    .get(path, async (c) => {
      const token = single(readQuery(c.req.raw), "token") ?? "";
      const change = await readAddressChange(deps, token);
      if (change === null) return deadLinkPage(c);
      const { address, username, isTaken } = change;
      const frame = frameOf(c);
      if (isTaken) {
        const content = <AddressOutcomePage frame={frame} address={address} isTaken />;
        return page(c, content, { status: 409 });
      }
      const ownToken = await addressFormToken(c, deps, token);
      const content = (
        <AddressConfirmPage
          frame={frame}
          token={token}
          formToken={ownToken}
          address={address}
          username={username}
        />
      );
      return page(c, content);
    })
    .form(path, once(linkForm(deps, "address_change_link"), repeated), async (c, { token }) => {
      const change = await readAddressChange(deps, token);
      if (change === null) throw deadLink("address_link_dead");
      const { language } = frameOf(c);
      const outcome = await confirmAddressChange(deps, {
        origin: c.get("origin"),
        token,
        language,
      });
      if (outcome === "dead") throw deadLink("address_link_dead");
      c.header("Cache-Control", "no-store");
      if (outcome === "taken") return c.redirect(`${path}?${new URLSearchParams({ token })}`, 303);
      return await done(c, change.address);
    })
    .get(`${path}/done`, async (c) => {
      const known = await changed.read(c, deps, "");
      if (known === null) return c.redirect("/account/profile", 303);
      const { address } = known;
      return page(c, <AddressOutcomePage frame={frameOf(c)} address={address} isTaken={false} />);
    });
}

async function addressFormToken(c: Context<AppEnv>, deps: Deps, token: string): Promise<string> {
  return await formToken(deps, await readBrowser(c, deps), "address_change_link", token);
}

function deadLinkPage(c: Context<AppEnv>) {
  return situationPage(c, "address_link_dead", 400);
}
