import type { Child } from "hono/jsx";
import { HiddenFields } from "../components.tsx";
import type { Frame } from "../layout.tsx";
import type { Strings } from "../../language/strings/en.ts";
import { strings } from "../../language/languages.ts";

export interface PasskeyFormProps {
  readonly frame: Frame;
  readonly scriptUrl: string;
  /** The URL to which the form with the `credential` is posted. */
  readonly action: string;
  /** Fields that are sent both with the request for options and with the `credential`. */
  readonly fields: Readonly<Record<string, string>>;
  /** The page has its own advice after a failure, which is not to sign in with another method. */
  readonly at?: keyof Strings["passkeys"]["failuresAt"];
}

export interface PasskeyButtonProps {
  /** The URL that gives the script its options. */
  readonly optionsUrl: string;
  /** `suggested`: a sign-in that the browser also offers in the username field. */
  readonly ceremony: "suggested" | "sign_in" | "registration";
  /** The ids of fields beside the button. Their values are copied into form fields of the same names. */
  readonly typed?: readonly string[];
  readonly label: string;
  readonly kind?: "primary" | "secondary";
  /** Content above and below the button. It is shown and hidden with the button. */
  readonly intro?: Child;
  readonly children?: Child;
}

export type PasskeyBlockProps = PasskeyFormProps & PasskeyButtonProps;

/** A button that uses or creates a passkey, with the form that its script posts. */
export function PasskeyBlock(props: PasskeyBlockProps) {
  return (
    <>
      <PasskeyForm {...props} />
      <PasskeyButton {...props} />
    </>
  );
}

/**
 * A button that uses or creates a passkey. It may be inside another form. It is hidden until its script
 * finds that the browser supports passkeys. Then an element with the id `passkey-unsupported` is hidden
 * instead.
 */
export function PasskeyButton(props: PasskeyButtonProps) {
  return (
    <div
      id="passkey"
      hidden
      data-options={props.optionsUrl}
      data-ceremony={props.ceremony}
      data-typed={props.typed?.join(" ")}
    >
      <div class="ways">
        {props.intro}
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
  );
}

/** The form that the button's script posts, its texts, and the script. */
export function PasskeyForm(props: PasskeyFormProps) {
  const { failures, failuresAt } = strings(props.frame.language).passkeys;
  const texts = { ...failures, ...(props.at && failuresAt[props.at]) };
  return (
    <>
      <form id="passkey-form" method="post" action={props.action} hidden>
        <HiddenFields fields={{ ...props.fields, credential: "" }} />
      </form>
      <template id="passkey-texts">
        {Object.entries(texts).map(([name, text]) => <p key={name} data-text={name}>{text}</p>)}
      </template>
      <script src={props.scriptUrl} nonce={props.frame.nonce} defer></script>
    </>
  );
}
