import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { PNG } from 'pngjs';
import { PROJECT } from '../../host/install/pack';
import type { Editor } from './editor';

/** Where the pictures of the documentation are. */
export const IMAGES = join(PROJECT, 'docs', 'images');

const MOST_BYTES = 150_000;
const MOST_SHOTS = 20;
/**
 * From this difference of a colour, of 255, a picture looks different. Edges of letters are not
 * always drawn in exactly the same way.
 */
const SEEN_FROM = 24;

/** How much is shown around something. */
interface Margin {
  top: number;
  side: number;
  bottom: number;
}

/**
 * In pixels. The names of nodes stand below their boxes, and parts of nodes may stick out at the
 * sides.
 */
const NODE_MARGIN: Margin = { top: 24, side: 80, bottom: 64 };

/** The names of the pictures that were taken so far. */
export const taken: string[] = [];

/** A text that is different in each run, and what a picture shows instead. */
type Replacement = [pattern: RegExp, shown: string];

const CHANGING: Replacement[] = [
  [
    /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/,
    '6f1c2f0e-5f0c-4f57-9d0a-3b8f2f6f7a11',
  ],
  [/\b[0-9a-f]{32}\b/, '4f6b1c0d9a2e4b7f8c3d5e6f7a8b9c0d'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/, '2026-01-15T09:30:00.000Z'],
  [/\b\d\d:\d\d:\d\d\.\d{3}, \d+ [A-Z][a-z]{2}\b/, '09:30:00.000, 15 Jan'],
  [/\b(in|for) (\d+m )?[\d.]+m?s\b/, '$1 1s'],
  [/Session: [0-9a-f]{5}/, 'Session: 4f6b1'],
];

/** The run button of the canvas. It is busy as long as a trigger listens. */
const RUN_BUTTON = '[data-test-id=execute-workflow-button]';

/** Hides n8n's messages, which come and go by themselves. */
const STYLE = '.el-notification { visibility: hidden !important; }';

/** Also hides what floats over the canvas, which would hide nodes. */
const CANVAS_STYLE = [
  STYLE,
  ...['[data-test-id=canvas-controls]', '[data-test-id=node-creator-plus-button]', RUN_BUTTON].map(
    (floating) =>
      `${floating}, div:has(${floating}):not(:has(.vue-flow__node)) ` +
      '{ visibility: hidden !important; }',
  ),
].join('\n');

/** What of the page a picture shows. */
export interface Look {
  /** Only this part; by default the whole page. */
  of?: Locator;
  /** Only the area that these parts cover together. They must be visible. */
  around?: Locator;
  /** The margin of `around`, in pixels; by default what nodes on a canvas need. */
  margin?: Margin;
}

/**
 * Writes `docs/images/<name>.png`. A picture that looks like the one there is left alone, so that
 * taking it again changes no file.
 * @throws {Error} if it is larger than a page of documentation should load
 */
export async function picture(
  { page, testBed }: Editor,
  name: string,
  { of, around, margin = NODE_MARGIN }: Look = {},
): Promise<void> {
  const replacements: Replacement[] = [
    [new RegExp(`127\\.0\\.0\\.1:${testBed.n8n.port}\\b`), '127.0.0.1:5678'],
    [/127\.0\.0\.1:(?!5678)\d+/, '127.0.0.1:4010'],
    ...CHANGING,
  ];
  const patterns = replacements.map(([{ source }, shown]) => [source, shown]);
  await page.mouse.move(0, 0);
  const busy = page.locator(`button[aria-busy=true]:not(${RUN_BUTTON})`).filter({ visible: true });
  await busy.first().waitFor({ state: 'hidden' });
  const png = await settled(async () => {
    await page.evaluate(`replaceTexts(${JSON.stringify(patterns)})`);
    const options = {
      animations: 'disabled',
      caret: 'hide',
      style: around ? CANVAS_STYLE : STYLE,
    } as const;
    const shot = of
      ? await of.screenshot(options)
      : await page.screenshot({
          ...options,
          ...(around && { clip: await boxAround(around, margin) }),
        });
    await page.evaluate('restoreTexts()');
    return shot;
  });
  if (png.length > MOST_BYTES)
    throw new Error(`${name}.png has ${png.length} bytes, more than ${MOST_BYTES}.`);
  const file = join(IMAGES, `${name}.png`);
  if (!looksLike(png, await readFile(file).catch(() => undefined))) {
    await mkdir(IMAGES, { recursive: true });
    await writeFile(file, png);
  }
  taken.push(name);
}

type Box = { x: number; y: number; width: number; height: number };

async function boxAround(parts: Locator, { top, side, bottom }: Margin): Promise<Box> {
  const boxes = (
    await Promise.all((await parts.all()).map(async (part) => await part.boundingBox()))
  ).filter((box) => box !== null);
  const x = Math.min(...boxes.map((box) => box.x)) - side;
  const y = Math.min(...boxes.map((box) => box.y)) - top;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + side;
  const end = Math.max(...boxes.map((box) => box.y + box.height)) + bottom;
  return { x, y, width: right - x, height: end - y };
}

/**
 * Takes shots until two in a row look alike: while the page changes, they don't.
 * @throws {Error} after `MOST_SHOTS`
 */
async function settled(shoot: () => Promise<Buffer>): Promise<Buffer> {
  let last = await shoot();
  for (let tries = 1; tries < MOST_SHOTS; tries++) {
    const next = await shoot();
    if (looksLike(next, last)) return next;
    last = next;
  }
  throw new Error(`The page has not settled: ${MOST_SHOTS} pictures of it, no two in a row alike.`);
}

function looksLike(png: Buffer, before: Buffer | undefined): boolean {
  if (!before) return false;
  const [a, b] = [PNG.sync.read(png), PNG.sync.read(before)];
  if (a.width !== b.width || a.height !== b.height) return false;
  return a.data.every((value, index) => Math.abs(value - (b.data[index] as number)) < SEEN_FROM);
}
