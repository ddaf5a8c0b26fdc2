import { register } from "../../registration/registration.ts";
import { asking, detailsProvider, look, payment } from "../../support/authorization_details.ts";
import { aClient } from "../../support/clients.ts";
import { logoutReceiver } from "../../support/logout_receiver.ts";
import { alice } from "../support/server.ts";
import { beginAtDemo, sendUnchecked, signIn, signInToDemo } from "../support/steps.ts";
import type { Place, ReachablePages } from "./page.ts";

const books = "https://books.harbour.example";
const shop = aClient("shop", {
  client_name: "Harbour Books",
  client_uri: books,
  policy_uri: `${books}/privacy`,
  tos_uri: `${books}/terms`,
  redirect_uris: [`${books}/callback`],
  web_origins: [books],
  scope: "openid profile email orders:read",
});
const orders = { resource: "https://api.harbour.example", scopes: ["orders:read"] };
const withShop = { clients: [shop], resources: [orders] };
const withTrustedShop = { clients: [{ ...shop, skip_consent: true }] };

const told = (client_id: string, members: Record<string, string>) =>
  aClient(client_id, { skip_consent: true, ...members });
const withToldClients = {
  clients: [
    {
      ...shop,
      skip_consent: true,
      backchannel_logout_uri: `${books}/backchannel`,
      post_logout_redirect_uris: [`${books}/bye`],
    },
    told("desk", {
      client_name: "The desk",
      backchannel_logout_uri: "https://desk.example/backchannel",
    }),
    told("club", {
      client_name: "The club",
      frontchannel_logout_uri: "https://club.example/logout",
    }),
  ],
};

