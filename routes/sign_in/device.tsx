import type { Context } from "hono";
import { answerDevice } from "../../src/device/answer.ts";
import {
  type DeviceInteraction,
  type PendingDevice,
  readPendingDevice,
} from "../../src/device/pending.ts";
import { openTypedCode } from "../../src/device/typed_code.ts";
import { mayUse } from "../../src/clients/allowed_groups.ts";
import { hasNamedItself } from "../../src/clients/registered_by.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { grantableText } from "../../src/grantable/grantable.ts";
import { formatCode, parseCode } from "../../src/identifiers/letter_code.ts";
import { interactionUrl } from "../../src/interactions/interaction_url.ts";
import { displayName } from "../../src/sessions/live_session.ts";
import {
  DeviceAnsweredPage,
  DevicePage,
  type UserCodeError,
  UserCodePage,
} from "../../src/ui/device_pages.tsx";
import { NoAccessPage } from "../../src/ui/no_access_page.tsx";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { type Pages, pages } from "../endpoint.ts";
import { carryRequest, dropRequest } from "../http/carried_requests.ts";
import { clientLogoUrl } from "../http/client_logo_url.ts";
import type { AppEnv } from "../http/context.ts";
import { keepBrowser, readBrowser, readSession } from "../http/cookies.ts";
import { readQuery, single } from "../http/form.ts";
import { showAgain, takeFormAnswer } from "../http/form_answer.ts";
import { formToken } from "../http/form_token.ts";
import { interactionParameter, resume } from "../http/interaction.ts";
import { frameOf, page } from "../http/page.tsx";
import { browserForm } from "../http/page_form.ts";
import { shownGrantable } from "../http/shown_grantable.ts";
import { askedFields, askedForm, carryOut } from "./asked_form.ts";

const path = "/device";
const confirmPath = `${path}/confirm`;

/** The pages on which a user answers a device. @see RFC 8628 section 3.3 */
export function deviceRoutes(deps: Deps): Pages {
  return pages()
    .get(path, (c) => userCodePage(c, deps))
    .form(path, browserForm(deps, "user_code"), async (c, { form, browserDigest }) => {
      const refuse = (error: UserCodeError) => showAgain(c, deps, path, { errors: [error] });
      const userCode = parseCode(single(form, "user_code") ?? "");
      if (userCode === null) return await refuse("missing");
      const opened = await openTypedCode(deps, {
        origin: c.get("origin"),
        userCode,
        browserDigest,
        session: await readSession(c, deps),
      });
      if (opened.kind === "too_many_attempts") return await refuse("too_many_attempts");
      if (opened.kind === "refused") return await refuse("wrong");
      const { interactionId } = opened.carried;
      await carryRequest(c, deps, opened.carried);
      keepBrowser(c, deps, interactionId);
      return resume(c, interactionId);
    }, { storesForStrangers: true })
    .get(confirmPath, async (c) => {
      const interactionId = interactionParameter(readQuery(c.req.raw));
      const browserDigest = await readBrowser(c, deps, interactionId);
      const session = await readSession(c, deps);
      const request = { interactionId, browserDigest, session };
      const pending = await deps.kv.step(
        systemOrigin,
        (tx) => readPendingDevice(deps, tx, request),
      );
      if (pending.kind === "sign_in") return resume(c, interactionId);
      if (pending.kind === "ask") return await askingPage(c, deps, request, pending);
      await dropRequest(c, deps, interactionId);
      const { answer, client: { clientName }, uiLocales } = pending;
      const frame = frameOf(c, uiLocales);
      const content = <DeviceAnsweredPage frame={frame} {...{ answer, clientName }} />;
      return page(c, content);
    })
    .form(confirmPath, askedForm(deps, "device"), async (c, checked) => {
      return await carryOut(c, deps, checked, async (decided) => {
        const { interactionId } = decided;
        const next = await answerDevice(deps, decided);
        if (next === "sign_in") return resume(c, interactionId);
        return c.redirect(interactionUrl(confirmPath, interactionId), 303);
      });
    });
}

const statuses = {
  missing: 400,
  wrong: 400,
  too_many_attempts: 429,
} as const satisfies Record<UserCodeError, number>;

/** With a complete URI the code is filled in. Only the user sends it (RFC 8628 section 5.4). */
async function userCodePage(c: Context<AppEnv>, deps: Deps) {
  const error = (await takeFormAnswer(c, deps, statuses))?.errors[0];
  const userCode = parseCode(single(readQuery(c.req.raw), "user_code") ?? "");
  const content = (
    <UserCodePage
      frame={frameOf(c)}
      formToken={await formToken(deps, await readBrowser(c, deps), "user_code")}
      {...(userCode === null ? {} : { userCode: formatCode(userCode) })}
      {...(error === undefined ? {} : { error })}
    />
  );
  return page(c, content, { status: error === undefined ? 200 : statuses[error] });
}

async function askingPage(
  c: Context<AppEnv>,
  deps: Deps,
  { interactionId, browserDigest, session }: DeviceInteraction,
  { client, grantable, live, isMet, isOnlyTheirs, provider, request, userCode }: Extract<
    PendingDevice,
    { kind: "ask" }
  >,
) {
  const asked = { interactionId, session, told: grantableText(grantable) };
  const shown = {
    frame: frameOf(c, request.ui_locales),
    action: confirmPath,
    fields: await askedFields(deps, "device", browserDigest, asked),
    client: { name: client.clientName, logoUrl: await clientLogoUrl(client) },
    user: { name: displayName(live) },
    hasOtherAccounts: !isOnlyTheirs,
  };
  const isInGroup = mayUse(client, live.user.value);
  if (!isInGroup || !isMet) {
    const lacks = isInGroup ? "sign_in" : "group";
    return page(c, <NoAccessPage {...shown} lacks={lacks} />);
  }
  const content = (
    <DevicePage
      {...shown}
      isSelfNamed={hasNamedItself(client)}
      userCode={formatCode(userCode)}
      {...shownGrantable(provider, grantable, shown.frame.language)}
    />
  );
  return page(c, content);
}
