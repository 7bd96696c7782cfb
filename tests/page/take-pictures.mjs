// Pictures of the status page: take-pictures.mjs DIRECTORY

import { join } from "node:path";

import { startBrowser, startFederation } from "./browser.mjs";

const PICTURES = [
  { file: "status-page.png", path: "", width: 1280, height: 900, colorScheme: "light" },
  {
    file: "status-page-server.png",
    path: "servers/half.demo.example",
    width: 1280,
    height: 1000,
    colorScheme: "dark",
  },
  {
    file: "status-page-phone.png",
    path: "servers/expired.demo.example",
    width: 390,
    height: 844,
    colorScheme: "light",
  },
];

const directory = process.argv[2];
const federation = await startFederation();
const browser = await startBrowser();
try {
  for (const { file, path, width, height, colorScheme } of PICTURES) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(`${federation.url}/${path}`);
    await page.screenshot({ path: join(directory, file) });
    await page.close();
  }
} finally {
  await browser.close();
  await federation.stop();
}
