import type { Context } from "hono";
import type { Deps } from "../../src/deps/deps.ts";
import { InteractionGone } from "../../src/interactions/own_interaction.ts";
import { restoreInteraction } from "./carried_requests.ts";
import type { AppEnv } from "./context.ts";
import { readBrowser } from "./cookies.ts";
import { type Parameters, readForm, single } from "./form.ts";
import {
  assertFormToken,
  assertOwnOrigin,
  type FormPurpose,
  type FormSubject,
} from "./form_token.ts";
import { notePageLanguage } from "./language.ts";
import { answerOnce, type AnswerRepeated, identifyForm } from "./repeated_form.tsx";

declare const checked: unique symbol;

/** A form that a page of ours sent, from the browser that got the page. Only `pageForm` makes one. */
export interface CheckedForm {
  readonly form: Parameters;
  readonly browserDigest: string;
  readonly [checked]: true;
}

/**
 * What a form claims to belong to, by its fields and cookies. The token proves that they belong
 * together.
 */
export interface FormIdentity<Details> {
  readonly subject: FormSubject;
  readonly browserDigest: string;
  /** What the handler needs in addition to the form. */
  readonly details: Details;
}

/** How a kind of form is checked. */
export interface FormKind<Details> {
  readonly deps: Deps;
  /** Reads which token a form must have. It changes nothing. */
  identify(c: Context<AppEnv>, form: Parameters): Promise<FormIdentity<Details>>;
  /** The first work for a checked form. Only a checked form may store something. */
  begin?(c: Context<AppEnv>, identity: FormIdentity<Details>): Promise<Details>;
  /** Only if the form's effect happens once. */
  readonly repeated?: AnswerRepeated;
}

export type FormHandler<Details> = (
  c: Context<AppEnv>,
  form: CheckedForm & Details,
) => Response | Promise<Response>;

const pageForms = new WeakSet<object>();

/**
 * Makes the handler of a form on our own pages. `handle` runs only after the request's Origin and the
 * form's token were checked.
 *
 * @throws {OAuthError} `invalid_request`: another origin, browser, purpose or subject; 413; 415
 */
export function pageForm<Details>(
  { deps, identify, begin, repeated }: FormKind<Details>,
  handle: FormHandler<Details>,
): (c: Context<AppEnv>) => Promise<Response> {
  const handler = async (c: Context<AppEnv>) => {
    assertOwnOrigin(c, deps);
    const form = await readForm(c.req.raw);
    notePageLanguage(c, single(form, "language"));
    if (repeated !== undefined) await identifyForm(c, deps, form);
    const identity = await identify(c, form);
    const { subject, browserDigest } = identity;
    await assertFormToken(deps, form, browserDigest, subject);
    const details = await begin?.(c, identity) ?? identity.details;
    const checkedForm = { ...details, form, browserDigest } as CheckedForm & Details;
    return repeated === undefined
      ? await carryOut(c, checkedForm)
      : await answerOnce(c, { deps, form, repeated }, () => carryOut(c, checkedForm));
  };
  const carryOut = async (c: Context<AppEnv>, checkedForm: CheckedForm & Details) => {
    try {
      return await handle(c, checkedForm);
    } catch (error) {
      if (!(error instanceof InteractionGone)) throw error;
      // The page was open longer than its request was stored. Nothing has been done yet.
      if (!await restoreInteraction(c, deps, error)) throw error;
      return await handle(c, checkedForm);
    }
  };
  pageForms.add(handler);
  return handler;
}

/** A kind of form whose effect happens once. @param repeated answers the browser that sends it again */
export function once<Details>(
  kind: FormKind<Details>,
  repeated: AnswerRepeated,
): FormKind<Details> {
  return { ...kind, repeated };
}

/** Whether `pageForm` made a handler. A test checks this for every POST of a page. */
export function isPageForm(handler: object): boolean {
  return pageForms.has(handler);
}

/** A form that is bound only to its browser. */
export function browserForm(
  deps: Deps,
  purpose: Extract<FormPurpose, "password_reset" | "user_code" | "demo">,
): FormKind<Record<never, never>> {
  return {
    deps,
    identify: async (c) => ({
      subject: [purpose],
      browserDigest: await readBrowser(c, deps),
      details: {},
    }),
  };
}
