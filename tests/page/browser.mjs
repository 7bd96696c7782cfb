// Chromium, and the exporter on a federation of this machine for it to look at.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
export const PROJECT = dirname(dirname(HERE));
const TOOLS = process.env.PAGE_TOOLS || join(PROJECT, "build", "page-tools");
const BINARY =
  process.env.MATRIX_FEDERATION_EXPORTER || join(PROJECT, "build/release/matrix-federation-exporter");
const CHROMIUM = process.env.CHROMIUM || "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update",
];

// Why nothing can be run here; "" when it can.
export function missing() {
  if (!existsSync(join(TOOLS, "node_modules"))) return "scripts/install-page-tools was not run";
  if (!existsSync(CHROMIUM)) return `there is no ${CHROMIUM}`;
  return "";
}

// The tools are not beside this file, where an import would look for them.
const requireTool = () => createRequire(join(TOOLS, "package.json"));

export function axeFile() {
  return requireTool().resolve("axe-core/axe.min.js");
}

export async function startBrowser() {
  const { chromium } = requireTool()("playwright-core");
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

// Resolves once every homeserver was probed. `stop` ends it and waits for that.
export async function startFederation(...options) {
  const child = spawn(
    "/usr/bin/python3",
    [join(HERE, "federation.py"), "--binary", BINARY, ...options],
    { stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } },
  );
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue;
    const told = JSON.parse(line);
    if (told.probed === told.servers) return { ...told, stop };
    break;
  }
  await stop();
  throw new Error("the federation did not come up");
}
