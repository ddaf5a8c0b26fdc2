import { assertEquals, assertStringIncludes } from "@std/assert";
import { newestCode, wrong } from "../support/mail_sign_in.ts";
import { invite, ops } from "./support/invitations.ts";
import { journey } from "./support/journey.ts";
import { askForAccount, askForMail, makeAccount, typeCode } from "./support/mail_steps.ts";
import { alice } from "./support/server.ts";
import {
  allow,
  beginAtDemo,
  decoded,
  isTold,
  openNewestLink,
  sees,
  signIn,
} from "./support/steps.ts";

const address = "alice@example.com";
const nora = { username: "nora", name: "Nora Neu", password: "a quiet new harbour" };

journey("a link from the mail signs in, in the browser that asked for it", async (world) => {
  const server = await world.aServer();
  const { page, newTab } = await world.aPerson(server);
  const { page: another } = await world.aPerson(server);
  await beginAtDemo(page);
  await askForMail(page, address, "link");

  const mail = await newTab();
  await mail.goto("/dev/mail");
  await mail.getByRole("link", { name: "As HTML" }).click();
  await mail.getByRole("link", { name: "Sign in", exact: true }).click();
  await sees(mail, "Sign in as alice?");
  const link = mail.url();
  await mail.locator("#magic-link-confirm").click();
  await allow(mail);
  await mail.locator("#demo-person").waitFor();
  assertEquals((await decoded(mail, "id-token")).amr, ["email"]);

  await another.goto(link);
  await sees(another, "This sign-in link does not work");
});

journey("a link opened elsewhere shows a code, which signs in where it began", async (world) => {
  const server = await world.aServer();
  const { page: desk } = await world.aPerson(server);
  const { page: phone } = await world.aPerson(server, { window: { width: 360, height: 740 } });
  await beginAtDemo(desk);
  await askForMail(desk, address, "link");
  await openNewestLink(phone, server);
  await sees(phone, "Continue where you started");
  await phone.locator("#magic-link-elsewhere").click();
  const code = await phone.locator("#code").innerText();

  await typeCode(desk, code);
  await allow(desk);
  await desk.locator("#demo-person").waitFor();
  await phone.goto("/account");
  await sees(phone, "Sign in"); // nobody is signed in there
});

journey("a code from the mail signs in; a wrong one is said, and leaves it good", async (world) => {
  const server = await world.aServer();
  const { page } = await world.aPerson(server);
  await beginAtDemo(page);
  await askForMail(page, address, "code");
  const code = await newestCode(server.provider);
  await typeCode(page, wrong(code));
  await isTold(page, "That code is wrong");
  await typeCode(page, code);
  await sees(page, "Allow Demo app?");
});

journey("whose address nobody has sees what everybody sees, and gets no mail", async (world) => {
  const server = await world.aServer();
  const { page } = await world.aPerson(server);
  await beginAtDemo(page);
  await askForMail(page, "nobody@example.com", "code");
  await sees(page, "Check your mail");
  await page.goto("/dev/mail");
  await page.getByText("No mail yet.").waitFor();
});

journey("who is new proves an address, makes an account, and comes to the app", async (world) => {
  const server = await world.aServer({ config: { signUp: "open" } });
  const { page } = await world.aPerson(server);
  await beginAtDemo(page);
  await askForAccount(page, "nora@example.com");
  await openNewestLink(page, server);
  await makeAccount(page, { ...nora, username: alice.username });
  await isTold(page, "Somebody else has this username");
  await makeAccount(page, nora);
  await allow(page);
  assertStringIncludes(await page.locator("#demo-person").innerText(), nora.name);
  const { email, email_verified } = await decoded(page, "userinfo");
  assertEquals([email, email_verified], ["nora@example.com", true]);
});

journey("who is invited makes the account, and signs in to it", async (world) => {
  const server = await world.aServer({ clients: [ops], config: { signUp: "invited" } });
  const { page } = await world.aPerson(server);
  await page.goto(await invite(server, "nora@example.com"));
  await makeAccount(page, nora);
  await sees(page, "Your account is created");
  await page.getByRole("link", { name: "Go to your account" }).click();
  await signIn(page, nora);
  await page.waitForURL("/account");
  await page.getByText("nora@example.com").waitFor();
});
