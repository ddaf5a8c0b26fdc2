import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { accountNoticeMail, type NoticeReason } from "../../src/mail/templates/account_notice.ts";
import { passwordChangedMail } from "../../src/mail/templates/password_changed.ts";
import { passwordResetMail } from "../../src/mail/templates/password_reset.ts";
import { strings, supportedLanguages } from "../../src/ui/strings/languages.ts";

const values = {
  username: "mara",
  url: "https://op.example/password-reset/confirm?token=a&b",
  issuer: "https://op.example",
};
const templates = { passwordChangedMail, passwordResetMail };

Deno.test("each mail says the same as text and as HTML, in every language", () => {
  const subjects = new Set<string>();
  for (const language of supportedLanguages) {
    for (const [name, template] of Object.entries(templates)) {
      const { subject, text, html } = template(language, values);
      subjects.add(subject);
      assertStringIncludes(html, `<html lang="${language}">`);
      assertStringIncludes(text, `\n${values.url}\n`);
      assertStringIncludes(html, 'href="https://op.example/password-reset/confirm?token=a&#38;b"');
      const read = html.replace(/<title>.*?<\/title>/, "").replace(/<[^>]+>/g, "");
      for (const paragraph of text.split("\n\n").filter((part) => !/^-- |:\n/.test(part))) {
        const escaped = paragraph.trim().replaceAll("'", "&#39;");
        assertStringIncludes(read, escaped, name);
      }
      assert(!/\{\w+\}|undefined/.test(`${subject}${text}${html}`), name);
      assert(!/<(script|img|link)\b|\ssrc=/.test(html), `${name} loads something`);
    }
  }
  assertEquals(subjects.size, supportedLanguages.length * 2);
});

Deno.test("a hostile name is text in a mail, and no second line of its subject", () => {
  const hostile = `</p><script>alert(1)</script>"'&{host}\r\nBcc: all@example.com`;
  for (const template of Object.values(templates)) {
    const { subject, html } = template("en", { ...values, username: hostile });
    assert(!html.includes("<script"));
    assert(!/[\r\n]/.test(subject));
  }
});

Deno.test("whatever changed about an account, its person is told what it was, in words of its own", () => {
  const { issuer, username } = values;
  const hostile = '</p><script>alert(1)</script>"';
  for (const language of supportedLanguages) {
    const reasons = Object.keys(strings(language).mail.accountNotice.reasons) as NoticeReason[];
    const subjects = reasons.map((reason) => {
      const mail = accountNoticeMail(language, { reason, username, issuer, about: hostile });
      assertStringIncludes(mail.text, username);
      assertStringIncludes(mail.text, "op.example");
      assertStringIncludes(mail.text, "\nhttps://op.example/account\n");
      assertEquals(/\{\w+\}|undefined/.test(JSON.stringify(mail)), false, reason);
      assert(!mail.html.includes("<script"), reason);
      return mail.subject;
    });
    assertEquals(new Set(subjects).size, reasons.length);
  }
});
