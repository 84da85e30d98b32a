import { execFileSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';
import { Problem } from '../../host/problem';

/** `--no-sandbox`: Chromium refuses to start as root with it; the only pages it opens are ours. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts the system's Chromium without a window.
 * @throws {Problem} that names the package, if it is not installed
 */
export async function startChromium(): Promise<Browser> {
  return await chromium.launch({ executablePath: findChromium(), headless: true, args: FLAGS });
}

function findChromium(): string {
  try {
    return execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
  } catch {
    throw new Problem(
      'These tests need the program chromium: ' +
        'on Debian, install the package chromium (apt-get install chromium).',
    );
  }
}
