import { HiddenFields } from "../components.tsx";
import type { Child } from "hono/jsx";
import type { Frame } from "../layout.tsx";
import { strings } from "../strings/languages.ts";

export interface PasskeyBlockProps {
  readonly frame: Frame;
  readonly scriptUrl: string;
  /** Where the form with the `credential` is posted. */
  readonly action: string;
  /** Where the script asks for options, with the `interaction` and the `form_token` of `fields`. */
  readonly optionsUrl: string;
  readonly fields: Readonly<Record<string, string>>;
  /** `suggested`: a sign-in that the name's field offers, too. */
  readonly ceremony: "suggested" | "sign_in" | "registration";
  readonly label: string;
  readonly kind?: "primary" | "secondary";
  /** Shown and hidden with the button. */
  readonly children?: Child;
}

/**
 * A button that uses a passkey, or makes one. It is hidden until its script has found out that the
 * browser can do that; an element with the id `passkey-unsupported` is hidden then.
 */
export function PasskeyBlock(props: PasskeyBlockProps) {
  const { failures } = strings(props.frame.language).passkeys;
  return (
    <>
      <div id="passkey" hidden data-options={props.optionsUrl} data-ceremony={props.ceremony}>
        <div class="ways">
          <form id="passkey-form" method="post" action={props.action}>
            <HiddenFields fields={{ ...props.fields, credential: "" }} />
          </form>
          <button
            type="button"
            class={`button button-${props.kind ?? "primary"}`}
            id="passkey-button"
          >
            {props.label}
          </button>
          <div id="passkey-status" role="alert"></div>
          {props.children}
        </div>
      </div>
      <template id="passkey-texts">
        {Object.entries(failures).map(([name, text]) => <p key={name} data-text={name}>{text}</p>)}
      </template>
      <script src={props.scriptUrl} nonce={props.frame.nonce} defer></script>
    </>
  );
}
