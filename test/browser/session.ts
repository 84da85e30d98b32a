import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type Dialog,
  type Page,
  selectors,
} from 'playwright-core';
import { OWNER } from '../../host/n8n/api';
import { FAST_WEBHOOKS, type SimulatedTestBed, type TestBed } from '../../host/n8n/testBed';
import { keptFolder } from '../../host/temporaryFolder';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';
import { startChromium } from './chromium';
import { Editor } from './editor';

/**
 * How many milliseconds to wait for something on a page: n8n's first pages load slowly on a busy
 * machine.
 */
const WAIT_MS = 45_000;

/** In pixels; wide enough for the head of a node's output. */
const VIEWPORT = { width: 1400, height: 800 };

/**
 * A real n8n with the packed nodes and a simulated Baseten, and a browser that is signed in to it.
 */
export interface BrowserSession {
  testBed: SimulatedTestBed;
  /**
   * Does `work` in a tab of its own and closes the tab.
   * @throws {Error} if the work fails or takes longer than `withinMs`; it names a folder with what
   * the page showed
   */
  inEditor(work: (editor: Editor) => Promise<void>, withinMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts everything. Leaves nothing behind if that fails. */
export async function openSession(): Promise<BrowserSession> {
  const host = await installedHost();
  // The attribute with which n8n marks its parts.
  selectors.setTestIdAttribute('data-test-id');
  const browser = await startChromium();
  let started: SimulatedTestBed | undefined;
  try {
    const testBed = await startTestBed({ host, env: FAST_WEBHOOKS });
    started = testBed;
    const context = await signedIn(browser, testBed.n8n.url);
    return {
      testBed,
      inEditor: async (work, withinMs) => await inEditor(context, testBed, work, withinMs),
      async close() {
        await browser.close();
        await testBed.close();
      },
    };
  } catch (error) {
    await browser.close();
    await started?.close();
    throw error;
  }
}

/** Makes a browser profile in which the owner is signed in. It reaches only this machine. */
async function signedIn(browser: Browser, url: string): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: VIEWPORT,
    locale: 'en-US',
    timezoneId: 'UTC',
  });
  context.setDefaultTimeout(WAIT_MS);
  await context.addInitScript({ path: join(__dirname, 'inPage.js') });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
  await context.route(
    ({ hostname, protocol }) => protocol.startsWith('http') && hostname !== '127.0.0.1',
    async (route) => await route.abort(),
  );
  const page = await context.newPage();
  await page.goto(`${url}/signin`);
  await page.fill('input[name=emailOrLdapLoginId]', OWNER.email);
  await page.fill('input[type=password]', OWNER.password);
  await page.getByTestId('form-submit-button').click();
  await page.waitForURL(({ pathname }) => !pathname.startsWith('/signin'));
  await page.close();
  return context;
}

async function inEditor(
  context: BrowserContext,
  testBed: TestBed,
  work: (editor: Editor) => Promise<void>,
  withinMs: number,
): Promise<void> {
  const page = await context.newPage();
  // n8n asks when somebody leaves a page with unsaved changes.
  page.on('dialog', (dialog) => void accept(dialog));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Not done after ${withinMs / 1000} s.`)), withinMs);
  });
  try {
    await Promise.race([work(new Editor(page, testBed)), late]);
  } catch (error) {
    throw new Error(`${(error as Error).message}\nWhat the page showed: ${await keepPage(page)}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    await page.close();
  }
}

async function accept(dialog: Dialog): Promise<void> {
  try {
    await dialog.accept();
  } catch {
    // The page was closed first.
  }
}

/**
 * Leaves a picture and the text of a page in a new folder. Returns its path, or why there is
 * nothing.
 */
async function keepPage(page: Page): Promise<string> {
  try {
    return await savePage(page);
  } catch (error) {
    return `nothing (${(error as Error).message})`;
  }
}

async function savePage(page: Page): Promise<string> {
  const folder = await keptFolder('browser');
  await page.screenshot({ path: join(folder, 'page.png') });
  await writeFile(
    join(folder, 'page.txt'),
    `${page.url()}\n\n${await page.locator('body').innerText()}\n`,
  );
  return folder;
}
