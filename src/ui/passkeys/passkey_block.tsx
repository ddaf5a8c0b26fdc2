import type { Child } from "hono/jsx";
import { HiddenFields } from "../components.tsx";
import type { Frame } from "../layout.tsx";
import type { Strings } from "../../language/strings/en.ts";
import { strings } from "../../language/languages.ts";

export interface PasskeyFormProps {
  readonly frame: Frame;
  readonly scriptUrl: string;
  /** Where the form with the `credential` is posted. */
  readonly action: string;
  /** What goes along, both when the script asks for options and with the `credential`. */
  readonly fields: Readonly<Record<string, string>>;
  /** A page on which what can be done about a failure is not to sign in another way. */
  readonly at?: keyof Strings["passkeys"]["failuresAt"];
}

export interface PasskeyButtonProps {
  /** Where the script asks for options. */
  readonly optionsUrl: string;
  /** `suggested`: a sign-in that the name's field offers, too. */
  readonly ceremony: "suggested" | "sign_in" | "registration";
  /** Ids of fields beside the button, whose values go into the form's fields of these names. */
  readonly typed?: readonly string[];
  readonly label: string;
  readonly kind?: "primary" | "secondary";
  /** Above and below the button; shown and hidden with it. */
  readonly intro?: Child;
  readonly children?: Child;
}

export type PasskeyBlockProps = PasskeyFormProps & PasskeyButtonProps;

/** A button that uses a passkey, or makes one, with the form that its script posts. */
export function PasskeyBlock(props: PasskeyBlockProps) {
  return (
    <>
      <PasskeyForm {...props} />
      <PasskeyButton {...props} />
    </>
  );
}

/**
 * A button that uses a passkey, or makes one; it may stand within another form. It is hidden until its
 * script has found out that the browser can do that; an element with the id `passkey-unsupported` is
 * hidden then.
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

/** What the button's script posts and says, and the script. */
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
