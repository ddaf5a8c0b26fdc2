import { Card, CodeBlock, PageTitle, TextLink } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { Moment } from "../language/dates.tsx";
import { strings } from "../language/languages.ts";

export interface MailPageProps {
  readonly frame: Frame;
  /** The newest first. */
  readonly mails: readonly {
    readonly id: string;
    readonly to: string;
    readonly subject: string;
    readonly text: string;
    /** Epoch seconds. */
    readonly sentAt: number;
    /** Where the mail is as HTML. */
    readonly htmlUrl: string;
  }[];
}

/** The addresses of the web in a mail, to be clicked. The text above them stays as it was sent. */
function Links({ text }: { readonly text: string }) {
  const links = new Set(text.match(/https?:\/\/[^\s<>"]+/g) ?? []);
  return (
    <>
      {[...links].map((link) => (
        <p class="hint" key={link}>
          <TextLink label={link} href={link} />
        </p>
      ))}
    </>
  );
}

/** The mails that a development server has sent, for who would else wait for them. */
export function MailPage(props: MailPageProps) {
  const t = strings(props.frame.language).devMail;
  return (
    <Layout {...props.frame} title={t.title} wide>
      <PageTitle lead={t.lead}>{t.title}</PageTitle>
      {props.mails.length === 0 && <p>{t.none}</p>}
      {props.mails.map((mail) => (
        <Card title={mail.subject} id={`mail-${mail.id}`}>
          <p class="hint">
            <bdi>{mail.to}</bdi> · {t.sentAt}{" "}
            <Moment at={mail.sentAt} language={props.frame.language} timeZone="UTC" /> ·{" "}
            <TextLink label={t.asHtml} href={mail.htmlUrl} />
          </p>
          <CodeBlock>{mail.text}</CodeBlock>
          <Links text={mail.text} />
        </Card>
      ))}
    </Layout>
  );
}
