import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { installWallet } from "../e2e/wallet.ts";
import { assertAccessible } from "./axe.ts";
import { connect } from "./connect.ts";
import { devAccount } from "./world.ts";
import type { Visit, World } from "./world.ts";

/** The simulated hospitals' own accounts: they hold library cards. */
const FIRST = devAccount(21);
const SECOND = devAccount(22);

/** Labelling pictures as a reader does: by keyboard alone. */
export function describeAnnotate(world: World): void {
  const enter = async (account: typeof FIRST, answers: readonly ("sign" | "reject")[] = []): Promise<Visit> => {
    const visit = await world.visit();
    const wallet = await installWallet(visit.page, { account, chains: [world.chain()] });
    await visit.open("annotate");
    await connect(visit.page);
    if (answers.includes("reject")) wallet.next("reject");
    await visit.page.getByRole("main").getByRole("button", { name: "Log in" }).click();
    return visit;
  };
  const desk = (page: Page) => page.getByRole("region", { name: "Picture and answers" });
  const progress = async (page: Page): Promise<number> => Number(/Picture (\d+) of/.exec((await desk(page).locator(".annotate-progress").textContent()) ?? "")?.[1]);
  const pictureShown = (page: Page) => desk(page).getByRole("img", { name: "The picture to be judged" }).waitFor();
  /** Presses a key and waits for what is said of it. */
  const press = async (page: Page, key: string, said: RegExp): Promise<void> => {
    await pictureShown(page);
    await page.keyboard.press(key);
    await desk(page).locator(".annotate-said", { hasText: said }).waitFor();
  };
  const allSaved = (page: Page) => page.getByText("All answers are saved.").waitFor();

  describe("annotate and verify labels", () => {
    it("says what happened when the reader does not sign", async () => {
      const visit = await enter(FIRST, ["reject"]);
      await visit.page.getByText("You did not sign.").waitFor();
      await visit.close();
    });

    it("labels five pictures by keyboard only, resumes after a reload, hides a recognised person, and checks its receipts", async () => {
      const visit = await enter(FIRST);
      const { page } = visit;
      await pictureShown(page);
      await assertAccessible(page);
      const start = await progress(page);
      // The desk has the focus: no pointer from here on.
      await press(page, "1", /Saved: Even/);
      await press(page, "2", /Saved: Lopsided/);
      await press(page, "z", /Taken back/);
      await press(page, "3", /Saved: Ragged edge/);
      await allSaved(page);
      assert.equal(await progress(page), start + 2);
      await page.reload();
      await page.getByRole("main").getByRole("button", { name: "Log in" }).click();
      await pictureShown(page);
      assert.equal(await progress(page), start + 2, "where it was before the reload");
      await press(page, "u", /Saved: Uncertain/);
      // The view is changed by keys too, and starts anew with the next picture.
      await page.keyboard.press("+");
      assert.match((await desk(page).getByRole("img").getAttribute("style")) ?? "", /scale\(1\.5\)/);
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press(".");
      await desk(page).getByText("Light 110 %").waitFor();
      await page.keyboard.press("c");
      await desk(page).getByText("How sure: low").last().waitFor();
      await page.keyboard.press("i");
      await page.keyboard.type("at the left edge; keys like 1 and p are text here");
      await page.keyboard.press("Escape");
      await press(page, "4", /Saved: Several colours/);
      await page.keyboard.press("k");
      await page.getByText("Paused. The picture is hidden").waitFor();
      assert.equal(await desk(page).getByRole("img").count(), 0);
      await page.keyboard.press("1");
      await page.keyboard.press("k");
      const before = (await desk(page).getByRole("img").getAttribute("src")) ?? "";
      await press(page, "p", /Hidden and reported/);
      await pictureShown(page);
      assert.notEqual(await desk(page).getByRole("img").getAttribute("src"), before);
      assert.equal(await page.evaluate(`new Promise((resolve) => Object.assign(new Image(), { onload: () => resolve("there"), onerror: () => resolve("gone"), src: ${JSON.stringify(before)} }))`), "gone", "let go from memory");
      await press(page, "x", /Saved: Cannot be graded/);
      await allSaved(page);
      assert.equal(await progress(page), start + 6);

      await page.getByRole("button", { name: "Check it here" }).click();
      await page.getByText(/\d+ receipts recomputed in this browser: every signature is right and none is missing/).waitFor();
      await assertAccessible(page);
      assert.deepEqual(visit.complaints.filter((text) => !text.includes("ERR_FILE_NOT_FOUND")), []);
      await visit.close();
    });

    it("lets a second reader verify, who learns of the first one's answer only afterwards", async () => {
      const visit = await enter(SECOND);
      const { page } = visit;
      await pictureShown(page);
      await page.getByRole("radio", { name: "Verify" }).check();
      await pictureShown(page);
      await page.keyboard.press("1");
      assert.equal(await desk(page).getByRole("button", { name: /^1 Even/ }).getAttribute("aria-pressed"), "true");
      assert.equal(await desk(page).locator(".annotate-said", { hasText: "first reader" }).count(), 0);
      await press(page, "Enter", /The first reader said|Not compared/);
      await allSaved(page);
      await assertAccessible(page);
      assert.deepEqual(visit.complaints, []);
      await visit.close();
    });

    it("takes other keys, and none", async () => {
      const visit = await enter(SECOND);
      const { page } = visit;
      await pictureShown(page);
      await page.getByText("Keys", { exact: true }).click();
      await page.getByRole("button", { name: "Uncertain: U. Change" }).click();
      await page.keyboard.press("p");
      await page.getByText("That key is “A person can be recognised” already.").waitFor();
      await page.keyboard.press("q");
      await page.getByRole("button", { name: "Uncertain: Q. Change" }).waitFor();
      await desk(page).focus();
      await press(page, "q", /Saved: Uncertain/);
      await page.getByRole("checkbox", { name: "Keys are off" }).check();
      await desk(page).focus();
      const at = await progress(page);
      await page.keyboard.press("1");
      await page.waitForTimeout(300);
      assert.equal(await progress(page), at);
      await visit.close();
    });

    it("admits no stranger, and shows no picture without login", async () => {
      const visit = await enter(devAccount(60));
      await visit.page.getByText("This custodian does not admit your account.").waitFor();
      const { custodian } = world.deployment().services ?? {};
      const about = (await (await fetch(new URL("about", custodian))).json()) as { sets: { root: string }[] };
      const refused = await fetch(new URL(`sets/${about.sets[0]?.root}/tasks/0/picture`, custodian));
      assert.equal(refused.status, 401);
      await visit.close();
    });
  });
}
