// The status page in Chromium: what people see and can do there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, describe, test } from "node:test";

import { axeFile, startBrowser, startFederation } from "./browser.mjs";

const LIST_ROWS = ".rows > li";
const FAILING = 5;

let browser;
let federation;

before(async () => {
  browser = await startBrowser();
  federation = await startFederation("--hostile");
});

after(async () => {
  await browser?.close();
  await federation?.stop();
});

let contexts = [];
let troubles = [];

afterEach(async () => {
  await Promise.all(contexts.map((each) => each.close()));
  contexts = [];
});

// A tab that remembers what must not happen: dialogs, errors, violations of the page's policy.
async function open(path = "", options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  contexts.push(context);
  const page = await context.newPage();
  troubles = [];
  page.on("dialog", (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) troubles.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(federation.url)) troubles.push(`asked for ${request.url()}`);
  });
  await page.goto(`${federation.url}/${path}`);
  return page;
}

const namesIn = (page) => page.locator(`${LIST_ROWS} h3`).allTextContents();
const server = (name) => `servers/${name}.demo.example`;

async function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

describe("the list", () => {
  test("has every homeserver, the failing ones first, each with a word and its cause", async () => {
    const page = await open();
    assert.equal((await namesIn(page)).length, federation.servers);
    const labels = await page.locator(`${LIST_ROWS} .standing strong`).allTextContents();
    const firstGood = labels.findIndex((label) => label !== "Failing");
    assert.ok(firstGood >= FAILING);
    assert.ok(!labels.slice(firstGood).includes("Failing"));
    const expired = page.locator(LIST_ROWS, { hasText: "expired.demo.example" }).first();
    assert.match(await expired.textContent(), /tls_cert_expired/);
    assert.match(await expired.textContent(), /expired 24 hours ago|expired 1 day ago/);
    assert.deepEqual(troubles, []);
  });

  test("counts every state, and each count leads to those homeservers", async () => {
    const page = await open();
    for (const state of ["failing", "warning", "ok"]) {
      const tally = page.locator(`.tally.${state}`);
      const count = Number(await tally.locator(".number").textContent());
      assert.ok(count > 0);
      await tally.click();
      await page.waitForURL(new RegExp(`state=${state}`));
      assert.equal((await namesIn(page)).length, count);
      await page.locator(".tally.all").click();
    }
  });

  test("follows what is typed", async () => {
    const page = await open();
    await page.getByRole("searchbox").pressSequentially("half");
    await page.waitForFunction((rows) => document.querySelectorAll(rows).length === 1, LIST_ROWS);
    assert.deepEqual(await namesIn(page), ["half.demo.example"]);
    assert.match(page.url(), /\?q=half$/);
    assert.equal(await page.getByRole("searchbox").inputValue(), "half");
  });

  test("is filtered and sorted without JavaScript", async () => {
    const page = await open("", { javaScriptEnabled: false });
    await page.getByRole("searchbox").fill("demo");
    await page.getByLabel("Group").selectOption("working");
    await page.getByLabel("Sort").selectOption("name");
    await page.getByRole("button", { name: "Show" }).click();
    const names = await namesIn(page);
    assert.ok(names.length > 3);
    assert.deepEqual(names, [...names].sort());
    assert.equal(await page.getByLabel("Sort").inputValue(), "name");
    await page.locator("h3 a").first().click();
    assert.match(await page.locator("h1").textContent(), /demo\.example/);
  });

  test("says what is wrong with its address", async () => {
    const page = await open("?stat=failing");
    assert.match(await page.locator("main").textContent(), /no parameter “stat”.*state meant/);
  });
});

