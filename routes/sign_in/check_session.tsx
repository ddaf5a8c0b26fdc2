import { createHash } from "node:crypto";
import type { Deps } from "../../src/deps/deps.ts";
import { CheckSessionPage, checkSessionScript } from "../../src/ui/check_session_page.tsx";
import { renderPage } from "../../src/ui/layout.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { browserStateCookie } from "../http/cookies.ts";

/** The frame for pages of clients. @see OpenID Connect Session Management section 3.2 */
export function checkSessionRoutes(deps: Deps): Pages {
  const html = renderPage(<CheckSessionPage cookie={browserStateCookie(deps)} />);
  const digest = createHash("sha256").update(checkSessionScript).digest("base64");
  const policy = [
    "default-src 'none'",
    "base-uri 'none'",
    "frame-ancestors *", // any client's page, and it reveals nothing to others
    `script-src 'sha256-${digest}'`,
  ].join("; ");
  return pages().get("/session/check", (c) => {
    c.header("Content-Security-Policy", policy);
    // Each page of a client loads it, and it is always the same.
    c.header("Cache-Control", "public, max-age=3600");
    return c.html(html);
  }, { isSafe: true, counted: "nothing" });
}
