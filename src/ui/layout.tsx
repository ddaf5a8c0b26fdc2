import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { TextLink } from "./components.tsx";
import { Mark } from "./mark.tsx";
import type { Strings } from "../language/strings/en.ts";
import { type Language, strings } from "../language/languages.ts";

/** What the operator of a server shows instead of our name. */
export interface Branding {
  readonly name: string;
  /** Shown instead of the mark and the name. Same origin only: pages make no external requests. */
  readonly logoUrl?: string;
  /** Imprint, privacy, help: in the footer of every page. */
  readonly links?: readonly { readonly label: string; readonly href: string }[];
}

/** `label` is in its own language: who looks for it may read no other. */
export interface LanguageLink {
  readonly language: Language;
  readonly label: string;
  readonly href: string;
}

/** What every page needs and a route knows; each page takes it as its prop `frame`. */
export interface Frame {
  readonly language: Language;
  readonly stylesheetUrl: string;
  /** Without it a browser asks for /favicon.ico by itself. */
  readonly iconUrl?: string;
  readonly touchIconUrl?: string;
  readonly manifestUrl?: string;
  readonly branding?: Branding;
  /** To this page in the other languages. */
  readonly languageLinks?: readonly LanguageLink[];
  /** Of this response's Content-Security-Policy; only pages with a script need it. */
  readonly nonce?: string;
}

export interface LayoutProps extends Frame {
  readonly title: string;
  readonly children: Child;
  /** Our own text, never data: it is written into the page as it is. Needs a nonce. */
  readonly script?: string;
  /** For pages to read and compare, like the demo; the others stand in the door. */
  readonly wide?: boolean;
  /** Beside the content of a wide page. */
  readonly nav?: Child;
}

export function brandName(frame: Frame): string {
  return frame.branding?.name ?? "Latchkey";
}

/** The document around a page. */
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
                <main id="main" tabindex={-1}>{props.children}</main>
              </div>
            )
            : <main id="main" tabindex={-1}>{props.children}</main>}
        </div>
        <Footer branding={props.branding} languageLinks={props.languageLinks} t={t} />
        {props.script && <Script nonce={props.nonce} code={props.script} />}
      </body>
    </html>
  );
}

/**
 * A page as text, with its doctype.
 *
 * @throws {Error} when a component was async: pages are pure and have nothing to wait for
 */
export function renderPage(page: JSX.Element): string {
  const html = page.toString();
  // Stringifying a Promise, or a tree that holds one, would send "[object Promise]" to a person.
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
  // `</` would end the element early; in JavaScript `<\/` is the same text inside a string.
  return <script nonce={props.nonce}>{raw(props.code.replaceAll("</", "<\\/"))}</script>;
}