describe("a homeserver's page", () => {
  test("tells where the way broke and what to do", async () => {
    const page = await open(server("expired"));
    assert.match(await page.locator("#verdict").textContent(), /cannot reach it/);
    assert.equal(await page.locator(".step .broken").count(), 1);
    assert.match(await page.locator(".step", { hasText: "broken here" }).textContent(), /TLS/);
    assert.match(await page.locator(".cause-section pre").first().textContent(), /openssl/);
    assert.deepEqual(troubles, []);
  });

  test("shows the delegation of a healthy one", async () => {
    const page = await open(server("delegated"));
    const step = page.locator(".step", { has: page.locator("h3", { hasText: ".well-known" }) });
    assert.match(await step.textContent(), /m\.server: matrix\.delegated\.demo\.example:443/);
    assert.equal(await page.locator(".step.failing").count(), 0);
  });

  test("of a name that is not configured offers those that are near", async () => {
    const page = await open(server("expird"));
    troubles = []; // the console's line about the 404
    await page.getByRole("link", { name: "expired.demo.example" }).click();
    assert.equal(await page.locator("h1").textContent(), "expired.demo.example");
  });
});

describe("a hostile homeserver", () => {
  test("stays text everywhere", async () => {
    const page = await open("?q=hostile");
    assert.match(await page.locator("#list").textContent(), /<script>alert\(1\)<\/script>/);
    for (const name of await namesIn(page)) {
      await page.goto(`${federation.url}/servers/${name}`);
      await page.evaluate(() => {
        for (const each of document.querySelectorAll("details")) each.open = true;
      });
      assert.equal(await page.locator("script").count(), 1);
      assert.equal(await page.locator("img").count(), 0);
    }
    assert.deepEqual(troubles, []);
  });

  test("can say nothing in the address that becomes markup", async () => {
    const page = await open(`?q=${encodeURIComponent("\"><script>alert(3)</script>")}`);
    assert.equal(await page.getByRole("searchbox").inputValue(), "\"><script>alert(3)</script>");
    assert.equal(await page.locator("script").count(), 1);
    assert.deepEqual(troubles, []);
  });
});

describe("on every screen", () => {
  for (const width of [320, 360, 768, 1280, 2560]) {
    test(`nothing is wider than ${width} pixels`, async () => {
      const page = await open("", { viewport: { width, height: 800 } });
      assert.ok((await overflow(page)) <= 0);
      for (const name of ["expired", "delegated", "hostile", "half"]) {
        await page.goto(`${federation.url}/${server(name)}`);
        await page.evaluate(() => {
          for (const each of document.querySelectorAll("details")) each.open = true;
        });
        assert.ok((await overflow(page)) <= 0, name);
      }
    });
  }

  test("dark is dark and light is light", async () => {
    const brightness = async (colorScheme) => {
      const page = await open("", { colorScheme });
      return page.evaluate(() =>
        Number(getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]));
    };
    assert.ok((await brightness("dark")) < 60);
    assert.ok((await brightness("light")) > 200);
  });
});

