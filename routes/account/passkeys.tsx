import type { Context } from "hono";
import type { AccountRequest } from "../../src/account/account_step.ts";
import {
  addOwnPasskey,
  ownPasskeyOptions,
  readOwnPasskey,
  readOwnPasskeys,
  removeOwnPasskey,
  renameOwnPasskey,
} from "../../src/account/passkeys.ts";
import { passkeyNameSchema } from "../../src/authn/passkeys/name.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { strings } from "../../src/language/languages.ts";
import { PasskeyPage } from "../../src/ui/account/passkey_page.tsx";
import {
  type PasskeyAccountError,
  PasskeysPage,
  type PasskeysPageProps,
} from "../../src/ui/account/passkeys_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { type AppEnv, userAgentOf } from "../http/context.ts";
import { keepDevice } from "../http/cookies.ts";
import { type Parameters, readQuery, single } from "../http/form.ts";
import { frameOf, page } from "../http/page.tsx";
import { type FormKind, once } from "../http/page_form.ts";
import { passkeyAsset } from "../http/passkey_script.ts";
import { situationPage } from "../http/situation_page.tsx";
import {
  accountForm,
  accountFormToken,
  accountRequest,
  showAccountPageAgain,
  takeAccountAnswer,
} from "./http.ts";

const list = "/account/security/passkeys";
const added = (c: Context<AppEnv>) => c.redirect(list, 303);
const one = `${list}/:passkey{[A-Za-z0-9_-]{43}}`;

/** The pages that list, add, rename and remove passkeys. */
export function accountPasskeyRoutes(deps: Deps): Pages {
  return pages()
    .get(list, async (c) => {
      const done = single(readQuery(c.req.raw), "done");
      const notice = done === "removed" || done === "signed_out" ? done : null;
      return await listPage(c, deps, notice);
    })
    .form(`${list}/options`, accountForm(deps, list), async (c, form) => {
      const { request, browserDigest } = form;
      c.header("Cache-Control", "no-store");
      return c.json(await ownPasskeyOptions(deps, request, browserDigest));
    }, { kind: "client" })
    .form(list, once(accountForm(deps, list), added), async (c, sent) => {
      const { form, request, browserDigest } = sent;
      const outcome = await addOwnPasskey(deps, request, {
        credential: single(form, "credential") ?? "",
        browserDigest,
        userAgent: userAgentOf(c),
        language: frameOf(c).language,
      });
      if (outcome.kind === "added") return added(c);
      return await showAccountPageAgain(c, deps, request, list, { errors: [outcome.kind] });
    })
    .get(one, async (c) => {
      return await onePage(c, deps, c.req.param("passkey"));
    })
    .form(`${one}/rename`, passkeyForm(deps), async (c, { form, request, passkeyId }) => {
      const typedName = single(form, "name") ?? "";
      const name = passkeyNameSchema.safeParse(typedName);
      if (!name.success) {
        const answer = { errors: ["name"], typed: { name: typedName.slice(0, 256) } };
        return await showAccountPageAgain(c, deps, request, `${list}/${passkeyId}`, answer);
      }
      const renamed = await renameOwnPasskey(deps, request, { passkeyId, name: name.data });
      return c.redirect(renamed ? list : `${list}/${passkeyId}`, 303);
    })
    .form(`${one}/remove`, once(passkeyForm(deps), removed), async (c, sent) => {
      const { form, request, passkeyId } = sent;
      const { language } = frameOf(c);
      const signOut = single(form, "sign_out") === "yes";
      const outcome = await removeOwnPasskey(deps, request, { passkeyId, signOut, language });
      if (outcome === "last_way_in") {
        const answer = { errors: ["last_way_in"] };
        return await showAccountPageAgain(c, deps, request, `${list}/${passkeyId}`, answer);
      }
      if (outcome !== "unknown" && outcome.device) await keepDevice(c, deps, outcome.device);
      return outcome === "unknown" ? c.redirect(list, 303) : removed(c, form);
    });
}

function removed(c: Context<AppEnv>, form: Parameters) {
  const done = single(form, "sign_out") === "yes" ? "signed_out" : "removed";
  return c.redirect(`${list}?done=${done}`, 303);
}

/** All errors that these pages can show. */
const passkeyErrors: Readonly<Record<PasskeyAccountError, string>> =
  strings("en").passkeys.account.errors;

/** A form on the page of one passkey. */
function passkeyForm(deps: Deps): FormKind<PasskeyRequest> {
  return {
    deps,
    identify: async (c, form) => {
      const passkeyId = c.req.param("passkey") ?? "";
      const identity = await accountForm(deps, `${list}/${passkeyId}`).identify(c, form);
      return { ...identity, details: { ...identity.details, passkeyId } };
    },
  };
}

interface PasskeyRequest {
  readonly request: AccountRequest;
  readonly passkeyId: string;
}

async function listPage(
  c: Context<AppEnv>,
  deps: Deps,
  notice: PasskeysPageProps["notice"],
) {
  const request = await accountRequest(c, deps, list);
  const error = (await takeAccountAnswer(c, deps, request, passkeyErrors))?.errors[0];
  const { personName, passkeys, full, hasRecoveryCodes } = await readOwnPasskeys(deps, request);
  const content = (
    <PasskeysPage
      frame={frameOf(c)}
      user={{ name: personName }}
      passkeys={passkeys}
      full={full}
      scriptUrl={passkeyAsset.url}
      action={list}
      optionsUrl={`${list}/options`}
      fields={{ form_token: await accountFormToken(c, deps, request) }}
      recoveryCodesUrl={passkeys.length > 0 && !hasRecoveryCodes
        ? "/account/security/recovery-codes"
        : null}
      notice={error === undefined ? notice : null}
      {...(error === undefined ? {} : { error })}
    />
  );
  return page(c, content, { status: error === undefined ? 200 : 400 });
}

async function onePage(c: Context<AppEnv>, deps: Deps, passkeyId: string) {
  const request = await accountRequest(c, deps, c.req.path);
  const found = await readOwnPasskey(deps, request, passkeyId);
  if (found === null) return situationPage(c, "not_found", 404);
  const answer = await takeAccountAnswer(c, deps, request, passkeyErrors);
  const error = answer?.errors[0];
  const typedName = error === "name" ? answer?.typed.name ?? "" : undefined;
  const content = (
    <PasskeyPage
      frame={frameOf(c)}
      user={{ name: found.personName }}
      passkey={found.passkey}
      listUrl={list}
      formToken={await accountFormToken(c, deps, request)}
      {...(typedName === undefined ? {} : { typedName })}
      {...(error === undefined ? {} : { error })}
    />
  );
  return page(c, content, { status: error === undefined ? 200 : 400 });
}
