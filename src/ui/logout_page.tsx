import { Button, HiddenFields, PageTitle } from "./components.tsx";
import { webUrl } from "../identifiers/web_url.ts";
import { fill, Filled, Name } from "../language/fill.tsx";
import { Destination } from "./destination.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { strings } from "../language/languages.ts";
import type { Strings } from "../language/strings/en.ts";
import { WaysOn } from "./ways_on.tsx";

export interface LogoutPageProps {
  readonly frame: Frame;
  readonly action: string;
  /** The form token, and the parameters of the request, which are sent again with the answer. */
  readonly fields: Readonly<Record<string, string>>;
  readonly user?: { readonly name: string };
  /** The registered client that asked for it, if there is one. */
  readonly client?: { readonly name: string; readonly isSelfNamed: boolean };
}

/** Asks before it ends a session, because any website can link here. */
export function LogoutPage(props: LogoutPageProps) {
  const { logout: t, consent } = strings(props.frame.language);
  return (
    <Layout {...props.frame} title={t.confirm}>
      <PageTitle
        lead={props.user && (
          <Filled text={t.signedInAs} values={{ name: <Name>{props.user.name}</Name> }} />
        )}
      >
        {t.title}
      </PageTitle>
      {props.client && (
        <p>
          <Filled text={t.askedBy} values={{ client: <Name>{props.client.name}</Name> }} />
        </p>
      )}
      {props.client?.isSelfNamed && <p class="hint">{consent.selfRegistered}</p>}
      <p>{t.explain}</p>
      <form method="post" action={props.action}>
        <HiddenFields fields={props.fields} />
        <Button id="logout-confirm">{t.confirm}</Button>
      </form>
      <p class="hint">{t.stay}</p>
    </Layout>
  );
}

export interface SignedOutPageProps {
  readonly frame: Frame;
  /** A link back. Its URL comes from the client's registration. */
  readonly client?: { readonly name: string; readonly url: string };
  /** Where a client leads that nobody here has checked. It is one of its registered URIs. */
  readonly uncheckedUrl?: string;
  /** The applications of the session. */
  readonly told?: readonly ToldApplication[];
}

/** The most applications that the page names; the frames are those of all. */
const mostNamed = 20;

export interface ToldApplication {
  readonly name: string;
  readonly state: "told" | "waiting" | "failed" | "asked";
  /** What tells the application, opened in a frame. */
  readonly frameUrl: string | null;
}

/** The end of a session. */
export function SignedOutPage(props: SignedOutPageProps) {
  const t = strings(props.frame.language);
  // A `javascript:` URL would run on our origin.
  const url = props.client && webUrl(props.client.url)?.href;
  const { told = [] } = props;
  return (
    <Layout {...props.frame} title={t.logout.doneTitle}>
      <PageTitle>{t.logout.doneTitle}</PageTitle>
      <p>{t.logout.done}</p>
      {told.length > 0 && (
        <>
          <h2>{t.logout.apps}</h2>
          <ul>
            {told.slice(0, mostNamed).map(({ name, state }) => (
              <li>
                <Filled text={t.logout[state]} values={{ client: <Name>{name}</Name> }} />
              </li>
            ))}
          </ul>
          <Frames told={told} />
        </>
      )}
      <WaysOn ways={[{ label: t.error.ways.signIn, href: "/account" }]} />
      {props.uncheckedUrl !== undefined && <UncheckedWay url={props.uncheckedUrl} t={t.logout} />}
      {props.client && url && (
        <p>
          <a class="button button-secondary" href={url} rel="noreferrer">
            {fill(t.common.opensClient, { client: props.client.name })}
          </a>
        </p>
      )}
    </Layout>
  );
}

function UncheckedWay({ url, t }: { readonly url: string; readonly t: Strings["logout"] }) {
  return (
    <>
      <Destination text={t.unchecked} uri={url} />
      <p>
        <a class="button button-secondary" id="logout-continue" href={url} rel="noreferrer">
          {t.goBack}
        </a>
      </p>
    </>
  );
}

export interface GoingBackPageProps {
  /** With the nonce of this response. */
  readonly frame: Frame & { readonly nonce: string };
  readonly told: readonly ToldApplication[];
  /** Where the browser goes. It comes from the client's registration. */
  readonly client: { readonly name: string; readonly redirectUri: string };
}

/** The end of a session at an application's request: the browser tells others before it goes back. */
export function GoingBackPage(props: GoingBackPageProps) {
  const t = strings(props.frame.language).logout;
  const { name, redirectUri } = props.client;
  return (
    <Layout {...props.frame} title={t.doneTitle} script={goBack}>
      <PageTitle lead={<Filled text={t.goingBack} values={{ client: <Name>{name}</Name> }} />}>
        {t.doneTitle}
      </PageTitle>
      <Frames told={props.told} />
      <p>
        <a class="button" id="logout-back" href={redirectUri} rel="noreferrer">{t.goBack}</a>
      </p>
    </Layout>
  );
}

/** Without the address of this page, and unable to lead the browser elsewhere. */
function Frames({ told }: { told: readonly ToldApplication[] }) {
  const urls = told.flatMap(({ frameUrl }) => frameUrl ?? []);
  return (
    <>
      {urls.map((url) => (
        <iframe
          hidden
          src={url}
          title=""
          referrerpolicy="no-referrer"
          sandbox="allow-forms allow-same-origin allow-scripts"
        />
      ))}
    </>
  );
}

// An application that does not answer must not keep the browser here.
const goBack = `{
const back = document.getElementById("logout-back").href;
const frames = [...document.querySelectorAll("iframe")];
const loaded = Promise.all(frames.map((frame) => new Promise((resolve) => {
frame.addEventListener("load", resolve);
})));
const patience = AbortSignal.timeout(3000);
patience.addEventListener("abort", () => location.replace(back));
loaded.then(() => location.replace(back));
}`;
