import { ConfirmPage } from "../confirm_page.tsx";
import type { Frame } from "../layout.tsx";
import { strings } from "../../language/languages.ts";

/** Asks before it removes a sign-in method. Posts `form_token`. */
export function RemovePage(props: {
  readonly frame: Frame;
  readonly what: "password" | "app";
  readonly action: string;
  readonly formToken: string;
  readonly cancelUrl: string;
}) {
  const { accountPassword, authenticatorApp } = strings(props.frame.language);
  const t = props.what === "password" ? accountPassword : authenticatorApp;
  return (
    <ConfirmPage
      frame={props.frame}
      title={t.removeTitle}
      lead={t.removeLead}
      action={props.action}
      fields={{ form_token: props.formToken }}
      confirm={t.remove}
      confirmId={`${props.what}-remove`}
      danger
      cancelUrl={props.cancelUrl}
    />
  );
}
