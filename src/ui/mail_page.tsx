import { Card, CodeBlock, PageTitle, TextLink } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { Moment } from "../language/dates.tsx";
import { WaysOn } from "./ways_on.tsx";
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
    /** The URL of the mail as HTML. */
    readonly htmlUrl: string;
  }[];
}

/** The URLs in a mail, as links. The text above them is as it was sent. */
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

/** The mails of a development server, which sends none. */
export function MailPage(props: MailPageProps) {
  const { devMail: t, error } = strings(props.frame.language);
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
      <WaysOn ways={[{ label: error.ways.start, href: "/" }]} />
    </Layout>
  );
}
