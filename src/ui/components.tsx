import type { Child } from "hono/jsx";

export type ButtonKind = "primary" | "secondary" | "danger" | "quiet";

export interface ButtonProps {
  readonly children: Child;
  readonly kind?: ButtonKind;
  readonly id?: string;
  readonly name?: string;
  readonly value?: string;
  /** The form is posted to this URL instead of its `action`. */
  readonly formAction?: string;
  /** The accessible name, if the text alone is not enough. It begins with the text. */
  readonly accessibleName?: string;
}

/** A button that submits its form. */
export function Button(props: ButtonProps) {
  return (
    <button
      type="submit"
      class={`button button-${props.kind ?? "primary"}`}
      id={props.id}
      name={props.name}
      value={props.value}
      formaction={props.formAction}
      aria-label={props.accessibleName}
    >
      {props.children}
    </button>
  );
}

export interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly type?: "text" | "password" | "email" | "url" | "tel" | "date";
  /** The id of the input, to which an error summary links. By default the name. */
  readonly id?: string;
  readonly autocomplete: string;
  readonly value?: string;
  readonly hint?: string;
  readonly error?: string;
  /** The id of an error text in another place that makes this field invalid. */
  readonly invalidBecause?: string;
  readonly required?: boolean;
  readonly readonly?: boolean;
  readonly autofocus?: boolean;
  readonly inputmode?: "text" | "decimal" | "email" | "numeric" | "url";
  /** Large and spaced letters, for a code that is copied. */
  readonly look?: "code";
}

/** An input with a label. Screen readers read its hint and its error with it. */
export function Field(props: FieldProps) {
  const id = props.id ?? props.name;
  const hintId = props.hint && `${id}-hint`;
  const errorId = props.error ? `${id}-error` : props.invalidBecause;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.hint && <p class="hint" id={hintId}>{props.hint}</p>}
      {props.error && <p class="field-error" id={errorId}>{props.error}</p>}
      <input
        id={id}
        class={props.look && `input-${props.look}`}
        name={props.name}
        type={props.type ?? "text"}
        autocomplete={props.autocomplete}
        // A phone's keyboard would capitalise and "correct" a username.
        autocapitalize="none"
        spellcheck={false}
        inputmode={props.inputmode}
        value={props.value}
        required={props.required ?? false}
        readonly={props.readonly ?? false}
        autofocus={props.autofocus ?? false}
        aria-invalid={errorId ? "true" : undefined}
        aria-describedby={[hintId, errorId].filter(Boolean).join(" ") || undefined}
      />
    </div>
  );
}

export interface CheckboxProps {
  readonly label: string;
  readonly name: string;
  /** The value that is sent if the box is ticked. Otherwise nothing is sent. */
  readonly value: string;
  readonly hint?: string;
  readonly checked?: boolean;
}

export function Checkbox(props: CheckboxProps) {
  const hintId = props.hint && `${props.name}-hint`;
  return (
    <div class="checkbox">
      <input
        type="checkbox"
        id={props.name}
        name={props.name}
        value={props.value}
        checked={props.checked ?? false}
        aria-describedby={hintId}
      />
      <label for={props.name}>{props.label}</label>
      {props.hint && <p class="hint" id={hintId}>{props.hint}</p>}
    </div>
  );
}

export interface ErrorSummaryProps {
  readonly title: string;
  /** `field` is the id of the input that the error links to. */
  readonly errors: readonly { readonly message: string; readonly field?: string }[];
}

export const errorSummaryId = "error-summary";

/**
 * Lists the errors of a form above it. It gets the focus when the page opens, without a script, so
 * screen readers announce it. Its links lead to the fields.
 */
export function ErrorSummary(props: ErrorSummaryProps) {
  return (
    <div class="notice notice-error" role="alert" tabindex={-1} id={errorSummaryId} autofocus>
      <h2 class="notice-title">{props.title}</h2>
      <ul class="plain">
        {props.errors.map((error) => (
          <li>
            {error.field ? <a href={`#${error.field}`}>{error.message}</a> : error.message}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A message that is not an error of a field. */
export function Notice(props: { kind?: "info" | "error"; children: Child }) {
  const kind = props.kind ?? "info";
  return (
    <div class={`notice notice-${kind}`} role={kind === "error" ? "alert" : "status"}>
      {props.children}
    </div>
  );
}

/** A part of a wide page with a heading. */
export function Card(props: { title: string; id: string; children: Child }) {
  return (
    <section class="card" aria-labelledby={`${props.id}-title`}>
      <h2 id={`${props.id}-title`}>{props.title}</h2>
      {props.children}
    </section>
  );
}

/** The title of a page, with the owner's name above it and an introduction below it. */
export function PageTitle(props: { children: Child; lead?: Child; above?: Child }) {
  return (
    <div class="title">
      {props.above && <p class="title-above">{props.above}</p>}
      <h1>{props.children}</h1>
      {props.lead && <p class="lead">{props.lead}</p>}
    </div>
  );
}

export interface Detail {
  readonly name: string;
  readonly value: Child;
}

/** Pairs of name and value, such as details for developers. */
export function DefinitionList(props: { items: readonly Detail[] }) {
  return (
    <dl class="details">
      {props.items.map((item) => (
        <div>
          <dt>{item.name}</dt>
          <dd>{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The hidden fields of a form. */
export function HiddenFields(props: { fields: Readonly<Record<string, string>> }) {
  return (
    <>
      {Object.entries(props.fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
    </>
  );
}

/**
 * A text that must be read exactly. It wraps and does not scroll, so that nothing is hidden at 320 px.
 */
export function CodeBlock(props: { children: Child }) {
  return <pre class="code"><code>{props.children}</code></pre>;
}

/** A link in a row of links. Another site does not learn from which page the user came. */
export function TextLink(props: { label: string; href: string; foreign?: boolean }) {
  return <a href={props.href} rel={props.foreign ? "noreferrer" : undefined}>{props.label}</a>;
}

/** A part that is closed until the user opens it. */
export function Disclosure(props: { summary: Child; open?: boolean; children: Child }) {
  return (
    <details open={props.open ?? false}>
      <summary>{props.summary}</summary>
      <div class="disclosed">{props.children}</div>
    </details>
  );
}