/** Signing in, consent and signing out. */
export const signInPages: ReachablePages = {
  "sign-in": { open: ({ page }) => beginAtDemo(page) },
  "sign-in-wrong": {
    async open({ page }) {
      await beginAtDemo(page);
      await signIn(page, { ...alice, password: "not hers" });
      await page.getByRole("alert").waitFor();
    },
  },
  "sign-in-missing": {
    async open({ page }) {
      await beginAtDemo(page);
      await sendUnchecked(page);
      await page.getByRole("alert").waitFor();
    },
  },
  "sign-in-out-of-date": {
    async open({ page }) {
      await beginAtDemo(page);
      await page.locator("#login-submit").waitFor();
      await page.evaluate(
        `document.querySelectorAll("[name=form_token]").forEach((field) => field.value = "old")`,
      );
      await signIn(page, alice);
      await page.getByRole("alert").waitFor();
    },
  },
  "sign-in-another": {
    async open({ page }) {
      await beginAtDemo(page);
      await signIn(page, alice);
      await page.locator("#another-account").click();
      await page.locator("#login-continue").waitFor();
    },
  },
  "sign-in-as": {
    server: withShop,
    async open({ page, server }) {
      await signInToDemo(page, alice);
      await page.goto(server.provider.authorizeUrl({ parameters: { prompt: "select_account" } }));
      await page.locator("#login-continue").waitFor();
    },
  },
  "consent": {
    async open({ page }) {
      await beginAtDemo(page);
      await signIn(page, alice);
      await page.locator("#consent-allow").waitFor();
    },
  },
  "consent-resource": {
    server: withShop,
    async open({ page, server }) {
      const parameters = { resource: orders.resource, scope: "openid email orders:read" };
      await page.goto(server.provider.authorizeUrl({ parameters }));
      await signIn(page, alice);
      await page.locator("#consent-allow").waitFor();
    },
  },
  "consent-details": {
    server: detailsProvider,
    async open({ page, server }) {
      const parameters = asking(
        { ...payment, creditorName: "Hafenbuchhandlung Lindqvist & Söhne", instant: true },
        { ...look, locations: undefined, excluded: ["DE89370400440532013000"], days: 30 },
      );
      await page.goto(server.provider.authorizeUrl({ client: "shop", parameters }));
      await signIn(page, alice);
      await page.locator("#consent-allow").waitFor();
    },
  },
  "consent-self-registered": {
    server: { ...withShop, config: { registration: "open" } },
    async open({ page, server: { provider } }) {
      const redirect_uri = "http://127.0.0.1/callback";
      const client_name = "Notes from my terminal";
      const { body } = await register(provider, { client_name, redirect_uris: [redirect_uri] });
      const { client_id } = body;
      await page.goto(provider.authorizeUrl({ parameters: { client_id, redirect_uri } }));
      await signIn(page, alice);
      await page.locator("#self-registered").waitFor();
    },
  },
  "no-access": {
    server: { clients: [{ ...shop, allowed_groups: ["staff"] }] },
    async open({ page, server }) {
      await page.goto(server.provider.authorizeUrl());
      await signIn(page, alice);
      await page.locator("#no-access-back").waitFor();
    },
  },
  "form-post": {
    server: withTrustedShop,
    leavesByItself: true,
    async open({ page, server, context }) {
      // The client's answer to the script that sends the form lets the browser stay where it is.
      await context.route(`${books}/**`, (route) => route.fulfill({ status: 204 }));
      const parameters = { response_mode: "form_post" };
      await page.goto(server.provider.authorizeUrl({ parameters }));
      await signIn(page, alice);
      await page.locator(`main form[action^="${books}"]`).waitFor();
    },
  },
  "session-token": {
    server: withTrustedShop,
    async open(place) {
      await signInToDemo(place.page, alice);
      await askWhoIsSignedIn(place);
    },
  },
  "session-token-nobody": { server: withShop, open: askWhoIsSignedIn },
  "sign-out": {
    async open({ page }) {
      await signInToDemo(page, alice);
      await page.goto("/logout");
      await page.locator("#logout-confirm").waitFor();
    },
  },
  "sign-out-done": {
    server: withShop,
    async open({ page }) {
      await signInToDemo(page, alice);
      await page.goto("/logout?client_id=shop");
      await page.locator("#logout-confirm").click();
      await page.waitForURL("/logout/confirm");
    },
  },
  "sign-out-unchecked": {
    server: { config: { registration: "open" } },
    async open({ page, server: { provider } }) {
      const bye = "https://photos.harbour.example/bye";
      const { body } = await register(provider, {
        redirect_uris: ["https://photos.harbour.example/callback"],
        post_logout_redirect_uris: [bye],
      });
      const query = { client_id: body.client_id, post_logout_redirect_uri: bye };
      await page.goto(`/logout?${new URLSearchParams(query)}`);
      await page.locator("#logout-continue").waitFor();
    },
  },
  "sign-out-told": {
    server: { ...withToldClients, transport: toldByNobody() },
    async open(place) {
      for (const client of ["shop", "desk", "club"]) await signInFor(place, client);
      await place.context.route("https://club.example/**", (route) => route.fulfill({ body: "" }));
      await place.page.goto("/logout");
      await place.page.locator("#logout-confirm").click();
      await place.page.waitForURL("/logout/confirm");
    },
  },
  "sign-out-going-back": {
    server: withToldClients,
    leavesByItself: true,
    async open(place) {
      await signInFor(place, "club");
      // The frame never ends, and the client lets the browser stay where it is.
      await place.context.route("https://club.example/logout**", () => {});
      await place.context.route(`${books}/bye`, (route) => route.fulfill({ status: 204 }));
      const post_logout_redirect_uri = `${books}/bye`;
      const query = new URLSearchParams({ client_id: "shop", post_logout_redirect_uri });
      await place.page.goto(`/logout?${query}`);
      await place.page.locator("#logout-confirm").click();
      await place.page.locator("#logout-back").waitFor();
    },
  },
};

/** Signs in for a client, which gets its ID token. Its answer lets the browser stay where it is. */
async function signInFor({ page, server: { provider }, context }: Place, client: string) {
  const sent = Promise.withResolvers<string>();
  await context.route(/\/callback$/, async (route) => {
    await route.fulfill({ status: 204 });
    sent.resolve(route.request().postData() ?? "");
  });
  // A redirect to a host that does not exist cannot be answered here.
  const parameters = { response_mode: "form_post" };
  const url = provider.authorizeUrl({ client, parameters });
  // The page leaves by itself, before it has been loaded.
  await page.goto(url, { waitUntil: "commit" }).catch(() => {});
  const isAsked = page.locator("#login-submit").waitFor().then(() => true);
  if (await Promise.race([isAsked, sent.promise.then(() => false)])) await signIn(page, alice);
  const code = new URLSearchParams(await sent.promise).get("code") ?? "";
  await context.unroute(/\/callback$/);
  const response = await provider.exchange(code, { client });
  if (!response.ok) throw new Error(await response.text());
}

/** One application accepts what it is told, and the other answers with an error. */
function toldByNobody() {
  const receiver = logoutReceiver();
  receiver.answer("https://desk.example/backchannel", 400);
  return receiver;
}

async function askWhoIsSignedIn({ page }: Place) {
  await page.goto(`/session/token?${new URLSearchParams({ client_id: "shop", origin: books })}`);
}
