import { needsSetup } from "../../src/authn/new_accounts/needs_setup.ts";
import { shownPeople } from "../../src/boot/development.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { HomePage } from "../../src/ui/home_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { frameOf, page } from "../http/page.tsx";

/** The start page. */
export function homeRoutes(deps: Deps): Pages {
  const { environment, issuer } = deps.config;
  return pages().get("/", async (c) => {
    const content = environment === "development"
      ? (
        <HomePage
          frame={frameOf(c)}
          issuer={issuer}
          development={{
            demoUrl: "/dev/app",
            mailUrl: "/dev/mail",
            people: await shownPeople(deps),
          }}
        />
      )
      : <HomePage frame={frameOf(c)} issuer={issuer} needsSetup={await needsSetup(deps)} />;
    return page(c, content);
  });
}
