import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createApp } from "../../routes/app.ts";
import { bob, isSignedIn, sessionCookie, submitLogin } from "../support/authorization.ts";
import { formOf } from "../support/browser.ts";
import { formAnswer } from "../support/form_answer.ts";
import { changes } from "../support/harmless.ts";
import { aProvider } from "../support/provider.ts";
import { aScene, type FilledForm, post, type Scene, type Step } from "./steps/step.ts";
import { effects, stored } from "./steps/stored.ts";
import { steps } from "./steps/table.ts";

/** Where a POST, PUT, PATCH or DELETE is none of a form of ours, and why nothing is lost by that. */
const noForms: readonly [path: RegExp, why: string][] = [
  [/^\/(token|par|introspect|revoke|userinfo|session\/token\/verify)$/, "who asks shows a secret"],
  [/^\/api\/v1\//, "who asks shows a token"],
  [/^\/(authorize|logout)$/, "a page of a client may post them; both only begin something"],
  [
    /^\/session(\/extend|\/token)?$/,
    "Origin decides alone; see tests/authn/sessions/session_test.ts",
  ],
  [/^\/dev\/app\//, "a relying party, in development only"],
];

Deno.test("each path of a POST is in the table of steps, or is listed with a reason", async () => {
  await using provider = await aProvider();
  const { deps } = provider;
  const app = createApp({ ...deps, config: { ...deps.config, environment: "development" } });
  const posted = app.routes.filter(({ method }) => !["ALL", "GET", "OPTIONS"].includes(method))
    .map(({ path }) => path.replaceAll(/\{.*?\}(?=\/|$)/g, ""));
  const ours = posted.filter((path) => !noForms.some(([pattern]) => pattern.test(path)));
  assertEquals([...new Set(ours)].sort(), Object.keys(steps).sort());
});

interface Attacked {
  readonly scene: Scene;
  readonly form: FilledForm;
  /** The same step, of another browser. */
  readonly other: FilledForm;
}

function withFields({ form }: Attacked, fields: Record<string, string>): FilledForm {
  return { ...form, fields: { ...form.fields, ...fields } };
}

/** What somebody sends who is not who did the steps before, or not from our page. */
const attacks: Readonly<Record<string, (attacked: Attacked) => Promise<Response>>> = {
  "without Origin": ({ scene, form }) => {
    const cookie = [...form.browser.cookies].map((pair) => pair.join("=")).join("; ");
    return scene.provider.post(form.action, form.fields, { cookie });
  },
  "from another site": ({ form }) => post(form, { origin: "https://evil.example" }),
  "from a page whose origin is hidden": ({ form }) => post(form, { origin: "null" }),
  "without a form token": (attacked) => post(withFields(attacked, { form_token: "" })),
  "with another browser's form token": (attacked) =>
    post(withFields(attacked, { form_token: attacked.other.fields.form_token ?? "" })),
  "with the form token of another page": async (attacked) => {
    const { form } = attacked;
    // The one page of which every browser has a token, and the one for who is asked for that token.
    const page = form.action === "/password-reset"
      ? await form.browser.open(attacked.scene.provider.authorizeUrl())
      : await form.browser.open("/password-reset");
    const { form_token = "" } = formOf(page.body).hidden;
    return await post(withFields(attacked, { form_token }));
  },
  "with another browser's whole form": ({ form, other }) => post({ ...form, fields: other.fields }),
  "from another browser": ({ form, other }) => post({ ...form, browser: other.browser }),
  "from a new browser": ({ scene, form }) => post({ ...form, browser: scene.provider.browser() }),
};

for (const [path, step] of Object.entries(steps)) {
  Deno.test(`POST ${path} is refused in another browser or for another user, and spends nothing`, async () => {
    await using scene = await aScene(step);
    const other = await step.ready(scene);
    const form = await step.ready(scene);
    const cookies = new Map(form.browser.cookies);
    for (const [how, attack] of Object.entries(attacks)) {
      // What opens a page writes down the request that waits there.
      const before = how === "with the form token of another page" ? null : await stored(scene);
      const response = await attack({ scene, form, other });
      const body = await response.text();
      assertEquals(response.status, 400, `${how}: ${body}`);
      const set = response.headers.getSetCookie().join();
      assert(!set.includes("latchkey_session"), how);
      if (before) assertEquals(changes(before, await stored(scene)), [], how);
    }
    form.browser.cookies.delete("__Host-latchkey_requests"); // of a page that an attack has opened
    cookies.delete("__Host-latchkey_requests");
    assertEquals(form.browser.cookies, cookies);
    await assertDone(scene, step, form);
  });

  Deno.test(`POST ${path} has no effect a second time, or after its lifetime`, async () => {
    {
      await using scene = await aScene(step);
      const form = await step.ready(scene);
      await assertDone(scene, step, form);
      if (!step.repeatable) {
        const before = await stored(scene);
        const session = sessionCookie(form.browser);
        const repeated = await post(form);
        await repeated.body?.cancel();
        assertNotEquals(repeated.status, 200);
        assertEquals(sessionCookie(form.browser), session);
        assertEquals(effects(before, await stored(scene)), []);
      }
    }
    if (step.until === null) return;
    await using scene = await aScene(step);
    const form = await step.ready(scene);
    const [seconds, status] = step.until;
    scene.provider.clock.advance(seconds);
    const before = await stored(scene);
    const session = sessionCookie(form.browser);
    const response = await formAnswer(scene.provider.deps, await post(form));
    const location = response.headers.get("location") ?? "";
    await response.body?.cancel();
    assertEquals(response.status === 401 ? 400 : response.status, status);
    assert(status === 400 || /^\/(login|authorize\/resume)\?/.test(location), location);
    assertEquals(sessionCookie(form.browser), session);
    assertEquals(effects(before, await stored(scene)), []);
  });
}

async function assertDone({ provider }: Scene, step: Step, form: FilledForm) {
  const before = sessionCookie(form.browser);
  const response = await post(form);
  const body = await response.text();
  const location = response.headers.get("location");
  if (typeof step.done === "number") assertEquals(response.status, step.done, body);
  else assertEquals(location?.split("?")[0], step.done, `${response.status} ${body}`);
  if (!step.newSession) return;
  const cookie = sessionCookie(form.browser);
  assert(cookie !== undefined && cookie !== before);
  assert(await isSignedIn(provider, cookie));
  if (before !== undefined) assertEquals(await isSignedIn(provider, before), false);
}

const interactionSteps = Object.entries(steps).filter(([path]) =>
  ["/login", "/login/passkey/options", "/login/second-factor/restart", "/magic-link", "/sign-up"]
    .includes(path)
);

for (const [path, step] of interactionSteps) {
  Deno.test(`POST ${path} has no effect after its request was answered`, async () => {
    await using scene = await aScene();
    const form = await step.ready(scene);
    const interaction = form.fields.interaction ?? "";
    await finish(form, interaction);
    const before = await stored(scene);
    const session = sessionCookie(form.browser);
    const response = await post(form);
    await response.body?.cancel();
    assertEquals(sessionCookie(form.browser), session);
    assertEquals(effects(before, await stored(scene)), []);
  });
}

/** Somebody goes on in another tab, to the end. */
async function finish({ browser }: FilledForm, interaction: string) {
  let page = await browser.open(`/login?interaction=${interaction}`);
  if (page.url.pathname === "/login/second-factor") {
    const { form_token = "" } = formOf(page.body).hidden;
    const body = new URLSearchParams({ interaction, form_token });
    page = await browser.open("/login/second-factor/restart", { method: "POST", body });
  }
  // Who has no second factor.
  page = await submitLogin(browser, page, bob);
  page = await browser.submit(page, { decision: "allow" });
  assertEquals(page.url.origin, "https://shop.example");
}
