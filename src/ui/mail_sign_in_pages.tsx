import { Button, ErrorSummary, HiddenFields, Notice, PageTitle, TextLink } from "./components.tsx";
import { fill, Filled, Name } from "../language/fill.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { MailRequestPage } from "./mail_request.tsx";
import { CodeField } from "./secret_fields.tsx";
import type { Strings } from "../language/strings/en.ts";
import { strings } from "../language/languages.ts";
import { interactionUrl } from "../interactions/interaction_url.ts";
import { waitingScript } from "./waiting.ts";
import { WaysOn } from "./ways_on.tsx";

interface PendingProps {
  readonly frame: Frame;
  readonly interactionId: string;
  readonly formToken: string;
  /** Null: a page of this server asks the user to sign in. */
  readonly clientName: string | null;
}

/** Asks for an address. Posts `email`, `way` (`link` or `code`), `interaction` and `form_token`. */
export function MailSignInPage(
  props: PendingProps & { readonly email?: string; readonly invalid?: boolean },
) {
  const { frame, interactionId } = props;
  const { mailSignIn: t } = strings(frame.language);
  return (
    <MailRequestPage
      frame={frame}
      title={t.title}
      lead={<GoOn {...props} />}
      explain={t.explain}
      action="/magic-link"
      fields={{ interaction: interactionId, form_token: props.formToken }}
      field={{ kind: "email", name: "email", label: t.email, value: props.email }}
      error={props.invalid ? t.invalid : undefined}
      isWaiting
      buttons={
        <>
          <Button id="magic-link-submit" name="way" value="link">{t.sendLink}</Button>
          <Button id="email-code-submit" name="way" value="code" kind="secondary">
            {t.sendCode}
          </Button>
        </>
      }
    >
      <p class="hint">
        <TextLink label={t.otherWay} href={interactionUrl("/login", interactionId)} />
      </p>
    </MailRequestPage>
  );
}

export type CodeError = keyof Strings["mailSignIn"]["errors"];

export interface MailSentPageProps extends PendingProps {
  readonly way: "link" | "code";
  /** The handle of the requested link or code. */
  readonly requestId: string;
  readonly error?: CodeError;
}

/**
 * Waits for a code. The code comes by mail, or from the page that the link opens in another browser.
 * The page is the same for everybody, so it does not show whether there is an account.
 *
 * Posts `code`, `request`, `way`, `interaction` and `form_token`.
 */
export function MailSentPage(props: MailSentPageProps) {
  const { mailSignIn: t, common } = strings(props.frame.language);
  const { way, interactionId } = props;
  const error = props.error && t.errors[props.error];
  // They are in the URL too, so that this page opens again after a wrong code.
  const about = { interaction: interactionId, request: props.requestId, way };
  return (
    <Layout
      {...props.frame}
      title={t.sentTitle}
      {...waitingScript(props.frame, error === undefined)}
    >
      <PageTitle lead={<GoOn {...props} />}>{t.sentTitle}</PageTitle>
      {error && (
        <ErrorSummary title={common.errorSummary} errors={[{ field: "code", message: error }]} />
      )}
      <p>{way === "link" ? t.sentLink : t.sentCode}</p>
      {way === "link" && <p>{t.sentLinkHow}</p>}
      <form method="post" action={`/magic-link/code?${new URLSearchParams(about)}`}>
        <HiddenFields fields={{ ...about, form_token: props.formToken }} />
        <CodeField
          kind="mail"
          label={t.code}
          {...(error === undefined ? {} : { error })}
          autofocus={error === undefined && way === "code"}
        />
        <Button id="code-submit" kind={way === "code" ? "primary" : "secondary"}>
          {t.submitCode}
        </Button>
      </form>
      <p class="hint">{t.sentHint}</p>
      <p class="hint">
        <TextLink label={t.again} href={interactionUrl("/magic-link", interactionId)} />
      </p>
    </Layout>
  );
}

export interface MagicLinkPageProps {
  readonly frame: Frame;
  readonly formToken: string;
  /** The token of the link that opened the page. */
  readonly token: string;
  readonly username: string;
  readonly clientName: string | null;
}

/** The page of a link in the browser that requested it. Posts `token` and `form_token`. */
export function MagicLinkPage(props: MagicLinkPageProps) {
  const t = strings(props.frame.language).mailSignIn;
  const username = <Name>{props.username}</Name>;
  return (
    <Layout {...props.frame} title={fill(t.confirmTitle, { username: props.username })}>
      <PageTitle lead={<GoOn {...props} />}>
        <Filled text={t.confirmTitle} values={{ username }} />
      </PageTitle>
      <form method="post" action="/magic-link/confirm">
        <HiddenFields fields={{ token: props.token, form_token: props.formToken }} />
        <Button id="magic-link-confirm">{t.confirm}</Button>
      </form>
      <p class="hint">{t.notYou}</p>
    </Layout>
  );
}

/** The page of a link in another browser, which does not sign in here. Posts `token` and `form_token`. */
export function LinkElsewherePage(props: Omit<MagicLinkPageProps, "username" | "clientName">) {
  const t = strings(props.frame.language).mailSignIn;
  return (
    <Layout {...props.frame} title={t.elsewhereTitle}>
      <PageTitle>{t.elsewhereTitle}</PageTitle>
      <p>{t.elsewhere}</p>
      <Notice>{t.elsewhereWarning}</Notice>
      <form method="post" action="/magic-link/elsewhere">
        <HiddenFields fields={{ token: props.token, form_token: props.formToken }} />
        <Button id="magic-link-elsewhere" kind="secondary">{t.showCode}</Button>
      </form>
    </Layout>
  );
}

/** Shows the code that replaces a link. */
export function LinkCodePage(props: { readonly frame: Frame; readonly code: string }) {
  const { mailSignIn: t, error } = strings(props.frame.language);
  return (
    <Layout {...props.frame} title={t.codeTitle}>
      <PageTitle>{t.codeTitle}</PageTitle>
      <p>{t.codeLead}</p>
      <p class="code-shown">
        <output id="code">{props.code}</output>
      </p>
      <Notice>{t.codeWarning}</Notice>
      <WaysOn ways={[{ label: error.ways.start, href: "/" }]} />
    </Layout>
  );
}

function GoOn({ frame, clientName }: Pick<PendingProps, "frame" | "clientName">) {
  const t = strings(frame.language).login;
  if (clientName === null) return <>{t.ownLead}</>;
  return <Filled text={t.lead} values={{ client: <Name>{clientName}</Name> }} />;
}
