import { assert, assertEquals } from "@std/assert";
import { sessionCookie } from "../support/authorization.ts";
import { type Landing, leadsTo } from "../support/browser.ts";
import { auditTrail } from "../support/records.ts";
import { aScene, type FilledForm, type Scene } from "./steps/step.ts";
import { moreSteps } from "./steps/more.ts";
import { steps } from "./steps/table.ts";

/** Each form of a page. What only a script asks for leads to no page. */
const forms = Object.entries({ ...steps, ...moreSteps })
  .filter(([path]) => !path.endsWith("/options"));

for (const [path, step] of forms) {
  Deno.test(`pressing the button of ${path} twice leads to the page of the first press`, async () => {
    await using once = await aScene(step);
    const first = await press(await step.ready(once));
    const done = await happened(once);

    for (const atOnce of [false, true]) {
      await using scene = await aScene(step);
      const form = await step.ready(scene);
      const landed = atOnce
        ? await Promise.all([press(form), press(form)])
        : [await press(form), await press(form)];
      const how = atOnce ? "at once" : "one after the other";
      for (const one of landed) assertEquals(shown(one), shown(first), `${how}\n${one.body}`);
      // What may be repeated does the same again.
      if (step.repeatable) continue;
      assertEquals(await happened(scene), done, how);
      if (!asked(path)) assertEquals(landed.filter(({ status }) => status < 400).length, 1, how);
    }
  });
}

for (const [path, step] of forms.filter(([path, step]) => !step.repeatable && !asked(path))) {
  Deno.test(`a second form of ${path} that is another one does not seem to have succeeded`, async () => {
    await using scene = await aScene(step);
    const form = await step.ready(scene);
    const first = shown(await press(form));
    const session = sessionCookie(form.browser);
    const fields = { ...form.fields, name: "Another", password: "another brand new one" };
    const other = { ...form, fields: { ...fields, password_repeat: fields.password } };
    const elsewhere = { ...form, browser: scene.provider.browser() };
    const before = await happened(scene);
    for (const repeated of [other, elsewhere]) {
      assert(shown(await press(repeated)) !== first);
      assertEquals(sessionCookie(repeated.browser) ?? session, session);
    }
    scene.provider.clock.advance(121);
    assert(shown(await press(form)) !== first, "long afterwards");
    assertEquals(await happened(scene), before);
  });
}

/** It is repeated as what it is: a decision that is stored, or a request that goes on. */
function asked(path: string): boolean {
  return /^\/(consent|account\/requests|device\/confirm|login|magic-link|sign-up)/.test(path);
}

async function press({ browser, action, fields }: FilledForm): Promise<Pressed> {
  const response = await browser.send(action, {
    method: "POST",
    body: new URLSearchParams(fields),
  });
  const { status } = response;
  const next = leadsTo(response);
  if (next !== null) return { status, ...(await browser.open(next)) };
  const url = new URL(action, "http://own.example");
  return { status, url, response, body: await response.text() };
}

/** Where a form has led to, and the status of its own answer. */
interface Pressed extends Landing {
  readonly status: number;
}

/** Where the browser stands, without ids. */
function shown({ response, url, body }: Landing): string {
  const title = /<h1[^>]*>([\s\S]*?)<\/h1>/.exec(body)?.[1] ?? "";
  const query = url.search.replaceAll(/[\w.-]{20,}/g, "~");
  return `${response.status} ${url.host}${url.pathname} ${query} ${title}`;
}

/** What was done, by the audit log. */
async function happened({ provider }: Scene): Promise<string[]> {
  const events = await auditTrail(provider);
  return events.map(({ type }) => type).filter((type) => type !== "sign_in_failed").sort();
}
