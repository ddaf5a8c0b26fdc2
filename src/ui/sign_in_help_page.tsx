import { PageTitle, TextLink } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { ButtonLink } from "./other_ways.tsx";
import { waitingScript } from "./waiting.ts";
import { strings } from "../language/languages.ts";

/** Explains account recovery. It is the same for everybody, so it reveals nothing about an account. */
export function SignInHelpPage(props: {
  readonly frame: Frame;
  readonly loginUrl: string;
  readonly passwordResetUrl: string;
}) {
  const t = strings(props.frame.language).signInHelp;
  return (
    <Layout {...props.frame} title={t.title} {...waitingScript(props.frame, true)}>
      <PageTitle lead={t.lead}>{t.title}</PageTitle>
      <h2>{t.passkeyTitle}</h2>
      <p>{t.passkey}</p>
      <h2>{t.appTitle}</h2>
      <p>{t.app}</p>
      <h2>{t.passwordTitle}</h2>
      <p>{t.password}</p>
      <p>
        <TextLink label={t.passwordLink} href={props.passwordResetUrl} />
      </p>
      <h2>{t.nothingTitle}</h2>
      <p>{t.nothing}</p>
      <ButtonLink href={props.loginUrl}>{t.back}</ButtonLink>
    </Layout>
  );
}
