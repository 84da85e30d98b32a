import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type Page, selectors } from 'playwright-core';
import { ensureHost } from '../../host/install/install';
import { OWNER } from '../../host/n8n/api';
import { progressLines } from '../../host/install/progress';
import { openStage, type Stage } from '../../host/demo/stage';
import { startChromium } from './chromium';
import { Editor } from './editor';

/** How long a wait for something on a page may last, in milliseconds: n8n's first pages load slowly on a busy machine. */
const WAIT_MS = 45_000;

/** Wide enough for the head of a node's output. */
const VIEWPORT = { width: 1400, height: 800 };

/** A real n8n with the packed nodes and a simulated Baseten, and a browser that is signed in to it. */
export interface Scene {
  stage: Stage;
  /**
   * Does `work` in a tab of its own and closes that.
   * When the work fails or takes longer than `withinMs`, the error names a folder with what the page showed.
   */
  inEditor(work: (editor: Editor) => Promise<void>, withinMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts everything; leaves nothing behind when that fails. */
export async function openScene(): Promise<Scene> {
  const progress = progressLines();
  const host = await ensureHost(progress.show).finally(progress.stop);
  // What n8n marks its parts with.
  selectors.setTestIdAttribute('data-test-id');
  const browser = await startChromium();
  let started: Stage | undefined;
  try {
    const stage = await openStage({ host });
    started = stage;
    const context = await signedIn(browser, stage.n8n.url);
    return {
      stage,
      inEditor: async (work, withinMs) => await inEditor(context, stage, work, withinMs),
      async close() {
        await browser.close();
        await stage.close();
      },
    };
  } catch (error) {
    await browser.close();
    await started?.close();
    throw error;
  }
}

/** A browser's profile in which the owner is signed in. It reaches nothing but this machine. */
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
  stage: Stage,
  work: (editor: Editor) => Promise<void>,
  withinMs: number,
): Promise<void> {
  const page = await context.newPage();
  // Asked when a page with unsaved changes is left.
  page.on('dialog', (dialog) => void dialog.accept().catch(() => undefined));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Not done after ${withinMs / 1000} s.`)), withinMs);
  });
  try {
    await Promise.race([work(new Editor(page, stage)), late]);
  } catch (error) {
    const kept = await keepPage(page).catch((failure: Error) => `nothing (${failure.message})`);
    throw new Error(`${(error as Error).message}\nWhat the page showed: ${kept}`, { cause: error });
  } finally {
    clearTimeout(timer);
    await page.close();
  }
}

/** Leaves a picture and the text of a page in a new temporary folder. */
async function keepPage(page: Page): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-baseten-browser-'));
  await page.screenshot({ path: join(folder, 'page.png') });
  await writeFile(
    join(folder, 'page.txt'),
    `${page.url()}\n\n${await page.locator('body').innerText()}\n`,
  );
  return folder;
}
