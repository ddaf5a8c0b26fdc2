import { fill } from "../../language/fill.tsx";
import { type Language, strings } from "../../language/languages.ts";

/** The text of a mail, in both forms. */
export interface WrittenMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A part of a mail: a paragraph, a link on a line of its own, or a code to type. */
export type Block =
  | string
  | { readonly label: string; readonly url: string }
  | { readonly code: string };

/** The sender's brand, as the reader knows it. */
export interface MailBrand {
  /** Null: only the host is shown. */
  readonly name: string | null;
  readonly mailColour: string;
}

/** The last line of a mail. */
export function signatureOf(language: Language, issuer: string, brand?: MailBrand): string {
  const { signature, signatureBranded } = strings(language).mail;
  const { host } = new URL(issuer);
  const brandName = brand?.name ?? null;
  return brandName === null
    ? fill(signature, { host })
    : fill(signatureBranded, { host, brand: brandName });
}

/** Writes a mail from its parts, so that both forms always say the same. */
export function writeMail(
  language: Language,
  { subject, blocks, signature, colour = usualColour }: {
    readonly subject: string;
    readonly blocks: readonly Block[];
    readonly signature: string;
    /** Of the button, with white on it; `#rrggbb`. */
    readonly colour?: string;
  },
): WrittenMail {
  const text = [...blocks.map(textOf), `-- \n${signature}`].join("\n\n");
  const html = `<!DOCTYPE html><html lang="${language}"><head><meta charset="utf-8">\
<meta name="viewport" content="width=device-width, initial-scale=1">\
<meta name="color-scheme" content="light dark"><title>${escaped(subject)}</title></head>\
<body style="${bodyStyle}"><div style="max-width:32rem;margin:0 auto">\
${blocks.map((block) => htmlOf(block, colour)).join("")}<p style="${signatureStyle}">${
    escaped(signature)
  }</p>\
</div></body></html>`;
  return { subject, text: `${text}\n`, html };
}

// Mail programs support styles only on elements.
const bodyStyle = "margin:0;padding:1.5rem;font:1rem/1.5 system-ui,sans-serif;\
background:Canvas;color:CanvasText"; // in dark mode too, whatever is behind it
const signatureStyle = "font-size:.875rem;opacity:.75;border-top:1px solid;padding-top:.75rem";
const buttonStyle = "display:inline-block;padding:.6875rem 1.25rem;border-radius:6px;\
color:#fff;font-weight:600;text-decoration:none";
const codeStyle = "font-size:1.75rem;font-weight:600;letter-spacing:.2em";
const usualColour = "#1b5641";

function textOf(block: Block): string {
  if (typeof block === "string") return block;
  return "code" in block ? block.code : `${block.label}:\n${block.url}`;
}

function htmlOf(block: Block, colour: string): string {
  if (typeof block === "string") return `<p>${escaped(block)}</p>`;
  if ("code" in block) return `<p style="${codeStyle}">${escaped(block.code)}</p>`;
  const url = escaped(block.url);
  return `<p><a href="${url}" style="${buttonStyle};background:${colour}">${
    escaped(block.label)
  }</a></p>\
<p style="font-size:.875rem;overflow-wrap:anywhere"><a href="${url}">${url}</a></p>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
