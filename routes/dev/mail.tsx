import type { Deps } from "../../src/deps/deps.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { deliverMail, mailsUnderWay } from "../../src/mail/deliver.ts";
import { MailPage } from "../../src/ui/mail_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { frameOf, page } from "../http/page.tsx";

const path = "/dev/mail";

/** The mails that this server has sent, only in development. */
export function mailRoutes(deps: Deps): Pages {
  const recent = () => deps.mailer.recent?.() ?? [];
  return pages()
    .get(path, async (c) => {
      // Send waiting mails now: the developer should not wait for the worker.
      await deliverMail(deps);
      await mailsUnderWay(deps); // the worker may have taken one just before
      const mails = recent().map((mail) => ({ ...mail, htmlUrl: `${path}/${mail.id}` }));
      return page(c, <MailPage frame={frameOf(c)} mails={mails} />);
    })
    .get(`${path}/:id`, (c) => {
      const mail = recent().find(({ id }) => id === c.req.param("id"));
      if (!mail) throw new OAuthError("invalid_request", "there is no such mail", { status: 404 });
      // The same limits as in mail programs: no script, nothing from other servers, only styles on the
      // elements.
      c.header(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; " +
          "frame-ancestors 'none'",
      );
      c.header("Cache-Control", "no-store");
      return c.html(mail.html);
    });
}
