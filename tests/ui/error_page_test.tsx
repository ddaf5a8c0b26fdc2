import { assert, assertMatch, assertStringIncludes } from "@std/assert";
import { ErrorPage, type ErrorSituation } from "../../src/ui/error_page.tsx";
import { renderPage } from "../../src/ui/layout.tsx";
import { strings } from "../../src/language/languages.ts";
import { supportedLanguages } from "../../src/language/supported_languages.ts";
import { aProvider } from "../support/provider.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { frame } from "./sample_pages.tsx";

Deno.test("every situation says in sentences what happened, who can fix it and what to do", () => {
  for (const language of supportedLanguages) {
    for (const [situation, text] of Object.entries(strings(language).error.situations)) {
      const html = renderPage(
        <ErrorPage
          frame={{ ...frame, language }}
          code="invalid_request"
          situation={situation as ErrorSituation}
          reference="reference-1"
        />,
      );
      const where = `${language} ${situation}`;
      for (const sentences of [text.what, text.fault, text.next]) {
        assertMatch(sentences, /^\p{Lu}.*\.$/u, where);
        assertStringIncludes(html, sentences.replaceAll("'", "&#39;"), where);
      }
      assert(!/[.!]$/.test(text.title), where);
      assert(text.title.length <= 75, `${where}: ${text.title.length}`);
      assertStringIncludes(html, "<code>reference-1</code>", where);
    }
  }
});

Deno.test("the reference of an error page finds a line in the log at its usual level", async () => {
  const lines: { level: string; fields: Record<string, unknown> }[] = [];
  const take = (level: string) => (_: string, fields: Record<string, unknown> = {}) => {
    lines.push({ level, fields });
  };
  const logger: Logger = {
    debug: () => {},
    info: take("info"),
    warn: take("warn"),
    error: take("error"),
  };
  await using provider = await aProvider({ logger });
  const met = [
    "/nowhere",
    "/consent",
    "/authorize?client_id=unknown",
    "/password-reset/confirm?token=s3cr3t",
    "/setup?token=s3cr3t",
  ];
  for (const path of met) {
    lines.length = 0;
    const html = await (await provider.request(path)).text();
    const [, reference = "none"] = html.match(/Reference<\/dt><dd><code>([^<]+)</) ?? [];
    const found = lines.filter(({ fields }) => fields.requestId === reference);
    assert(found.length === 1, `${path}: ${reference} in ${JSON.stringify(lines)}`);
    assert(!JSON.stringify(lines).includes("s3cr3t"), `${path} logs a secret`);
  }
});
