import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { ErrorSummary, TextLink } from "./components.tsx";
import { Mark } from "./mark.tsx";
import type { Strings } from "../language/strings/en.ts";
import { type Language, strings } from "../language/languages.ts";

/** The operator's name, logo and links in place of ours. */
export interface Branding {
  readonly name: string;
  /** Shown instead of the mark and the name. Only of the same origin: pages make no external requests. */
  readonly logoUrl?: string;
  /** Links in the footer of every page, such as imprint, privacy and help. */
  readonly links?: readonly { readonly label: string; readonly href: string }[];
}

/** `label` is in its own language: the user may not read any other language. */
export interface LanguageLink {
  readonly language: Language;
  readonly label: string;
  readonly href: string;
}

/** The values that every page needs from its route. Each page takes them as its prop `frame`. */
export interface Frame {
  readonly language: Language;
  readonly stylesheetUrl: string;
  /** Without it, browsers request /favicon.ico. */
  readonly iconUrl?: string;
  readonly touchIconUrl?: string;
  readonly manifestUrl?: string;
  readonly branding?: Branding;
  /** Links to this page in the other languages. */
  readonly languageLinks?: readonly LanguageLink[];
  /**
   * Why nothing was done with the page's form: it was sent with an old token, or its user had to sign in
   * again first. The page says so, and has a new one.
   */
  readonly formRefused?: "outdated" | "interrupted";
  /** The nonce of this response's Content-Security-Policy. Only pages with a script need it. */
  readonly nonce?: string;
}

export interface LayoutProps extends Frame {
  readonly title: string;
  readonly children: Child;
  /** A script of our own, never data: it is written into the page unchanged. It needs a nonce. */
  readonly script?: string;
  /** For pages with much content, such as the demo. The other pages are narrow. */
  readonly wide?: boolean;
  /** The content beside the main part of a wide page. */
  readonly nav?: Child;
}

export function brandName(frame: Frame): string {
  return frame.branding?.name ?? "Latchkey";
}

/** The HTML document around a page. */
export function Layout(props: LayoutProps) {
  const t = strings(props.language).layout;
  const brand = brandName(props);
  const title = props.title.includes(brand) ? props.title : `${props.title} · ${brand}`;
  return (
    <html lang={props.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{title}</title>
        <link rel="stylesheet" href={props.stylesheetUrl} />
        {props.iconUrl && <link rel="icon" type="image/svg+xml" href={props.iconUrl} />}
        {props.touchIconUrl && <link rel="apple-touch-icon" href={props.touchIconUrl} />}
        {props.manifestUrl && <link rel="manifest" href={props.manifestUrl} />}
      </head>
      <body>
        <a class="skip" href="#main">{t.skip}</a>
        <div class={props.wide ? "hall" : "door"}>
          <header class="brand">
            {props.branding?.logoUrl
              ? <img class="logo" src={props.branding.logoUrl} alt={brand} />
              : (
                <>
                  <Mark size={props.wide ? 30 : 44} />
                  <span class="brand-name">{brand}</span>
                </>
              )}
          </header>
          {props.nav
            ? (
              <div class="beside">
                {props.nav}
                <Main {...props} />
              </div>
            )
            : <Main {...props} />}
        </div>
        <Footer branding={props.branding} languageLinks={props.languageLinks} t={t} />
        {props.script && <Script nonce={props.nonce} code={props.script} />}
      </body>
    </html>
  );
}

function Main({ language, formRefused, children }: LayoutProps) {
  const { common } = strings(language);
  return (
    <main id="main" tabindex={-1}>
      {formRefused && (
        <ErrorSummary
          title={common.errorSummary}
          errors={[{ message: common.formRefused[formRefused] }]}
        />
      )}
      {children}
    </main>
  );
}

/**
 * A page as text, with its doctype.
 *
 * @throws {Error} if a component is async: pages have all data in their props
 */
export function renderPage(page: JSX.Element): string {
  const html = page.toString();
  // A Promise in the tree would be sent to the user as "[object Promise]".
  if (page instanceof Promise || typeof html !== "string") throw new Error("an async page");
  return `<!DOCTYPE html>${html}`;
}

function Footer({ branding, languageLinks = [], t }: {
  branding?: Branding;
  languageLinks?: readonly LanguageLink[];
  t: Strings["layout"];
}) {
  if (branding === undefined && languageLinks.length === 0) return null;
  return (
    <footer>
      {branding?.links?.map((link) => <TextLink key={link.label} {...link} foreign />)}
      {languageLinks.length > 0 && (
        <nav aria-label={t.languages}>
          {languageLinks.map(({ language, label, href }) => (
            <a href={href} lang={language} hreflang={language} rel="nofollow">{label}</a>
          ))}
        </nav>
      )}
      {branding && <span>{t.tagline}</span>}
    </footer>
  );
}

function Script(props: { nonce?: string; code: string }) {
  if (!props.nonce) throw new Error("a script needs the nonce of its response");
  // `</` would end the element early. In JavaScript, `<\/` is the same text inside a string.
  return <script nonce={props.nonce}>{raw(props.code.replaceAll("</", "<\\/"))}</script>;
}
