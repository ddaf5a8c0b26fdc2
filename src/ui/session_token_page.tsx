import { Notice, PageTitle } from "./components.tsx";
import { Filled, Name } from "../language/fill.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { strings } from "../language/languages.ts";
import { WaysOn } from "./ways_on.tsx";

export interface SessionTokenPageProps {
  readonly frame: Frame & { readonly nonce: string };
  readonly clientName: string;
  /** An origin of the client. Only a page of this origin can read the message. */
  readonly webOrigin: string;
  readonly message: Readonly<Record<string, string | number>>;
  readonly error: "login_required" | "consent_required" | null;
}

/** A popup that tells the page that opened it who is signed in. It also says so to the user. */
export function SessionTokenPage(props: SessionTokenPageProps) {
  const { sessionToken: t, home } = strings(props.frame.language);
  const values = {
    client: <Name>{props.clientName}</Name>,
    origin: <Name>{props.webOrigin}</Name>,
  };
  return (
    <Layout {...props.frame} title={t.title} script={handOver}>
      <PageTitle>{t.title}</PageTitle>
      <p>
        <Filled text={t.explain} values={values} />
      </p>
      <div id="handover" data-origin={props.webOrigin} data-message={JSON.stringify(props.message)}>
        {props.error ? <Notice>{t[props.error]}</Notice> : <p class="hint">{t.close}</p>}
      </div>
      <WaysOn ways={[{ label: home.accountLink, href: "/account" }]} />
    </Layout>
  );
}

// The browser delivers the message to the opener only if its page has exactly that origin. The data
// comes from attributes, so that the text of the script never changes.
const handOver = `{
const { origin, message } = document.getElementById("handover").dataset;
if (window.opener) {
window.opener.postMessage(JSON.parse(message), origin);
if (!JSON.parse(message).error) window.close();
}
}`;
