import * as carriedOutForms from "../../stores/carried_out_forms.ts";
import type { CarriedOutForm } from "../../stores/carried_out_forms.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";

/** A form as a page of ours sends it. */
export interface SentForm {
  readonly path: string;
  /** All fields, with the form's token, which no other page has. */
  readonly fields: Readonly<Record<string, string | string[]>>;
}

/**
 * Identifies a form that may be sent twice. It covers everything that was typed, so a form with another
 * password is another form. It reveals nothing of that: it is a MAC, and the token is random. The token is
 * checked apart, and is bound to the browser.
 */
export async function formIdOf(deps: Deps, { path, fields }: SentForm): Promise<string> {
  const sorted = Object.entries(fields).sort(([a], [b]) => a < b ? -1 : 1);
  return await deps.masterKey.mac(
    "carried_out_form",
    JSON.stringify([path, sorted]),
  );
}

/**
 * The trace that another request has left of this very form, such as the first press of a double click;
 * null: there is none.
 */
export async function readCarriedOut(
  { kv }: Pick<Deps, "kv">,
  origin: Origin,
): Promise<CarriedOutForm | null> {
  const form = await kv.step(origin, carriedOutForms.read);
  return form?.requestId === origin.requestId ? null : form;
}
