// Ten thousand homeservers: the page stays a page, and its numbers are right.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startBrowser, startFederation } from "./browser.mjs";

const REFUSING = 10_000;
const PAGE_SIZE = 200;

let browser;
let federation;
let page;

before(async () => {
  browser = await startBrowser();
  federation = await startFederation("--refusing", String(REFUSING), "--prefix", "/federation");
  page = await browser.newPage();
  await page.goto(`${federation.url}/`);
});

after(async () => {
  await browser?.close();
  await federation?.stop();
});

test("all are counted, and a page of them is shown", async () => {
  const all = Number(await page.locator(".tally.all .number").textContent());
  assert.equal(all, federation.servers);
  assert.ok(Number(await page.locator(".tally.failing .number").textContent()) >= REFUSING);
  assert.equal(await page.locator(".rows > li").count(), PAGE_SIZE);
});

test("every page follows the one before it", async () => {
  const first = await page.locator("h3").allTextContents();
  await page.getByRole("link", { name: "Next" }).click();
  await page.waitForURL(/page=2/);
  const second = await page.locator("h3").allTextContents();
  assert.equal(second.length, PAGE_SIZE);
  assert.ok(second.every((name) => !first.includes(name)));
});

test("one of them is found by its name, below the prefix", async () => {
  await page.getByRole("searchbox").fill("half.demo");
  await page.waitForFunction(() => document.querySelectorAll(".rows > li").length === 1);
  await page.getByRole("link", { name: "half.demo.example" }).click();
  assert.equal(page.url(), `${federation.url}/servers/half.demo.example`);
  assert.equal(await page.locator("h1").textContent(), "half.demo.example");
  await page.getByRole("link", { name: "Matrix federation" }).click();
  assert.equal(page.url(), `${federation.url}/`);
});
