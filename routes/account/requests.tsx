import type { Context } from "hono";
import { answerRequest, listRequests } from "../../src/account/requests.ts";
import { hasNamedItself } from "../../src/clients/registered_by.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { grantableText } from "../../src/grantable/grantable.ts";
import { RequestsPage } from "../../src/ui/account/requests_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { decisionIn, readQuery, single } from "../http/form.ts";
import { frameOf, page } from "../http/page.tsx";
import { once } from "../http/page_form.ts";
import { shownGrantable } from "../http/shown_grantable.ts";
import {
  accountForm,
  accountFormToken,
  accountRequest,
  showAccountPageAgain,
  takeAccountAnswer,
} from "./http.ts";
import { shownUserOf } from "./shown_user.ts";

const path = "/account/requests";
const errors = { gone: 404, changed: 400 } as const;

/** The page of requests that wait for the user. @see CIBA Core section 8 */
export function accountRequestRoutes(deps: Deps): Pages {
  return pages()
    .get(path, (c) => requestsPage(c, deps))
    .form(path, once(accountForm(deps, path), (c, _, note) => done(c, note)), async (c, sent) => {
      const { form, request } = sent;
      const decision = decisionIn(form);
      const [id, told] = [single(form, "id") ?? "", single(form, "told") ?? ""];
      const outcome = id.length > 64
        ? "gone"
        : await answerRequest(deps, request, { id, decision, told });
      return outcome === "gone" || outcome === "changed"
        ? await showAccountPageAgain(c, deps, request, path, { errors: [outcome] })
        : done(c, outcome);
    });
}

function done(c: Context<AppEnv>, outcome: string | null) {
  return c.redirect(`${path}?done=${outcome}`, 303);
}

async function requestsPage(c: Context<AppEnv>, deps: Deps) {
  const request = await accountRequest(c, deps, path);
  const { holder, requests } = await listRequests(deps, request);
  const error = (await takeAccountAnswer(c, deps, request, errors))?.errors[0] ?? null;
  const done = single(readQuery(c.req.raw), "done");
  const isDone = done === "allowed" || done === "denied";
  const frame = frameOf(c);
  const content = (
    <RequestsPage
      frame={frame}
      user={shownUserOf(holder)}
      formToken={await accountFormToken(c, deps, request)}
      notice={error ?? (isDone ? done : null)}
      requests={requests.map(({ id, client, bindingMessage, grantable }) => ({
        id,
        clientName: client.clientName,
        isSelfNamed: hasNamedItself(client),
        bindingMessage,
        told: grantableText(grantable),
        ...shownGrantable(holder.provider, grantable, frame.language),
      }))}
    />
  );
  return page(c, content, { status: error === null ? 200 : errors[error] });
}
