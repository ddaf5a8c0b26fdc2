import { journey } from "./support/journey.ts";
import { alice } from "./support/server.ts";
import {
  allow,
  beginAtDemo,
  choosePassword,
  forgetPassword,
  isTold,
  openNewestLink,
  sees,
  signIn,
  signInToDemo,
} from "./support/steps.ts";

const password = "a quiet new harbour";

journey("who forgot a password gets a link by mail, and signs in with another", async (world) => {
  const { page } = await world.aPerson(await world.aServer());
  await beginAtDemo(page);
  const signInPage = page.url();
  await page.getByRole("link", { name: "Forgotten your password?" }).click();
  await page.locator("#username").fill("alice@example.com");
  await page.locator("main form button").click();
  await sees(page, "Check your mail");

  await page.goto("/dev/mail");
  await page.getByRole("link", { name: "As HTML" }).click();
  await page.getByRole("link", { name: "Choose a new password" }).click();
  await sees(page, "Choose a new password");
  await choosePassword(page, password, "something else");
  await isTold(page, "the same password both times");
  await choosePassword(page, password);
  await sees(page, "Your password is set");

  await page.goto(signInPage); // the sign-in that was pending goes on
  await signIn(page, alice);
  await isTold(page, "do not match");
  await signIn(page, { ...alice, password });
  await allow(page);
  await page.locator("#demo-person").waitFor();
});

journey("the link works once, and in another browser too", async (world) => {
  const server = await world.aServer();
  const { page: desk } = await world.aPerson(server);
  const { page: phone } = await world.aPerson(server, { window: { width: 360, height: 740 } });
  await forgetPassword(desk, alice.username);
  await openNewestLink(phone, server);
  const link = phone.url();
  await choosePassword(phone, password);
  await sees(phone, "Your password is set");

  await desk.goto(link);
  await sees(desk, "This link does not work");
});

journey("a new password ends the session in every other browser", async (world) => {
  const server = await world.aServer();
  const { page: elsewhere } = await world.aPerson(server);
  await signInToDemo(elsewhere, alice);
  const { page } = await world.aPerson(server);
  await forgetPassword(page, alice.username);
  await openNewestLink(page, server);
  await choosePassword(page, password);

  await elsewhere.locator("#demo-refresh").click();
  await isTold(elsewhere, "invalid_grant");
});

journey("without JavaScript a new password is chosen all the same", async (world) => {
  const server = await world.aServer();
  const { page } = await world.aPerson(server, { javaScript: false });
  await forgetPassword(page, alice.username);
  await openNewestLink(page, server);
  await choosePassword(page, password);
  await sees(page, "Your password is set");
});
