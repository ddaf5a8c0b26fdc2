import type { Child } from "hono/jsx";
import { ErrorSummary, Field, type FieldProps, HiddenFields, PageTitle } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { strings } from "../language/languages.ts";
import { waitingScript } from "./waiting.ts";
import { WaysOn } from "./ways_on.tsx";

export interface MailRequestPageProps {
  readonly frame: Frame;
  readonly title: string;
  readonly lead?: Child;
  readonly explain?: string;
  /** The URL to which the form is posted. */
  readonly action: string;
  /** Hidden fields, the form token among them. */
  readonly fields: Readonly<Record<string, string>>;
  /** The one field that the user fills in. */
  readonly field: Pick<FieldProps, "label" | "name" | "value"> & { readonly kind: FieldKind };
  readonly error: string | undefined;
  /** The buttons of the form. */
  readonly buttons: Child;
  /** What follows the form. */
  readonly children?: Child;
  /** Whether a request waits for a sign-in. */
  readonly isWaiting: boolean;
}

type FieldKind = "email" | "username";

/** A page with one field. Its form asks the server to send a mail. */
export function MailRequestPage(props: MailRequestPageProps) {
  const { frame, title, lead, explain, error, field: { kind, ...field } } = props;
  return (
    <Layout
      {...frame}
      title={title}
      {...waitingScript(frame, props.isWaiting && error === undefined)}
    >
      <PageTitle {...(lead === undefined ? {} : { lead })}>{title}</PageTitle>
      {error && (
        <ErrorSummary
          title={strings(frame.language).common.errorSummary}
          errors={[{ field: field.name, message: error }]}
        />
      )}
      {explain && <p>{explain}</p>}
      <form method="post" action={props.action}>
        <HiddenFields fields={{ ...props.fields, language: frame.language }} />
        <Field
          {...field}
          {...fieldKinds[kind]}
          error={error}
          required
          autofocus={error === undefined}
        />
        {props.buttons}
      </form>
      {props.children}
    </Layout>
  );
}

const fieldKinds: Readonly<
  Record<FieldKind, Pick<FieldProps, "type" | "autocomplete" | "inputmode">>
> = {
  email: { type: "email", autocomplete: "email", inputmode: "email" },
  username: { autocomplete: "username" },
};

export interface MailSentNoticeProps {
  readonly frame: Frame;
  readonly texts: { readonly sentTitle: string; readonly sent: string; readonly sentHint: string };
  /** Where another mail can be requested. */
  readonly againUrl: string;
  /** Whether a request waits for a sign-in. */
  readonly isWaiting: boolean;
}

/** The page after the form. It is the same for everybody, whether or not there is an account. */
export function MailSentNotice({ frame, texts, againUrl, isWaiting }: MailSentNoticeProps) {
  const { error } = strings(frame.language);
  return (
    <Layout {...frame} title={texts.sentTitle} {...waitingScript(frame, isWaiting)}>
      <PageTitle>{texts.sentTitle}</PageTitle>
      <p>{texts.sent}</p>
      <p class="hint">{texts.sentHint}</p>
      <WaysOn ways={[{ label: error.ways.newLink, href: againUrl }]} />
    </Layout>
  );
}
