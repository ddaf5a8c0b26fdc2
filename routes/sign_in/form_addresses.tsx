import { type Pages, pages } from "../endpoint.ts";
import { readQuery, single } from "../http/form.ts";
import { situationPage } from "../http/situation_page.tsx";

/** The URL of a form. It stays in the address bar if the form is answered by a page. */
interface FormAddress {
  readonly path: string;
  /** The page with the form. */
  readonly page: string;
  /** The parameter of the URL that identifies the page; without it, the page is unknown. */
  readonly needs: readonly string[];
}

const passkeys = "/account/security/passkeys";
const passkey = `${passkeys}/:passkey{[A-Za-z0-9_-]{43}}`;

const formAddresses: readonly FormAddress[] = [
  { path: "/login/passkey", page: "/login", needs: ["interaction"] },
  { path: "/login/second-factor/restart", page: "/login", needs: ["interaction"] },
  {
    path: "/magic-link/code",
    page: "/magic-link/sent",
    needs: ["interaction", "request", "way"],
  },
  { path: "/magic-link/elsewhere", page: "/magic-link/confirm", needs: ["token"] },
  { path: "/logout/confirm", page: "/logout", needs: [] },
  { path: "/account/profile/email", page: "/account/profile", needs: [] },
  { path: "/account/profile/own-claims", page: "/account/profile", needs: [] },
  { path: "/account/sessions/end", page: "/account/sessions", needs: [] },
  { path: "/account/sessions/end-others", page: "/account/sessions", needs: [] },
  { path: "/account/data/export", page: "/account/data", needs: [] },
  { path: `${passkey}/rename`, page: passkeys, needs: [] },
  { path: `${passkey}/remove`, page: passkeys, needs: [] },
  // Pages of one-time links. Their forms do not put the token into the URL.
  ...[
    "/magic-link/confirm",
    "/password-reset/confirm",
    "/sign-up/confirm",
    "/invitation",
    "/account/email/confirm",
  ].map((path) => ({ path, page: path, needs: ["token"] })),
];

/**
 * Answers a GET at the URL of a form, for example after Enter in the address bar. It redirects to the
 * page with the form if the URL identifies that page. Otherwise it shows how to get there.
 */
export function formAddressRoutes(): Pages {
  const routes = pages();
  for (const { path, page, needs } of formAddresses) {
    routes.get(path, async (c, next) => {
      const query = readQuery(c.req.raw);
      if (page === path && needs.every((name) => Object.hasOwn(query, name))) return await next();
      const known = needs.map((name) => [name, single(query, name) ?? ""]);
      if (page === path || known.some(([, value]) => value === "")) {
        return situationPage(c, "form_address", 400);
      }
      c.header("Cache-Control", "no-store");
      return c.redirect(needs.length === 0 ? page : `${page}?${new URLSearchParams(known)}`, 303);
    });
  }
  return routes;
}
