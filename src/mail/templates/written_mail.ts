import type { Language } from "../../ui/strings/languages.ts";

/** What a mail says, in both of its forms. */
export interface WrittenMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A part of a mail: a paragraph, or a link on a line of its own. */
export type Block = string | { readonly label: string; readonly url: string };

/** Writes a mail from its parts, so that the two forms never say different things. */
export function writeMail(
  language: Language,
  { subject, blocks, signature }: {
    readonly subject: string;
    readonly blocks: readonly Block[];
    readonly signature: string;
  },
): WrittenMail {
  const text = [...blocks.map(textOf), `-- \n${signature}`].join("\n\n");
  const html = `<!DOCTYPE html><html lang="${language}"><head><meta charset="utf-8">\
<meta name="viewport" content="width=device-width, initial-scale=1">\
<meta name="color-scheme" content="light dark"><title>${escaped(subject)}</title></head>\
<body style="${bodyStyle}"><div style="max-width:32rem;margin:0 auto">\
${blocks.map(htmlOf).join("")}<p style="${signatureStyle}">${escaped(signature)}</p>\
</div></body></html>`;
  return { subject, text: `${text}\n`, html };
}

// Mail programs take styles from elements alone.
const bodyStyle = "margin:0;padding:1.5rem;font:1rem/1.5 system-ui,sans-serif;\
background:Canvas;color:CanvasText"; // in dark too, whatever is behind it
const signatureStyle = "font-size:.875rem;opacity:.75;border-top:1px solid;padding-top:.75rem";
const buttonStyle = "display:inline-block;padding:.6875rem 1.25rem;border-radius:6px;\
background:#1b5641;color:#fff;font-weight:600;text-decoration:none";

function textOf(block: Block): string {
  return typeof block === "string" ? block : `${block.label}:\n${block.url}`;
}

function htmlOf(block: Block): string {
  if (typeof block === "string") return `<p>${escaped(block)}</p>`;
  const url = escaped(block.url);
  return `<p><a href="${url}" style="${buttonStyle}">${escaped(block.label)}</a></p>\
<p style="font-size:.875rem;overflow-wrap:anywhere"><a href="${url}">${url}</a></p>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
