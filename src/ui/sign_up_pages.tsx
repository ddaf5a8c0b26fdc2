import { Button, ErrorSummary, Field, HiddenFields, PageTitle, TextLink } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { strings } from "../language/languages.ts";
import { WaysOn } from "./ways_on.tsx";

export interface SignUpPageProps {
  readonly frame: Frame;
  /** The request that goes on with the account; null: none. */
  readonly interactionId: string | null;
  readonly formToken: string;
  readonly email?: string;
  readonly invalid?: boolean;
}

/** Asks for the address of a new account. Posts `email`, `form_token` and perhaps `interaction`. */
export function SignUpPage(props: SignUpPageProps) {
  const { signUp: t, common } = strings(props.frame.language);
  const { interactionId } = props;
  const error = props.invalid ? t.invalid : undefined;
  return (
    <Layout {...props.frame} title={t.title}>
      <PageTitle>{t.title}</PageTitle>
      {error && (
        <ErrorSummary title={common.errorSummary} errors={[{ field: "email", message: error }]} />
      )}
      <p>{t.explain}</p>
      <form method="post" action="/sign-up">
        <HiddenFields
          fields={{
            form_token: props.formToken,
            ...(interactionId === null ? {} : { interaction: interactionId }),
          }}
        />
        <Field
          label={t.email}
          name="email"
          type="email"
          autocomplete="email"
          inputmode="email"
          value={props.email}
          error={error}
          required
          autofocus={!props.invalid}
        />
        <Button id="sign-up-submit">{t.submit}</Button>
      </form>
      {interactionId !== null && (
        <p class="hint">
          <TextLink label={t.haveAccount} href={`/login?interaction=${interactionId}`} />
        </p>
      )}
    </Layout>
  );
}

/** The same for everybody, whether or not the address has an account. */
export function SignUpSentPage(props: { readonly frame: Frame }) {
  const { signUp: t, error } = strings(props.frame.language);
  return (
    <Layout {...props.frame} title={t.sentTitle}>
      <PageTitle>{t.sentTitle}</PageTitle>
      <p>{t.sent}</p>
      <p class="hint">{t.sentHint}</p>
      <WaysOn ways={[{ label: error.ways.newLink, href: "/sign-up" }]} />
    </Layout>
  );
}
