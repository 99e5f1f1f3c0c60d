import { type Browser, chromium } from "playwright-core";

/**
 * The system's Chromium, without a face. It trusts the gateway's internal CA by not asking: what is tested is the login,
 * and TLS has tests of its own.
 */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
