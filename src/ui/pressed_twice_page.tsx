import { PageTitle } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { strings } from "../language/languages.ts";
import { WaysOn } from "./ways_on.tsx";

export interface PressedTwicePageProps {
  readonly frame: Frame;
  /** The page that the first press has led to: of this server. */
  readonly next: string;
}

/** Says that a form was carried out when it was sent the first time. Its header leads on at once. */
export function PressedTwicePage({ frame, next }: PressedTwicePageProps) {
  const t = strings(frame.language).pressedTwice;
  return (
    <Layout {...frame} title={t.title}>
      <PageTitle lead={t.lead}>{t.title}</PageTitle>
      <WaysOn ways={[{ label: t.next, href: next }]} />
    </Layout>
  );
}
