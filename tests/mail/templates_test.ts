import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { accountNoticeMail, type NoticeReason } from "../../src/mail/templates/account_notice.ts";
import {
  addressChangeAskedMail,
  addressChangeMail,
} from "../../src/mail/templates/address_change.ts";
import { emailCodeMail } from "../../src/mail/templates/email_code.ts";
import { invitationMail } from "../../src/mail/templates/invitation.ts";
import { magicLinkMail } from "../../src/mail/templates/magic_link.ts";
import { passwordChangedMail } from "../../src/mail/templates/password_changed.ts";
import { passwordResetMail } from "../../src/mail/templates/password_reset.ts";
import { accountExistsMail, signUpMail } from "../../src/mail/templates/sign_up.ts";
import type { WrittenMail } from "../../src/mail/templates/written_mail.ts";
import { type Language, strings } from "../../src/language/languages.ts";
import { supportedLanguages } from "../../src/language/supported_languages.ts";

const values = {
  username: "mara",
  url: "https://op.example/password-reset/confirm?token=a&b",
  issuer: "https://op.example",
};
const requester = { browser: "Firefox", system: "Linux", address: "203.0.113.7" };
const signIn = { requester, client: { name: "Harbour Books" } };

/** Every template, with its link at `values.url` where it takes one. */
const templates: Record<string, (language: Language, about: typeof values) => WrittenMail> = {
  passwordChangedMail,
  passwordResetMail,
  magicLinkMail: (language, about) => magicLinkMail(language, { ...about, ...signIn }),
  signUpMail: (language, about) => signUpMail(language, { ...about, requester }),
  invitationMail: (language, about) => invitationMail(language, { ...about, expiresAt: 1e9 }),
  addressChangeMail,
};

/** Those that take none. */
const linkless: typeof templates = {
  emailCodeMail: (language, about) =>
    emailCodeMail(language, { ...about, ...signIn, code: "012345" }),
  accountExistsMail: (language, about) => accountExistsMail(language, { ...about, requester }),
  addressChangeAskedMail,
};

Deno.test("each mail says the same as text and as HTML, in every language", () => {
  const subjects = new Set<string>();
  for (const language of supportedLanguages) {
    for (const [name, template] of Object.entries({ ...templates, ...linkless })) {
      const { subject, text, html } = template(language, values);
      subjects.add(subject);
      assertStringIncludes(html, `<html lang="${language}">`);
      assertStringIncludes(`${subject}${text}`, "op.example");
      if (name in templates) {
        assertStringIncludes(text, `\n${values.url}\n`);
        assertStringIncludes(html, 'token=a&#38;b"');
      }
      const read = html.replace(/<title>.*?<\/title>/, "").replace(/<[^>]+>/g, "");
      for (const paragraph of text.split("\n\n").filter((part) => !/^-- |:\n/.test(part))) {
        const escaped = paragraph.trim().replaceAll("'", "&#39;");
        assertStringIncludes(read, escaped, name);
      }
      assert(!/\{\w+\}|undefined/.test(`${subject}${text}${html}`), name);
      assert(!/<(script|img|link)\b|\ssrc=/.test(html), `${name} loads something`);
    }
  }
  const count = Object.keys({ ...templates, ...linkless }).length;
  assertEquals(subjects.size, supportedLanguages.length * count);
});

Deno.test("a hostile name is plain text in a mail, and adds no second line to its subject", () => {
  const hostile = `</p><script>alert(1)</script>"'&{host}\r\nBcc: all@example.com`;
  for (const template of Object.values({ ...templates, ...linkless })) {
    const { subject, html } = template("en", { ...values, username: hostile });
    assert(!html.includes("<script"));
    assert(!/[\r\n]/.test(subject));
  }
});

Deno.test("each change of an account is reported to its user in its own words", () => {
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

Deno.test("a sign-in mail names the application, and the requester as far as known", () => {
  const { username, url, issuer } = values;
  const requesters = [
    [requester, "It was requested with Firefox on Linux, from the address 203.0.113.7."],
    [
      { ...requester, system: null },
      "It was requested with Firefox, from the address 203.0.113.7.",
    ],
    [{ ...requester, browser: null }, "It was requested from the address 203.0.113.7."],
    [{ ...requester, address: null }, "It was requested with Firefox on Linux."],
  ] as const;
  for (const [who, sentence] of requesters) {
    const about = { username, issuer, requester: who, client: { name: "Harbour Books" } };
    for (
      const { text } of [
        magicLinkMail("en", { ...about, url }),
        emailCodeMail("en", { ...about, code: "012345" }),
      ]
    ) {
      assertStringIncludes(text, `\n${sentence}\n`);
      assertStringIncludes(text, "Harbour Books");
    }
  }
  const nobody = { browser: null, system: null, address: null };
  const own = magicLinkMail("en", { username, issuer, url, requester: nobody, client: null });
  assert(!/go on to|asked for (with|from)/.test(own.text));
});