describe("for everybody", () => {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing serious (${colorScheme})`, async () => {
      // Axe is evaluated as the browser's own script: the page's policy stays in force.
      for (const path of ["", "?q=nobody", server("expired"), server("half"), server("nobody")]) {
        const page = await open(path, { colorScheme });
        await page.evaluate(() => {
          for (const each of document.querySelectorAll("details")) each.open = true;
        });
        await page.evaluate(readFileSync(axeFile(), "utf8"));
        const { violations } = await page.evaluate(() => axe.run());
        const grave = violations.filter((each) => each.impact !== "minor");
        assert.deepEqual(grave.map((each) => [path, each.id, each.nodes[0].html]), []);
      }
    });
  }

  test("the keyboard alone reaches the content, the filter and a homeserver", async () => {
    const page = await open();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    const reached = new Set();
    for (let i = 0; i < 14; ++i) {
      await page.keyboard.press("Tab");
      reached.add(await page.evaluate(() =>
        document.activeElement.name || document.activeElement.closest("h3, .tally")?.className ||
          document.activeElement.closest("h3")?.tagName));
    }
    for (const wanted of ["q", "state", "group", "sort", "tally failing", "H3"]) {
      assert.ok(reached.has(wanted), `${wanted} in ${[...reached]}`);
    }
  });

  test("a screen reader hears headings and states in words", async () => {
    const page = await open(server("expired"));
    const headings = await page.getByRole("heading").allTextContents();
    assert.equal(headings[0], "expired.demo.example");
    assert.ok(headings.includes("The way to it"));
    await page.getByRole("heading", { name: /TLS.*broken here/ }).waitFor();
  });
});

describe("live", () => {
  const REFRESH_MS = 16_000;

  test("a page takes over what is new, and leaves focus, search and scroll alone", async () => {
    const page = await open("?q=demo", { viewport: { width: 1280, height: 400 } });
    await page.clock.install();
    await page.reload();
    await page.locator("h3 a").nth(3).focus();
    const focused = await page.evaluate(() => document.activeElement.textContent);
    await page.evaluate(() => {
      scrollTo(0, 300);
      document.querySelector("#list h3").textContent = "of before";
    });
    await page.clock.runFor(REFRESH_MS);
    await page.waitForFunction(() => document.querySelector("#list h3").textContent !== "of before");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), focused);
    assert.equal(await page.evaluate(() => scrollY), 300);
    assert.equal(await page.getByRole("searchbox").inputValue(), "demo");
    assert.deepEqual(troubles, []);
  });

  test("what was opened stays open", async () => {
    const page = await open(server("half"));
    await page.clock.install();
    await page.reload();
    await page.locator("#other-checks > summary").click();
    await page.evaluate(() => {
      document.querySelector("#checks").textContent = "of before";
    });
    await page.clock.runFor(REFRESH_MS);
    await page.waitForFunction(() => document.querySelector("#checks").textContent === "Checks");
    assert.equal(await page.locator("#other-checks").getAttribute("open"), "");
  });

  test("a hidden page asks for nothing", async () => {
    const page = await open();
    await page.addInitScript(() => Object.defineProperty(document, "hidden", { value: true }));
    await page.clock.install();
    await page.reload();
    let refreshes = 0;
    page.on("request", (request) => {
      if (request.resourceType() === "fetch") ++refreshes;
    });
    await page.clock.runFor(3 * REFRESH_MS);
    assert.equal(refreshes, 0);
  });

  test("a page says when the exporter does not answer any more", async () => {
    const page = await open();
    await page.clock.install();
    await page.reload();
    await page.route("**/*", (route) => route.abort());
    await page.clock.runFor(REFRESH_MS);
    await page.getByRole("status").filter({ hasText: "No answer from the exporter" }).waitFor();
  });
});

describe("check now", () => {
  // The answers of the API, which has tests of its own.
  async function openWithAnswer(answer) {
    const page = await open(server("half"));
    await page.evaluate(() => {
      document.getElementById("verdict").dataset.checked = "long before";
    });
    await page.route("**/api/v1/servers/**", (route) => route.fulfill(answer));
    await page.getByRole("button", { name: "Check now" }).click();
    return page;
  }

  test("says that the check is under way and then that it has ended", async () => {
    const page = await openWithAnswer({ status: 202 });
    await page.getByRole("status").filter({ hasText: "Checking…" }).waitFor();
    await page.getByRole("status").filter({ hasText: "Checked." }).waitFor();
  });

  test("says when it is possible again", async () => {
    const page = await openWithAnswer({ status: 429, headers: { "Retry-After": "25" } });
    await page.getByRole("status").filter({ hasText: "in 25 seconds" }).waitFor();
  });

  test("is a form that works without JavaScript", async () => {
    const page = await open(server("half"), { javaScriptEnabled: false });
    const form = page.locator("form.check-now");
    assert.equal(await form.getAttribute("method"), "post");
    assert.equal(await form.getAttribute("action"), "../api/v1/servers/half.demo.example/check");
  });
});
