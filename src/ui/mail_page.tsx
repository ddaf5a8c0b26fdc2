import { Card, CodeBlock, PageTitle, TextLink } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { strings } from "../language/languages.ts";

export interface MailPageProps {
  readonly frame: Frame;
  /** The newest first. */
  readonly mails: readonly {
    readonly id: string;
    readonly to: string;
    readonly subject: string;
    readonly text: string;
    /** Where the mail is as HTML. */
    readonly htmlUrl: string;
  }[];
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
            <bdi>{mail.to}</bdi> · <TextLink label={t.asHtml} href={mail.htmlUrl} />
          </p>
          <CodeBlock>{mail.text}</CodeBlock>
        </Card>
      ))}
    </Layout>
  );
}
